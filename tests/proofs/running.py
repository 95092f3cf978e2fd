# SPDX-License-Identifier: EUPL-1.2
"""Runs a proof in a process of its own and gives what it found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import TypeVar

import msgspec

_RUNNER = Path(__file__).parent / "runner.py"
_MEMORY = Path("/dev/shm")
_ROOM = 512 << 20
_Found = TypeVar("_Found")


@contextmanager
def quick_folder(usual: Path) -> Iterator[Path]:
    """Give a folder in memory where there is room: what is proven here asks nothing of a disk.

    Args:
        usual: Where to work otherwise.

    Yields:
        The folder; it is removed afterwards.
    """
    is_roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
    found = Path(mkdtemp(prefix="proof-", dir=_MEMORY if is_roomy else usual))
    try:
        yield found
    finally:
        shutil.rmtree(found, ignore_errors=True)


def found_by(kind: type[_Found], usual: Path, proof: str, name: str, *numbers: int) -> _Found:
    """Run a proof.

    Args:
        kind: What it finds.
        usual: A folder to work in.
        proof: Which.
        name: Its scenario.
        numbers: Its two parameters.

    Returns:
        What it found.
    """
    with quick_folder(usual) as folder:
        command = [sys.executable, str(_RUNNER), proof, str(folder), name, *map(str, numbers)]
        # Threads of a library would make forking unsafe.
        settings = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        ended = subprocess.run(command, capture_output=True, text=True, env=settings, check=False)
    assert ended.returncode == 0, ended.stderr[-4000:]
    return msgspec.json.decode(ended.stdout, type=kind)
