# SPDX-License-Identifier: EUPL-1.2
"""The one place where files are created, written, synced, renamed and removed.

Rules:

* Nothing counts as stored before ``sync`` of the file *and* of its directory returned.
* A failed sync is never tried again on the same file: the kernel may have dropped the pages
  and would answer the second call with success (see LWN 752063). The caller abandons the file.
* A short write is an error.
* Every operation passes a watcher, before and after, so that tests can stop the process, refuse
  an operation or note the sequence at exactly these instants. The watcher is ``None`` in use.

Limits: ``sync_directory`` does nothing on Windows, which has no such call; NTFS journals its
directory entries. A drive that lies about its cache defeats every program.
"""

from __future__ import annotations

import contextlib
import enum
import errno
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_PRIVATE_FILE = 0o600
_PRIVATE_DIRECTORY = 0o700
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would translate line ends without it
_NOT_INHERITED = getattr(os, "O_CLOEXEC", 0)

# What link(2) answers where a file system has no hard links (FAT, many network shares).
_NO_HARD_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EACCES})


class Moment(enum.Enum):
    """On which side of an operation its watcher is told of it."""

    BEFORE = "before"
    AFTER = "after"


class Kind(enum.Enum):
    """What an operation does."""

    CREATE = "create"
    WRITE = "write"
    SYNC = "sync"
    RENAME = "rename"
    LINK = "link"
    UNLINK = "unlink"
    MAKE_DIRECTORY = "make directory"
    REMOVE_DIRECTORY = "remove directory"
    SYNC_DIRECTORY = "sync directory"
    CALL = "call"


@dataclass(frozen=True)
class Operation:
    """One durable operation, or one call to a system outside."""

    kind: Kind
    path: Path
    """The file; for ``CALL`` the name of what is called."""
    offset: int = 0
    """Where ``WRITE`` puts its data, in bytes from the file's start."""
    data: bytes = b""
    """What ``WRITE`` puts there."""
    destination: Path | None = None
    """The new name for ``RENAME`` and ``LINK``."""


Watcher = Callable[[Moment, Operation], None]

_watcher: Watcher | None = None


def watch(watcher: Watcher | None) -> None:
    """Tell ``watcher`` of every operation from here on; ``None`` ends it.

    Args:
        watcher: Called twice per operation. What it raises is raised to the caller.
    """
    global _watcher  # noqa: PLW0603 - one per process, by design: tests stop the whole process
    _watcher = watcher


@contextlib.contextmanager
def passing(operation: Operation) -> Iterator[None]:
    """Tell the watcher that ``operation`` begins, and that it has ended well.

    Args:
        operation: What the body of the ``with`` statement does.
    """
    if _watcher is not None:
        _watcher(Moment.BEFORE, operation)
    yield
    if _watcher is not None:
        _watcher(Moment.AFTER, operation)


def call(name: str) -> contextlib.AbstractContextManager[None]:
    """Mark a call to a system outside (an ESDH, a key store) for the watcher.

    Args:
        name: What is called, without personal data.
    """
    return passing(Operation(Kind.CALL, Path(name)))


class DurableFile:
    """A file that is written in one pass, and synced when its writer says so."""

    def __init__(self, path: Path, descriptor: int, offset: int) -> None:
        """Wrap an open descriptor; use ``create``, ``append_to`` or ``overwrite``."""
        self.path = path
        self._descriptor = descriptor
        self._offset = offset

    @classmethod
    def create(cls, path: Path) -> Self:
        """Create a file that did not exist, readable by its owner only.

        Args:
            path: Its name. The caller syncs the directory once the first content is synced.

        Raises:
            FileExistsError: If the name is taken.
            OSError: If it cannot be created.
        """
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY | _NOT_INHERITED
        with passing(Operation(Kind.CREATE, path)):
            descriptor = os.open(path, flags, _PRIVATE_FILE)
        return cls(path, descriptor, 0)

    @classmethod
    def append_to(cls, path: Path) -> Self:
        """Open a file to write at its end, creating it where it is missing.

        Args:
            path: Its name.

        Raises:
            OSError: If it cannot be opened.
        """
        if not path.exists():
            return cls.create(path)
        descriptor = os.open(path, os.O_WRONLY | _BINARY | _NOT_INHERITED)
        return cls(path, descriptor, os.lseek(descriptor, 0, os.SEEK_END))

    @classmethod
    def overwrite(cls, path: Path) -> Self:
        """Open an existing file to write over its content in place.

        Args:
            path: Its name.

        Raises:
            OSError: If it cannot be opened.
        """
        return cls(path, os.open(path, os.O_WRONLY | _BINARY | _NOT_INHERITED), 0)

    @property
    def size(self) -> int:
        """Where the next write goes, in bytes from the start."""
        return self._offset

    def write(self, data: bytes) -> None:
        """Write all of ``data`` at the current end.

        Args:
            data: The bytes.

        Raises:
            OSError: If not all of it was taken; how much was is unknown then.
        """
        with passing(Operation(Kind.WRITE, self.path, self._offset, data)):
            written = os.write(self._descriptor, data)
            while 0 < written < len(data):  # signals and 2 GiB limits cut writes short
                more = os.write(self._descriptor, memoryview(data)[written:])
                if more == 0:
                    break
                written += more
            if written != len(data):
                raise OSError(errno.ENOSPC, "short write", str(self.path))
        self._offset += len(data)

    def sync(self) -> None:
        """Wait until the medium has what was written.

        Raises:
            OSError: If the system could not. The file must be abandoned then.
        """
        with passing(Operation(Kind.SYNC, self.path)):
            _sync_descriptor(self._descriptor)

    def close(self) -> None:
        """Close without syncing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def write_file(path: Path, data: bytes, *, replace: bool = True) -> None:
    """Store ``data`` under ``path`` so that a crash leaves the old content or the new, never a mix.

    Args:
        path: Where to.
        data: The whole content.
        replace: Whether an existing file may be replaced.

    Raises:
        FileExistsError: If it exists and must not be replaced.
        OSError: If it cannot be stored; the old content is still there.
    """
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with DurableFile.create(partial) as file:
            file.write(data)
            file.sync()
        if replace:
            with passing(Operation(Kind.RENAME, partial, destination=path)):
                partial.replace(path)
        else:
            rename_exclusive(partial, path)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def rename_exclusive(source: Path, destination: Path) -> None:
    """Give ``source`` a new name that nobody has; the caller syncs the directory.

    A hard link fails where the name is taken, which no plain POSIX rename does. Where the file
    system has no hard links, a check and a rename stand in; two processes that write the same
    name within that instant are told apart by their content at read-back.

    Args:
        source: The complete, synced file.
        destination: Its final name on the same file system.

    Raises:
        FileExistsError: If the name is taken; ``source`` is untouched.
        OSError: If it cannot be renamed.
    """
    if sys.platform == "win32":
        with passing(Operation(Kind.RENAME, source, destination=destination)):
            source.rename(destination)  # fails on Windows where the name is taken
        return
    try:
        with passing(Operation(Kind.LINK, source, destination=destination)):
            os.link(source, destination)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if destination.exists():
            raise FileExistsError(errno.EEXIST, "name is taken", str(destination)) from error
        with passing(Operation(Kind.RENAME, source, destination=destination)):
            source.rename(destination)
        return
    unlink(source)


def unlink(path: Path) -> None:
    """Remove a file's name; a missing file is fine.

    Args:
        path: The file.

    Raises:
        OSError: If it cannot be removed.
    """
    with passing(Operation(Kind.UNLINK, path)):
        path.unlink(missing_ok=True)


def make_directory(path: Path) -> None:
    """Make a directory, and those above it, readable by its owner only, and sync their entries.

    Args:
        path: The directory; one that exists already is fine.

    Raises:
        OSError: If it cannot be made.
    """
    if path.is_dir():
        # Whoever made it may have been killed before its name was synced.
        with contextlib.suppress(PermissionError):  # a parent that only others may read
            sync_directory(path.parent)
        return
    make_directory(path.parent)
    with passing(Operation(Kind.MAKE_DIRECTORY, path)):
        path.mkdir(mode=_PRIVATE_DIRECTORY, exist_ok=True)
    sync_directory(path.parent)


def remove_directory(path: Path) -> None:
    """Remove an empty directory and sync its parent; a missing one is fine.

    Args:
        path: The directory.

    Raises:
        OSError: If it is not empty or cannot be removed.
    """
    with passing(Operation(Kind.REMOVE_DIRECTORY, path)), contextlib.suppress(FileNotFoundError):
        path.rmdir()
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Wait until the medium has the names in a directory.

    Args:
        path: The directory.

    Raises:
        OSError: If the system could not.
    """
    if sys.platform == "win32":
        return
    with passing(Operation(Kind.SYNC_DIRECTORY, path)):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _NOT_INHERITED)
        try:
            os.fsync(descriptor)
        except OSError as error:
            # Some network shares have no such call; their servers order names themselves.
            if error.errno != errno.EINVAL:
                raise
        finally:
            os.close(descriptor)


def sync_existing(path: Path) -> None:
    """Make sure that what another process wrote to a file is on the medium.

    Needed before building on a file whose writer died: its last pages may live only in memory.

    Args:
        path: The file.

    Raises:
        OSError: If the system could not.
    """
    with passing(Operation(Kind.SYNC, path)):
        descriptor = os.open(path, os.O_RDWR | _BINARY | _NOT_INHERITED)
        try:
            _sync_descriptor(descriptor)
        finally:
            os.close(descriptor)


def _sync_descriptor(descriptor: int) -> None:
    if sys.platform == "darwin":
        import fcntl  # noqa: PLC0415 - exists on this platform only

        # fsync on macOS leaves the data in the drive's cache.
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)
