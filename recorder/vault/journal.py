# SPDX-License-Identifier: EUPL-1.2
"""A recording's journal: typed events, hash-chained, in a log of the record key.

Rules: an event counts once it is synced. Each entry holds the SHA-256 of the entry before it, as
its bytes stand in the log. The process that appends holds the entry's lock. An event that the
lifecycle does not allow is refused before it is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec

from recorder.clock import Clock, Instant
from recorder.errors import DamagedError
from recorder.identifiers import Sha256Hex
from recorder.lifecycle.events import Event
from recorder.lifecycle.fold import IllegalEventError, Recording
from recorder.vault.log import LogAddress, LogEnd, LogReader
from recorder.vault.log_writer import LogWriter, sync_log
from recorder.vault.segment import RecordType
from recorder.words import _

FIRST_PREVIOUS = Sha256Hex("0" * 64)


class JournalEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One event in its place in the chain."""

    number: int
    """From 1."""
    previous: Sha256Hex
    """SHA-256 of the entry before it (64 zeros for the first)."""
    at: Instant
    event: Event


def read_entries(address: LogAddress, record_key: bytes) -> Iterator[tuple[JournalEntry, bytes]]:
    """Read a journal and check its chain.

    Args:
        address: Of the journal's log.
        record_key: 32 bytes.

    Yields:
        Each entry with its bytes.

    Raises:
        DamagedError: If the chain is broken or stored entries are missing.
    """
    reader = LogReader(address, record_key)
    previous = FIRST_PREVIOUS
    for number, record in enumerate(reader, start=1):
        if record.kind is not RecordType.EVENT:
            raise DamagedError(_("The journal of this recording cannot be read."))
        try:
            entry = msgspec.json.decode(record.payload, type=JournalEntry)
        except msgspec.DecodeError as error:
            raise DamagedError(_("The journal of this recording cannot be read.")) from error
        if (entry.number, entry.previous) != (number, previous):
            raise DamagedError(_("The journal of this recording is not in one piece."))
        previous = _chain_hash(record.payload)
        yield entry, record.payload
    if reader.end is LogEnd.DAMAGED:
        raise DamagedError(_("The journal of this recording is not in one piece."))


class Journal:
    """The journal of an entry that this process has locked."""

    def __init__(self, address: LogAddress, record_key: bytes, clock: Clock) -> None:
        """Read what is there, and make sure that it is on the medium.

        Args:
            address: Of the journal's log.
            record_key: 32 bytes.
            clock: For the instants of new events.

        Raises:
            DamagedError: If the journal is not in one piece.
            VaultError: If it cannot be read.
        """
        self._address = address
        self._key = record_key
        self._clock = clock
        self._writer: LogWriter | None = None
        self._previous = FIRST_PREVIOUS
        self.entries: list[JournalEntry] = []
        self.hashes: list[Sha256Hex] = []
        self.recording = Recording()
        sync_log(address)
        for entry, payload in read_entries(address, record_key):
            self._take(entry, payload)

    def append(self, event: Event) -> JournalEntry:
        """Write an event durably.

        Args:
            event: What happened, or is about to.

        Returns:
            Its entry.

        Raises:
            IllegalEventError: If the lifecycle does not allow it here; nothing is written.
            VaultError: If it cannot be stored.
        """
        at = self._clock.now()
        self.recording.after(event, at)
        entry = JournalEntry(len(self.entries) + 1, self._previous, at, event)
        payload = msgspec.json.encode(entry)
        try:
            if self._writer is None:
                self._writer = LogWriter(
                    self._address, self._key, next_sequence=len(self.entries), reserve=None
                )
            self._writer.append(RecordType.EVENT, payload)
            self._writer.sync()
            self._take(entry, payload)
        except BaseException:
            # The caller was not told that it counts. A kept copy would go out with the next
            # event, under the same number; a new writer supersedes what may have been stored.
            self.release()
            raise
        return entry

    def release(self) -> None:
        """Close the file; nothing more is appended by this process."""
        if self._writer is not None:
            self._writer.release()
            self._writer = None

    def _take(self, entry: JournalEntry, payload: bytes) -> None:
        try:
            self.recording = self.recording.after(entry.event, entry.at)
        except IllegalEventError as error:
            raise DamagedError(_("The journal of this recording cannot be read.")) from error
        self._previous = _chain_hash(payload)
        self.entries.append(entry)
        self.hashes.append(self._previous)


def _chain_hash(payload: bytes) -> Sha256Hex:
    return Sha256Hex(hashlib.sha256(payload).hexdigest())
