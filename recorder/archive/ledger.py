# SPDX-License-Identifier: EUPL-1.2
"""The ledger: what became of every recording of this device, without a word about people.

    one JSON object per line: number, previous line's hash, time, recording id, kind, sequence,
    manifest hash, adapter, hashes of the documents

Rules: append-only, a row counts once it is synced, each row holds the SHA-256 of the line before
it. It holds no name, no case number and no server path. A line that was cut short by a crash
never counted and is removed by the next append. Before a key is destroyed its row is here; from
then on the ledger is the recording's state.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from recorder.clock import Clock, Instant
from recorder.durable import DurableFile, make_directory, sync_directory, sync_existing, write_file
from recorder.errors import BusyError, DamagedError, VaultError
from recorder.identifiers import RecordingId, Sha256Hex
from recorder.words import _

_FIRST_PREVIOUS = Sha256Hex("0" * 64)
_LOCK_SECONDS = 30


class RowKind(enum.Enum):
    """What a row says."""

    RESERVED = "reserved"
    """The recording has its running number."""
    SEALED = "sealed"
    VERIFIED = "verified"
    """Everything was read back; the sound's key is destroyed next."""
    WIPED = "wiped"
    COMPLETED = "completed"
    """The completion was read back; what is left of the entry is destroyed next."""
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"
    """Given up by decision; everything is destroyed next."""


FINAL = frozenset({RowKind.COMPLETED, RowKind.DISCARDED})
"""Rows after which the entry in the vault is only remains."""


class LedgerDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document by its role and hash."""

    role: str
    sha256: Sha256Hex


class LedgerRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One row."""

    number: int
    previous: Sha256Hex
    at: Instant
    recording: RecordingId
    kind: RowKind
    sequence: int = 0
    manifest_sha256: Sha256Hex | None = None
    adapter: str = ""
    documents: tuple[LedgerDocument, ...] = ()


@dataclass(frozen=True)
class Reservation:
    """A running number, and what this device had sealed before."""

    sequence: int
    previous_sequence: int
    """0 where there is none."""
    previous_manifest: Sha256Hex | None


class Ledger:
    """The ledger file of this device."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Use a file.

        Args:
            path: Absolute; made by the first row.
            clock: For the rows' times.
        """
        self._path = path
        self._clock = clock

    def rows(self) -> list[LedgerRow]:
        """Read all rows.

        Returns:
            The rows, oldest first.

        Raises:
            DamagedError: If a row is missing or changed.
            VaultError: If the file cannot be read.
        """
        return [row for row, _line in self._read()]

    def row(self, recording: RecordingId) -> LedgerRow | None:
        """Find the last row of a recording.

        Args:
            recording: Its id.

        Returns:
            The row, or none.
        """
        rows = [row for row in self.rows() if row.recording == recording]
        return rows[-1] if rows else None

    def condemned(self) -> frozenset[RecordingId]:
        """List the recordings whose remains may be removed."""
        return frozenset(row.recording for row in self.rows() if row.kind in FINAL)

    def reserve(self, recording: RecordingId) -> Reservation:
        """Give a recording its running number; asked again, the same one.

        Args:
            recording: Its id.

        Returns:
            The number and the predecessor.

        Raises:
            VaultError: If the row cannot be stored.
        """
        with self._locked():
            rows = self.rows()
            own = [r for r in rows if r.recording == recording and r.kind is RowKind.RESERVED]
            if own:
                earlier = [r for r in rows if r.number < own[0].number]
                sequence = own[0].sequence
            else:
                earlier = rows
                sequence = 1 + max((r.sequence for r in rows), default=0)
                self._append(recording, RowKind.RESERVED, sequence=sequence)
            sealed = [r for r in earlier if r.kind is RowKind.SEALED]
            if not sealed:
                return Reservation(sequence, 0, None)
            return Reservation(sequence, sealed[-1].sequence, sealed[-1].manifest_sha256)

    def note(
        self,
        recording: RecordingId,
        kind: RowKind,
        *,
        sequence: int = 0,
        manifest_sha256: Sha256Hex | None = None,
        adapter: str = "",
        documents: tuple[LedgerDocument, ...] = (),
    ) -> None:
        """Write a row durably; one that stands there already is not written again.

        Args:
            recording: Its id.
            kind: What happened.
            sequence: The running number.
            manifest_sha256: The manifest's hash.
            adapter: Name of the ESDH driver.
            documents: Roles and hashes.

        Raises:
            VaultError: If it cannot be stored.
        """
        with self._locked():
            if any(r.recording == recording and r.kind is kind for r in self.rows()):
                return
            self._append(
                recording,
                kind,
                sequence=sequence,
                manifest_sha256=manifest_sha256,
                adapter=adapter,
                documents=documents,
            )

    def _append(
        self,
        recording: RecordingId,
        kind: RowKind,
        *,
        sequence: int = 0,
        manifest_sha256: Sha256Hex | None = None,
        adapter: str = "",
        documents: tuple[LedgerDocument, ...] = (),
    ) -> None:
        lines = [line for _row, line in self._read()]
        self._drop_torn_tail(lines)
        row = LedgerRow(
            number=len(lines) + 1,
            previous=_line_hash(lines[-1]) if lines else _FIRST_PREVIOUS,
            at=self._clock.now(),
            recording=recording,
            kind=kind,
            sequence=sequence,
            manifest_sha256=manifest_sha256,
            adapter=adapter,
            documents=documents,
        )
        try:
            with DurableFile.append_to(self._path) as file:
                file.write(msgspec.json.encode(row) + b"\n")
                file.sync()
            sync_directory(self._path.parent)
        except OSError as error:
            raise VaultError(error.strerror or "") from error

    def _drop_torn_tail(self, lines: list[bytes]) -> None:
        whole = b"".join(lines)
        try:
            if self._path.exists() and self._path.stat().st_size != len(whole):
                write_file(self._path, whole)
        except OSError as error:
            raise VaultError(error.strerror or "") from error

    def _read(self) -> Iterator[tuple[LedgerRow, bytes]]:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise VaultError(error.strerror or "") from error
        previous = _FIRST_PREVIOUS
        lines = data.splitlines(keepends=True)
        for number, line in enumerate(lines, start=1):
            if number == len(lines) and not line.endswith(b"\n"):
                return  # cut short: it never counted
            row = _decoded(line)
            if row is None and number == len(lines):
                return  # a torn tail may end with a line end that reached the disk before the rest
            if row is None or (row.number, row.previous) != (number, previous):
                raise DamagedError(_("The ledger of this device is not in one piece."))
            previous = _line_hash(line)
            yield row, line

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            make_directory(self._path.parent)
            with FileLock(self._path.with_suffix(".lock"), timeout=_LOCK_SECONDS):
                if self._path.exists():
                    sync_existing(self._path)  # a row that is built upon must not vanish
                yield
        except Timeout as error:
            raise BusyError from error
        except OSError as error:
            raise VaultError(error.strerror or "") from error


def _decoded(line: bytes) -> LedgerRow | None:
    try:
        return msgspec.json.decode(line, type=LedgerRow)
    except msgspec.DecodeError:
        return None


def _line_hash(line: bytes) -> Sha256Hex:
    return Sha256Hex(hashlib.sha256(line).hexdigest())
