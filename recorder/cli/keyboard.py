# SPDX-License-Identifier: EUPL-1.2
"""Single key presses from a terminal. Not verified on Windows."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator

_TICK = 0.1


@contextlib.contextmanager
def single_keys(pressed: Callable[[str], None]) -> Iterator[None]:
    """Read keys one by one while the body runs, without waiting for Enter.

    Args:
        pressed: Told of each key, from another thread.
    """
    stop = threading.Event()
    with _unbuffered():
        reader = threading.Thread(target=_read, args=(pressed, stop), daemon=True)
        reader.start()
        try:
            yield
        finally:
            stop.set()
            reader.join(timeout=2 * _TICK)


def _read(pressed: Callable[[str], None], stop: threading.Event) -> None:
    while not stop.is_set():
        key = _next_key()
        if key is None:
            return
        if key:
            pressed(key)


if sys.platform == "win32":
    import msvcrt
    import time

    @contextlib.contextmanager
    def _unbuffered() -> Iterator[None]:
        yield

    def _next_key() -> str | None:
        if msvcrt.kbhit():
            return msvcrt.getwch()
        time.sleep(_TICK)
        return ""

else:
    import os
    import select
    import termios
    import tty

    @contextlib.contextmanager
    def _unbuffered() -> Iterator[None]:
        descriptor = sys.stdin.fileno()
        before = None
        # A terminal may be closed at any moment: there are no keys then, and no more to put back.
        with contextlib.suppress(termios.error):
            before = termios.tcgetattr(descriptor)
            tty.setcbreak(descriptor)
        try:
            yield
        finally:
            if before is not None:
                with contextlib.suppress(termios.error):
                    termios.tcsetattr(descriptor, termios.TCSADRAIN, before)

    def _next_key() -> str | None:
        """Wait a moment for a key; none means that no more can come."""
        try:
            descriptor = sys.stdin.fileno()
            ready, _write, _error = select.select([descriptor], [], [], _TICK)
            if not ready:
                return ""
            return os.read(descriptor, 1).decode("latin-1") or None
        except (OSError, ValueError):
            return None
