# SPDX-License-Identifier: EUPL-1.2
"""Hand-made fakes for the vault's seams: a disk that fails, a crash, a key store, a clock.

The seam for the disk is ``durable.watch``: whatever the watcher raises, the caller gets.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from recorder.clock import Instant
from recorder.durable import Kind, Moment, Operation, watch
from recorder.errors import KeyStoreError
from recorder.identifiers import RecordingId
from recorder.vault.log import LogAddress, LogEnd, LogReader, LogRecord
from recorder.vault.log_writer import LogWriter
from recorder.vault.segment import LogKind, RecordType

KEY = bytes(range(32))
OURS = RecordingId("0123456789abcdef")
OTHERS = RecordingId("fedcba9876543210")

_MEMORY_DISK = Path("/dev/shm")
IN_MEMORY = _MEMORY_DISK if _MEMORY_DISK.is_dir() else None
"""Where thousands of simulated crashes need no real disk's syncs; none means the usual place."""


class CrashError(BaseException):
    """The process ends here: nothing in the program may catch this."""


class TickingClock:
    """A clock that is one millisecond later at each look."""

    def __init__(self) -> None:
        self._ticks = 0

    def monotonic_ns(self) -> int:
        self._ticks += 1
        return self._ticks * 1_000_000

    def now(self) -> Instant:
        ticks = self.monotonic_ns()
        wall = dt.datetime(2030, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=ticks // 1000)
        return Instant(wall, ticks, "boot")


class MemoryKeyStore:
    """A key store in memory; may be locked."""

    description = "memory"

    def __init__(self) -> None:
        self.secrets: dict[str, bytes] = {}
        self.is_locked = False

    def put(self, name: str, secret: bytes) -> None:
        self._answer()
        self.secrets[name] = secret

    def get(self, name: str) -> bytes | None:
        self._answer()
        return self.secrets.get(name)

    def remove(self, name: str) -> None:
        self._answer()
        self.secrets.pop(name, None)

    def _answer(self) -> None:
        if self.is_locked:
            raise KeyStoreError("locked")


@contextlib.contextmanager
def watching(watcher: Callable[[Moment, Operation], None]) -> Iterator[None]:
    watch(watcher)
    try:
        yield
    finally:
        watch(None)


class FaultAt:
    """Lets one operation fail, counted over both its moments, in one of several ways."""

    def __init__(
        self, at: int, make: Callable[[], BaseException], *, lasting: bool = False
    ) -> None:
        self._at = at
        self._make = make
        self._lasting = lasting
        self.seen = 0

    def __call__(self, moment: Moment, operation: Operation) -> None:
        self.seen += 1
        if self.seen == self._at or (self._lasting and self.seen > self._at):
            raise self._make()


class ShortWriteAt:
    """Lets the n-th write store only half of its bytes and then fail."""

    def __init__(self, at: int) -> None:
        self._at = at
        self.seen = 0

    def __call__(self, moment: Moment, operation: Operation) -> None:
        if moment is not Moment.BEFORE or operation.kind is not Kind.WRITE:
            return
        self.seen += 1
        if self.seen == self._at:
            write_half(operation)
            raise full()


def write_half(operation: Operation) -> None:
    descriptor = os.open(operation.path, os.O_WRONLY)
    try:
        os.pwrite(descriptor, operation.data[: len(operation.data) // 2], operation.offset)
    finally:
        os.close(descriptor)


def full() -> OSError:
    return OSError(errno.ENOSPC, "No space left on device")


def broken() -> OSError:
    return OSError(errno.EIO, "Input/output error")


def read_only() -> OSError:
    return OSError(errno.EROFS, "Read-only file system")


def count_operations(run: Callable[[], object]) -> int:
    """Count the moments of all durable operations of a run that goes well."""
    counting = FaultAt(0, full)
    with watching(counting):
        run()
    return counting.seen


def sound_log(directory: Path, recording: RecordingId = OURS) -> LogAddress:
    return LogAddress(directory, recording, LogKind.SOUND, 1)


def journal_log(directory: Path, recording: RecordingId = OURS) -> LogAddress:
    return LogAddress(directory, recording, LogKind.JOURNAL)


def read(address: LogAddress, key: bytes = KEY) -> tuple[list[LogRecord], LogEnd, int]:
    reader = LogReader(address, key)
    records = list(reader)
    return records, reader.end, reader.next_sequence


def payloads(address: LogAddress, key: bytes = KEY) -> list[bytes]:
    return [record.payload for record in read(address, key)[0]]


def write(address: LogAddress, first: int, contents: list[bytes], *, close: bool = False) -> None:
    """Write synced records in a segment of their own."""
    writer = LogWriter(address, KEY, next_sequence=first, reserve=None)
    for content in contents:
        writer.append(RecordType.AUDIO, content)
        writer.sync()
    if close:
        writer.close()
    writer.release()
