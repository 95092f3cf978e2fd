# SPDX-License-Identifier: EUPL-1.2
"""Keeps the memory of a process, which holds keys and sound, from the user's other processes.

Linux only: elsewhere it does nothing. Root can read all memory everywhere.
"""

from __future__ import annotations

import contextlib
import sys

_PR_SET_DUMPABLE = 4  # linux/prctl.h


def shut_memory() -> None:
    """Forbid others of the same user to attach to this process, and the system to dump it.

    It does not pass on to a process that is begun: each says so for itself (prctl(2)).
    """
    if sys.platform != "linux":
        return
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import ctypes  # noqa: PLC0415 - takes time that --help has not

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
