# SPDX-License-Identifier: EUPL-1.2
"""A disk of one's own: a file system in a file, and everything that was ever written to it.

Rule: where loop mounts are impossible, the test is skipped and says so; as root on a machine that
has loop devices it must run, so a mount that fails there fails the test.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

# Freed blocks must stay in the image: an adversary's disk forgets nothing on its own.
_OPTIONS = {"ext4": "loop,nodiscard", "btrfs": "loop,nodiscard"}
_MEGABYTES = {"ext4": 96, "btrfs": 160}
PACKAGES = {"ext4": "e2fsprogs", "btrfs": "btrfs-progs"}


@dataclass(frozen=True)
class Disk:
    """A mounted disk."""

    image: Path
    root: Path

    def raw(self) -> bytes:
        """Everything that is on the medium now, metadata and freed blocks included."""
        subprocess.run(["sync", "--file-system", str(self.root)], check=True)
        with self.image.open("rb") as file:
            return b"".join(_stored(file.fileno(), self.image.stat().st_size))

    def make_read_only(self) -> None:
        """Write-protect it."""
        subprocess.run(["mount", "-o", "remount,ro", str(self.root)], check=True)

    def make_writable(self) -> None:
        """Take the write protection away."""
        subprocess.run(["mount", "-o", "remount,rw", str(self.root)], check=True)


def require_loop_mounts() -> None:
    """Skip, loudly, where file systems cannot be mounted from files."""
    if os.geteuid() != 0:
        pytest.skip("NOT PROVEN HERE: loop mounts need root")
    if not Path("/dev/loop-control").exists():
        pytest.skip("NOT PROVEN HERE: this machine has no loop devices")


@contextlib.contextmanager
def mounted(directory: Path, kind: str, megabytes: int | None = None) -> Iterator[Disk]:
    """Make and mount a new disk.

    Args:
        directory: For the image and the place to mount it.
        kind: ``ext4`` or ``btrfs``.
        megabytes: How large; by default enough for some recordings.
    """
    require_loop_mounts()
    image, root = directory / f"{kind}.img", directory / "disk"
    root.mkdir()
    with image.open("wb") as file:
        file.truncate((megabytes or _MEGABYTES[kind]) << 20)
    made = subprocess.run([f"mkfs.{kind}", "-q", str(image)], capture_output=True, check=False)
    assert made.returncode == 0, (PACKAGES[kind], made.stderr)
    subprocess.run(["mount", "-o", _OPTIONS[kind], str(image), str(root)], check=True)
    try:
        yield Disk(image, root)
    finally:
        subprocess.run(["umount", "--lazy", str(root)], check=True)


def _stored(descriptor: int, size: int) -> Iterator[bytes]:
    """Read what is not a hole; the separator keeps two extents from forming one match."""
    position = 0
    while position < size:
        try:
            begin = os.lseek(descriptor, position, os.SEEK_DATA)
        except OSError:
            return  # nothing but a hole is left
        position = os.lseek(descriptor, begin, os.SEEK_HOLE)
        yield os.pread(descriptor, position - begin, begin)
        yield b"\x00" * 16
