# SPDX-License-Identifier: EUPL-1.2
"""Overwriting a file once, and on what kind of file system it lies: what that is worth.

Limits: on file systems that copy on write and on flash, the old blocks stay. Overwriting is best
effort always; what makes content unreadable is that its key is gone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from recorder.durable import DurableFile

_MOUNTS = Path("/proc/self/mountinfo")
_BLOCK = 1 << 20


def overwrite_once(path: Path) -> int:
    """Write noise over a file in place and sync it.

    Args:
        path: The file.

    Returns:
        How many bytes were overwritten; 0 where it is missing or it could not be done (a full
        disk that copies on write has no room even for that).
    """
    try:
        size = path.stat().st_size
        noise = os.urandom(min(_BLOCK, size))
        with DurableFile.overwrite(path) as file:
            while file.size < size:
                file.write(noise[: min(_BLOCK, size - file.size)])
            file.sync()
    except OSError:
        return 0
    return size


def file_system_of(path: Path) -> str:
    """Name the file system that holds a path.

    Args:
        path: Any existing path.

    Returns:
        Its type as the kernel names it (``ext4``, ``btrfs``, …), else ``unknown``. See
        proc_pid_mountinfo(5).
    """
    if not sys.platform.startswith("linux"):
        return "unknown"
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "unknown"
    best, kind = Path("/"), "unknown"
    resolved = path.resolve()
    for line in lines:
        left, _, right = line.partition(" - ")
        fields = left.split()
        point = Path(fields[4].replace("\\040", " "))
        # The last line of a mount point wins: it lies on top.
        if resolved.is_relative_to(point) and len(point.parts) >= len(best.parts):
            best, kind = point, right.split()[0]
    return kind
