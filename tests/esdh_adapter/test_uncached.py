# SPDX-License-Identifier: EUPL-1.2
"""Reading past the page cache gives the file's bytes, whatever its size and file system."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest

from esdh_adapter.uncached import BLOCK_BYTES, open_blocks


@pytest.mark.parametrize(
    "size",
    [0, 1, 511, 512, 4095, 4096, 4097, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3_000_000],
)
def test_all_bytes_come_in_order(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    path = tmp_path / "file"
    path.write_bytes(content)
    with open_blocks(path) as blocks:
        found = list(blocks)
    assert b"".join(found) == content
    assert all(0 < len(block) <= BLOCK_BYTES for block in found)


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no tmpfs to read from")
def test_a_file_system_without_direct_reading_is_read_too() -> None:
    path = Path("/dev/shm") / f"modoptager-test-{os.getpid()}"
    try:
        path.write_bytes(b"x" * 1_500_001)
        with open_blocks(path) as blocks:
            assert sum(map(len, blocks)) == 1_500_001
    finally:
        path.unlink()


def test_reading_may_stop_in_the_middle(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * (5 * BLOCK_BYTES))
    before = _open_files()
    with open_blocks(tmp_path / "file") as blocks:
        next(blocks)
    assert _open_files() == before


def _open_files() -> int:
    return psutil.Process().num_fds() if sys.platform != "win32" else 0


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "file")
    with pytest.raises(OSError, match="symbolic"), open_blocks(tmp_path / "link"):
        pass


def _cached_pages(path: Path) -> int:
    """Pages of the file in the page cache, by mincore(2)."""
    import ctypes  # noqa: PLC0415 - this test alone
    import mmap  # noqa: PLC0415 - this test alone

    libc = ctypes.CDLL(None, use_errno=True)
    size = path.stat().st_size
    with path.open("r+b") as file, mmap.mmap(file.fileno(), size) as mapped:
        pages = (size + mmap.PAGESIZE - 1) // mmap.PAGESIZE
        state = (ctypes.c_ubyte * pages)()
        anchor = ctypes.c_char.from_buffer(mapped)
        address = ctypes.c_void_p(ctypes.addressof(anchor))
        result = libc.mincore(address, ctypes.c_size_t(size), state)
        del anchor
        assert result == 0
        return sum(each & 1 for each in state)


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is in its page cache")
def test_reading_leaves_nothing_of_the_file_in_the_page_cache(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.write(os.urandom(4 * BLOCK_BYTES + 100))
        file.flush()
        os.fsync(file.fileno())
    assert _cached_pages(path) > 0
    with open_blocks(path) as blocks:
        for _ in blocks:
            pass
    # The unaligned end may be read through the cache.
    assert _cached_pages(path) <= 1
