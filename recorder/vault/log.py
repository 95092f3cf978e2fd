# SPDX-License-Identifier: EUPL-1.2
"""Reading a log: an endless row of encrypted records over one or more segment files.

Rules:

* Records are numbered through the whole log. A segment's header says with which number it
  begins; what an earlier segment holds from that number on is superseded.
* Reading yields the exact valid prefix and then says how it ended.

Limits: segments that were taken away from the *end* of a log look like a crash; what must be there
(``Recorded.sound_records``, the ledger) is known elsewhere. A record whose sync failed and whose
process died at once may be read until the power goes, and be missing afterwards.
"""

from __future__ import annotations

import enum
import errno
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recorder.errors import VaultError, VaultFullError
from recorder.identifiers import RecordingId
from recorder.vault.segment import (
    HEADER_BYTES,
    TORN_LIMIT,
    LogKind,
    RecordType,
    SegmentCipher,
    SegmentHeader,
    read_records,
    resumes,
)
from recorder.words import _

_BUFFER = 1 << 20
_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_READ_ONLY = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


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
            raise storage_error(error) from error

    def _read(self) -> Iterator[LogRecord]:
        files = [(path, self._genuine_header(path)) for path in self._address.segments()]
        begun = [(p, header) for p, header in files if header and self._has_record(p, header)]
        for position, (path, header) in enumerate(begun):
            superseded = min(
                (later.first_sequence for _, later in begun[position + 1 :]), default=None
            )
            if superseded is not None and header.first_sequence >= superseded:
                continue  # nothing of it counts, so that it cannot be behind a hole either
            if header.first_sequence > self.next_sequence:
                self.end = LogEnd.DAMAGED  # a hole: something that was synced is gone
                return
            yield from self._read_segment(path, header, superseded)
            if self.end is LogEnd.CLOSED and superseded is not None:
                self.end = LogEnd.DAMAGED  # nobody writes behind the closing record
            if self.end is not LogEnd.TORN:
                return
        last = begun[-1][0] if begun else None
        if any(self._hides_records(*file) for file in files if last is None or file[0] > last):
            self.end = LogEnd.DAMAGED

    def _hides_records(self, path: Path, header: SegmentHeader | None) -> bool:
        """Tell whether a segment without a readable record held some."""
        if header is None:  # headers are synced first: behind a torn one lies nothing
            # Asked again, in this order: a live writer may have written both since.
            return _remainder(path, HEADER_BYTES) > 0 and self._genuine_header(path) is None
        return self._is_damaged(path, HEADER_BYTES, SegmentCipher(self._key, header), 0)

    def _read_segment(
        self, path: Path, header: SegmentHeader, superseded: int | None
    ) -> Iterator[LogRecord]:
        end, index = HEADER_BYTES, 0
        cipher = SegmentCipher(self._key, header)
        with path.open("rb", buffering=_BUFFER) as file:
            file.seek(HEADER_BYTES)
            for record in read_records(file, cipher):
                sequence = header.first_sequence + record.index
                if superseded is not None and sequence >= superseded:
                    return
                end, index = record.end, record.index + 1
                self.next_sequence = sequence + 1
                if record.kind is RecordType.CLOSE:
                    self.end = LogEnd.CLOSED
                    return
                yield LogRecord(sequence, record.kind, record.payload)
        if superseded is None and self._is_damaged(path, end, cipher, index):
            self.end = LogEnd.DAMAGED

    def _is_damaged(self, path: Path, end: int, cipher: SegmentCipher, index: int) -> bool:
        """Tell whether what lies behind the valid prefix is more than a crash explains."""
        if _remainder(path, end) > TORN_LIMIT:
            return True
        if self._address.kind is not LogKind.JOURNAL:
            return False
        # A journal's record was synced before the next one began: with a genuine record behind
        # it, a bad one is no torn write. Without this, damage could undo a withdrawal.
        with path.open("rb") as file:
            file.seek(end)
            return resumes(file.read(TORN_LIMIT), cipher, index)

    def _genuine_header(self, path: Path) -> SegmentHeader | None:
        with path.open("rb") as file:
            data = file.read(HEADER_BYTES)
            header = SegmentHeader.decode(data)
            if header is None:
                return None
            ours = (self._address.recording, self._address.kind, self._address.track)
            if (header.recording, header.kind, header.track) != ours:
                return None
            if path != self._address.segment(header.number):
                return None
            return header if SegmentCipher(self._key, header).is_header(data) else None

    def _has_record(self, path: Path, header: SegmentHeader) -> bool:
        # A segment that was only begun supersedes nothing: its writer died before the replay.
        with path.open("rb") as file:
            file.seek(HEADER_BYTES)
            return next(read_records(file, SegmentCipher(self._key, header)), None) is not None


def is_disk_full(error: OSError) -> bool:
    """Tell whether the system refused for want of room.

    Args:
        error: From an operation on the vault's files.

    Returns:
        Whether the disk or the quota is full.
    """
    return error.errno in _FULL


def storage_error(error: OSError) -> VaultError:
    """Say in the program's words what the system said: the one border for errors of the disk.

    Args:
        error: From an operation on the vault's files.

    Returns:
        The error to raise from it.
    """
    if is_disk_full(error):
        return VaultFullError()
    if error.errno in _READ_ONLY:
        return VaultError(_("The folder of the local store is write-protected."))
    return VaultError(error.strerror or "")


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
