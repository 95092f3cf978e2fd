# SPDX-License-Identifier: EUPL-1.2
"""Appending to a log, so that what was synced survives every crash and failure.

Rules:

* A writer begins a segment of its own and is the only one to write to it.
* ``append`` keeps a copy of every record until ``sync`` returned. After a failed write, a short
  write, a failed sync or an interrupt the segment is abandoned for good and the copies are
  replayed into the next one; a failed sync is never repeated.
* A writer syncs by itself before more than ``TORN_LIMIT`` bytes wait for it, so that a reader can
  tell a crash from damage. In a journal every record is synced before the next one begins.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from recorder.durable import sync_directory, sync_existing, unlink
from recorder.vault.log import LogAddress, is_disk_full, storage_error
from recorder.vault.segment import MAX_PLAINTEXT, RecordType, SegmentHeader
from recorder.vault.segment_writer import SegmentWriter

MAX_SEGMENTS = 99_999
"""Five digits in a file's name; a log that needs more is refused, never silently unread."""


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
        self._segment: SegmentWriter | None = None
        self._is_closed = False
        self.is_reserve_spent = False
        """Whether the disk was full: the room that is left is for ending properly."""
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
            ValueError: If the payload is too long, or the log was closed; nothing is kept.
            VaultFullError: If the disk is full. The record is kept in memory and goes with the
                next attempt.
            VaultError: If it cannot be written; kept likewise.
        """
        if len(payload) >= MAX_PLAINTEXT:
            raise ValueError("record too long")
        if self._is_closed:
            raise ValueError("the log is closed")
        sequence = self.next_sequence
        self._is_closed = kind is RecordType.CLOSE
        with self._abandoning():
            self._unsynced.append((kind, payload))
            if self._segment is None:
                self._recover()
                return sequence
            try:
                if self._segment.is_sync_due(payload):
                    self._segment.sync()
                    self._settle(keep=1)
                self._segment.append(kind, payload)
            except OSError:
                self._recover()
        return sequence

    def sync(self) -> None:
        """Wait until every appended record is on the medium.

        Raises:
            VaultFullError: If the disk is full.
            VaultError: If they cannot be stored; they are kept in memory.
        """
        if not self._unsynced:
            return
        with self._abandoning():
            if self._segment is None:
                self._recover()
                return
            try:
                self._segment.sync()
                self._settle()
            except OSError:
                self._recover()

    def close(self) -> None:
        """Write the closing record, sync and close; may be repeated after an error.

        Raises:
            VaultError: If it cannot be stored.
        """
        if not self._is_closed:
            self.append(RecordType.CLOSE, b"")
        self.sync()
        self.release()

    def release(self) -> None:
        """Close the file without a closing record (the log goes on later)."""
        segment, self._segment = self._segment, None
        if segment is not None:
            segment.close()

    @contextlib.contextmanager
    def _abandoning(self) -> Iterator[None]:
        """Abandon the segment whatever goes wrong: an interrupt leaves it as unknown as an error."""
        try:
            yield
        except BaseException:
            self.release()
            raise

    def _settle(self, keep: int = 0) -> None:
        """Forget the copies of what is on the medium, all but the last ``keep``."""
        synced = len(self._unsynced) - keep
        # In one statement: an interrupt in between would count the records twice.
        self._synced_sequence, self._unsynced = (
            self._synced_sequence + synced,
            self._unsynced[synced:],
        )

    def _recover(self) -> None:
        """Begin the next segment and replay what was not synced; give up the reserve if need be."""
        self.release()
        try:
            self._begin_segment()
        except OSError as error:
            if not is_disk_full(error) or self._reserve is None or not self._reserve.exists():
                raise storage_error(error) from error
        else:
            return
        try:
            unlink(self._reserve)
            self.is_reserve_spent = True
            self._begin_segment()
        except OSError as error:
            raise storage_error(error) from error

    def _begin_segment(self) -> None:
        existing = self._address.segments()
        number = int(existing[-1].name[-5:]) + 1 if existing else 1
        if number > MAX_SEGMENTS:
            raise OSError(errno.EFBIG, "too many segments")
        address, first = self._address, self._synced_sequence
        header = SegmentHeader.fresh(address.kind, address.track, number, first, address.recording)
        path = address.segment(number)
        try:
            segment = SegmentWriter(path, self._key, header)
        except OSError:
            # It holds no record. Left behind, each try on a full disk would use up a number.
            with contextlib.suppress(OSError):
                unlink(path)
            raise
        try:
            for kind, payload in self._unsynced:
                if segment.is_sync_due(payload):
                    segment.sync()
                segment.append(kind, payload)
            if self._unsynced:
                segment.sync()
            sync_directory(address.directory)
        except BaseException:
            segment.close()
            raise
        self._segment = segment
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
        raise storage_error(error) from error
