# SPDX-License-Identifier: EUPL-1.2
"""On what kind of file system a path lies: decides what overwriting is worth."""

from __future__ import annotations

import sys
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")


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
