# SPDX-License-Identifier: EUPL-1.2
"""A log: an endless row of encrypted records over one or more segment files.

Rules:

* A writer begins a segment of its own and is the only one to write to it.
* ``append`` keeps a copy of every record until ``sync`` returned. After a failed write, a short
  write or a failed sync the segment is abandoned for good and the copies are replayed into the
  next one; a failed sync is never repeated.
* Records are numbered through the whole log. A segment's header says with which number it
  begins; what an earlier segment holds from that number on is superseded.
* Reading yields the exact valid prefix and then says how it ended.
"""

from __future__ import annotations

import enum
import errno
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recorder.durable import DurableFile, sync_directory, sync_existing, unlink
from recorder.errors import VaultError, VaultFullError
from recorder.identifiers import RecordingId
from recorder.vault.segment import (
    HEADER_BYTES,
    LogKind,
    RecordType,
    SegmentCipher,
    SegmentHeader,
    read_records,
)

TORN_LIMIT = 1 << 20
"""Bytes behind the last valid record that a crash can explain; more means damage."""

_BUFFER = 1 << 20
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT}) if hasattr(errno, "EDQUOT") else {errno.ENOSPC}


class LogEnd(enum.Enum):
    """How a log ends."""

    CLOSED = "closed"
    """Its writer closed it."""
    TORN = "torn"
    """Its writer died; what is missing was never synced, as far as a crash explains it."""
    DAMAGED = "damaged"
    """Bytes that were stored are missing or changed."""


@dataclass(frozen=True)
class LogAddress:
    """Which log: enough to find its files and to check that they belong to it."""

    directory: Path
    recording: RecordingId
    kind: LogKind
    track: int = 0

    def segment(self, number: int) -> Path:
        """Name a segment's file.

        Args:
            number: Of the segment, from 1.

        Returns:
            Its path.
        """
        track = f"-{self.track}" if self.track else ""
        return self.directory / f"{self.kind.name.lower()}{track}.{number:05d}"

    def segments(self) -> list[Path]:
        """List the log's files in order of their number."""
        pattern = self.segment(0).name.removesuffix("00000") + "[0-9]" * 5
        return sorted(self.directory.glob(pattern))


@dataclass(frozen=True)
class LogRecord:
    """One record of a log."""

    sequence: int
    kind: RecordType
    payload: bytes


class LogReader:
    """Reads a log's valid prefix; ``end`` says how it ended once all was read."""

    def __init__(self, address: LogAddress, data_key: bytes) -> None:
        """Prepare to read.

        Args:
            address: Which log.
            data_key: 32 bytes.
        """
        self._address = address
        self._key = data_key
        self.end = LogEnd.TORN
        self.next_sequence = 0

    def __iter__(self) -> Iterator[LogRecord]:
        """Yield the records, oldest first.

        Raises:
            VaultError: If a file cannot be read at all.
        """
        self.end, self.next_sequence = LogEnd.TORN, 0
        try:
            yield from self._read()
        except OSError as error:
            raise VaultError from error

    def _read(self) -> Iterator[LogRecord]:
        headers = [(path, self._genuine_header(path)) for path in self._address.segments()]
        begun = [(path, header) for path, header in headers if header is not None]
        for position, (path, header) in enumerate(begun):
            if header.first_sequence > self.next_sequence:
                self.end = LogEnd.DAMAGED  # a hole: something that was synced is gone
                return
            superseded = min(
                (later.first_sequence for _, later in begun[position + 1 :]), default=None
            )
            yield from self._read_segment(path, header, superseded)
            if self.end is LogEnd.CLOSED:
                return
        unreadable = [path for path, header in headers if header is None]
        if any(_remainder(path, HEADER_BYTES) > TORN_LIMIT for path in unreadable):
            self.end = LogEnd.DAMAGED

    def _read_segment(
        self, path: Path, header: SegmentHeader, superseded: int | None
    ) -> Iterator[LogRecord]:
        end = HEADER_BYTES
        with path.open("rb", buffering=_BUFFER) as file:
            file.seek(HEADER_BYTES)
            for record in read_records(file, SegmentCipher(self._key, header)):
                sequence = header.first_sequence + record.index
                if superseded is not None and sequence >= superseded:
                    return
                end = record.end
                self.next_sequence = sequence + 1
                if record.kind is RecordType.CLOSE:
                    self.end = LogEnd.CLOSED
                    return
                yield LogRecord(sequence, record.kind, record.payload)
        if superseded is None and _remainder(path, end) > TORN_LIMIT:
            self.end = LogEnd.DAMAGED

    def _genuine_header(self, path: Path) -> SegmentHeader | None:
        with path.open("rb") as file:
            header = SegmentHeader.decode(file.read(HEADER_BYTES))
            if header is None:
                return None
            ours = (self._address.recording, self._address.kind, self._address.track)
            if (header.recording, header.kind, header.track) != ours:
                return None
            if path != self._address.segment(header.number):
                return None
            # Only a record that authenticates makes a header genuine: a changed sequence number
            # must not supersede records of an earlier segment.
            first = next(read_records(file, SegmentCipher(self._key, header)), None)
            return header if first is not None else None


class LogWriter:
    """Appends to a log, in a segment of its own."""

    def __init__(
        self, address: LogAddress, data_key: bytes, *, next_sequence: int, reserve: Path | None
    ) -> None:
        """Begin a new segment behind all that exist.

        Args:
            address: Which log.
            data_key: 32 bytes.
            next_sequence: Number of the first record to come, as the reader found it. What
                earlier segments hold from there on is superseded.
            reserve: A file that may be given up when the disk is full, so that the end of a
                recording still finds room.

        Raises:
            VaultFullError: If the disk is full.
            VaultError: If the segment cannot be begun.
        """
        self._address = address
        self._key = data_key
        self._reserve = reserve
        self._unsynced: list[tuple[RecordType, bytes]] = []
        self._synced_sequence = next_sequence
        self._file: DurableFile | None = None
        self._index = 0
        self._recover()

    @property
    def next_sequence(self) -> int:
        """Number of the next record."""
        return self._synced_sequence + len(self._unsynced)

    @property
    def synced_sequence(self) -> int:
        """All records below this number are on the medium."""
        return self._synced_sequence

    def append(self, kind: RecordType, payload: bytes) -> int:
        """Write one record; it counts only after ``sync``.

        Args:
            kind: Its type.
            payload: Its content, less than ``MAX_PLAINTEXT`` bytes.

        Returns:
            Its number in the log.

        Raises:
            VaultFullError: If the disk is full. The record is kept in memory and goes with the
                next attempt.
            VaultError: If it cannot be written; kept likewise.
        """
        sequence = self.next_sequence
        self._unsynced.append((kind, payload))
        if self._file is None:
            self._recover()
            return sequence
        try:
            self._write(kind, payload)
        except OSError:
            self._abandon()
            self._recover()
        return sequence

    def sync(self) -> None:
        """Wait until every appended record is on the medium.

        Raises:
            VaultFullError: If the disk is full.
            VaultError: If they cannot be stored; they are kept in memory.
        """
        if self._file is None:
            self._recover()
        if not self._unsynced:
            return
        assert self._file is not None
        try:
            self._file.sync()
        except OSError:
            self._abandon()
            self._recover()
            return
        self._settle()

    def close(self) -> None:
        """Write the closing record, sync and close.

        Raises:
            VaultError: If it cannot be stored.
        """
        self.append(RecordType.CLOSE, b"")
        self.sync()
        self.release()

    def release(self) -> None:
        """Close the file without a closing record (the log goes on later)."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, kind: RecordType, payload: bytes) -> None:
        assert self._file is not None
        self._file.write(self._cipher.seal(self._index, kind, payload))
        self._index += 1

    def _settle(self) -> None:
        self._synced_sequence += len(self._unsynced)
        self._unsynced.clear()

    def _abandon(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _recover(self) -> None:
        """Begin the next segment and replay what was not synced; give up the reserve if need be."""
        try:
            self._begin_segment()
        except OSError as error:
            self._abandon()
            if error.errno not in _FULL or self._reserve is None or not self._reserve.exists():
                raise _translated(error) from error
        else:
            return
        try:
            unlink(self._reserve)
            self._begin_segment()
        except OSError as error:
            self._abandon()
            raise _translated(error) from error

    def _begin_segment(self) -> None:
        existing = self._address.segments()
        number = int(existing[-1].name[-5:]) + 1 if existing else 1
        header = SegmentHeader.fresh(
            self._address.kind,
            self._address.track,
            number,
            self._synced_sequence,
            self._address.recording,
        )
        self._cipher = SegmentCipher(self._key, header)
        self._index = 0
        self._file = DurableFile.create(self._address.segment(number))
        self._file.write(header.encode())
        for kind, payload in self._unsynced:
            self._write(kind, payload)
        self._file.sync()
        sync_directory(self._address.directory)
        self._settle()


def sync_log(address: LogAddress) -> None:
    """Put on the medium what a dead writer may have left in memory only.

    Must come before anything is built on records that were read from it: else a power cut could
    take them back.

    Args:
        address: Which log.

    Raises:
        VaultError: If the system could not.
    """
    try:
        for path in address.segments():
            sync_existing(path)
        sync_directory(address.directory)
    except OSError as error:
        raise _translated(error) from error


def _translated(error: OSError) -> VaultError:
    return VaultFullError() if error.errno in _FULL else VaultError(error.strerror or "")


def _remainder(path: Path, end: int) -> int:
    """Count the bytes behind ``end`` that are not zeros at the file's tail."""
    with path.open("rb") as file:
        file.seek(end)
        remainder = behind = 0
        while block := file.read(_BUFFER):
            behind += len(block)
            if stripped := block.rstrip(b"\0"):
                remainder = behind - len(block) + len(stripped)
    return remainder
