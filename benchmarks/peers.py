# SPDX-License-Identifier: EUPL-1.2
"""The tools beside which the program is measured."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from benchmarks.measure import Cost, run

PACKAGES = {
    "flac": "flac",
    "openssl": "openssl",
    "shred": "coreutils",
    "parecord": "pulseaudio-utils",
    "pulseaudio": "pulseaudio",
}


def missing() -> list[str]:
    """Name the packages that are not installed."""
    return sorted({package for tool, package in PACKAGES.items() if not shutil.which(tool)})


def encode(sound: Path, target: Path) -> Cost:
    """Encode a file as ``flac -5`` does."""
    return run(["flac", "-5", "--silent", "--force", "-o", target, sound])


def home_by_hand(sound: Path, work: Path) -> dict[str, Cost]:
    """Do by hand what the program does: hash, copy, sync, hash the copy, overwrite the original.

    Args:
        sound: Its bytes are copied before, so that this file stays.
        work: A folder on the same volume.

    Returns:
        What each command cost.
    """
    original, copy = work / "by-hand.flac", work / "by-hand-copy.flac"
    shutil.copyfile(sound, original)
    flush(original)
    steps = {
        "hash": run(["openssl", "dgst", "-sha256", original]),
        "cp": run(["cp", original, copy]),
        "sync": run(["sync", copy]),
        "hash copy": run(["openssl", "dgst", "-sha256", copy]),
        "shred": run(["shred", "-n1", "-u", original]),
    }
    copy.unlink()
    return steps


def openssl_hash(path: Path, *, is_cold: bool) -> Cost:
    """Hash a file.

    Args:
        path: The file.
        is_cold: Whether it has to come from the medium.

    Returns:
        What it cost.
    """
    if is_cold:
        flush(path)
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
    return run(["openssl", "dgst", "-sha256", path])


def flush(path: Path) -> None:
    """Wait until the medium has a file, so that nobody else pays for it."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
