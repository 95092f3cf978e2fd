# SPDX-License-Identifier: EUPL-1.2
"""Reading a file from its medium or server, past this computer's page cache.

How: ``O_DIRECT`` where the file system has it; else ``posix_fadvise(DONTNEED)`` (or ``F_NOCACHE`` on
macOS) first. A thread reads one block ahead, so that hashing and reading overlap. Limits: nothing is
done on Windows; the drive's or the file server's own cache is beyond any program's reach; where
only advice can be given, the system may ignore it.
"""

from __future__ import annotations

import errno
import mmap
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path

BLOCK_BYTES = 1024 * 1024
"""How much is read at once."""

_PLAIN = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
# A link in an archive could lead to a local copy.
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
_DIRECT = getattr(os, "O_DIRECT", 0)


class UncachedFile:
    """An open file whose blocks come from the medium."""

    def __init__(self, path: Path) -> None:
        """Open a file.

        Args:
            path: The file; a symbolic link is refused.

        Raises:
            OSError: If it cannot be opened.
        """
        self._is_direct = bool(_DIRECT)
        try:
            self._descriptor = os.open(path, _PLAIN | _NO_LINKS | _DIRECT)
        except OSError as error:
            if not self._is_direct or error.errno not in {errno.EINVAL, errno.ENOTSUP}:
                raise
            self._is_direct = False
            self._descriptor = os.open(path, _PLAIN | _NO_LINKS)
        if not self._is_direct:
            self._advise()
        # Anonymous maps start on a page, which satisfies every O_DIRECT alignment in use.
        self._buffer = mmap.mmap(-1, BLOCK_BYTES)

    def close(self) -> None:
        """Close the file."""
        self._buffer.close()
        os.close(self._descriptor)

    def read_block(self) -> bytes:
        """Read on.

        Returns:
            The next bytes, ``BLOCK_BYTES`` at most; empty at the end.

        Raises:
            OSError: If the medium does not give them.
        """
        count = self._fill()
        if self._is_direct and count % mmap.PAGESIZE:
            # The end, or a short answer: what follows could not be read aligned any more.
            self._go_on_cached()
        return self._buffer[:count]

    def _fill(self) -> int:
        if not hasattr(os, "readv"):  # Windows
            data = os.read(self._descriptor, BLOCK_BYTES)
            self._buffer[: len(data)] = data
            return len(data)
        try:
            return os.readv(self._descriptor, [self._buffer])
        except OSError as error:
            # Some file systems take the flag when opening and refuse it when reading.
            if not self._is_direct or error.errno != errno.EINVAL:
                raise
            self._go_on_cached()
            return os.readv(self._descriptor, [self._buffer])

    def _go_on_cached(self) -> None:
        if sys.platform == "linux":
            import fcntl  # noqa: PLC0415 - not on every platform

            flags = fcntl.fcntl(self._descriptor, fcntl.F_GETFL)
            fcntl.fcntl(self._descriptor, fcntl.F_SETFL, flags & ~_DIRECT)
        self._is_direct = False
        self._advise()

    def _advise(self) -> None:
        with suppress(OSError):
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            elif sys.platform == "darwin":
                import fcntl  # noqa: PLC0415 - not on every platform

                fcntl.fcntl(self._descriptor, fcntl.F_NOCACHE, 1)


@contextmanager
def open_blocks(path: Path) -> Iterator[Iterator[bytes]]:
    """Open a file to read it from its medium, front to back.

    Args:
        path: The file.

    Yields:
        Its bytes in blocks. Each is read while the one before is used.

    Raises:
        OSError: If it cannot be opened or read.
    """
    # The pool is closed first: it waits for a read under way before the file is closed.
    with closing(UncachedFile(path)) as file, ThreadPoolExecutor(1, "read-ahead") as pool:
        yield _ahead(file, pool)


def _ahead(file: UncachedFile, pool: ThreadPoolExecutor) -> Iterator[bytes]:
    coming = pool.submit(file.read_block)
    while block := coming.result():
        coming = pool.submit(file.read_block)
        yield block
