# SPDX-License-Identifier: EUPL-1.2
"""One recording's entry in the vault: its keys, journal, sound log and documents log.

    <vault>/<recording id>/
        record.slot  sound.slot      the wrapped data keys
        journal.00001 …              events (record key)
        sound-1.00001 …              sound of track 1 (sound key)
        documents.00001 …            frozen documents (record key)
        reserve                      given up when the disk is full

Rules: an open entry is locked; a second process gets ``BusyError``. Destroying the sound leaves
the rest of the entry readable. Both destructions may be repeated after a crash.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from recorder.clock import Clock
from recorder.durable import (
    DurableFile,
    make_directory,
    remove_directory,
    sync_directory,
    unlink,
)
from recorder.identifiers import RecordingId
from recorder.lifecycle.events import WipeReport
from recorder.lifecycle.fold import Recording
from recorder.vault.journal import Journal
from recorder.vault.keystore import KeyStore
from recorder.vault.log import LogAddress, LogReader, storage_error
from recorder.vault.log_writer import LogWriter, sync_log
from recorder.vault.medium import file_system_of, overwrite_once
from recorder.vault.segment import LogKind
from recorder.vault.slot import KeyRole, Slot

RESERVE_BYTES = 4 << 20


class Entry:
    """A recording's entry, locked by this process; use it as a context manager."""

    def __init__(
        self,
        directory: Path,
        recording: RecordingId,
        keystore: KeyStore,
        clock: Clock,
        locks: contextlib.ExitStack,
    ) -> None:
        """Hold a locked entry; ``Vault.create`` and ``Vault.open`` make them."""
        self.directory = directory
        self.id = recording
        self._keystore = keystore
        self._clock = clock
        self._locks = locks
        self._sound_key: bytes | None = None
        self._record_key = b""
        self._journal: Journal | None = None

    def prepare(self) -> None:
        """Make the keys, the reserve and an empty journal of a new entry.

        Raises:
            KeyStoreError: If the key store does not keep the wrapping keys.
            VaultError: If the files cannot be made.
        """
        try:
            make_directory(self.directory)
            self._sound_key = self._slot(KeyRole.SOUND).create(self._keystore)
            with DurableFile.create(self._reserve) as file:
                file.write(os.urandom(RESERVE_BYTES))  # zeros could be stored as nothing
                file.sync()
            # The record key comes last: an entry that has it is whole.
            self._record_key = self._slot(KeyRole.RECORD).create(self._keystore)
        except OSError as error:
            raise storage_error(error) from error
        self._journal = Journal(self._address(LogKind.JOURNAL), self._record_key, self._clock)

    def unlock(self) -> None:
        """Unwrap the record key and read the journal of an existing entry.

        Raises:
            KeyStoreError: If the key is gone or the key store does not answer.
            VaultError: If slot or journal are not intact.
        """
        self._record_key = self._slot(KeyRole.RECORD).open(self._keystore)
        self._journal = Journal(self._address(LogKind.JOURNAL), self._record_key, self._clock)

    @property
    def journal(self) -> Journal:
        """The recording's journal."""
        assert self._journal is not None, "prepare() or unlock() comes first"
        return self._journal

    @property
    def recording(self) -> Recording:
        """Where the recording stands."""
        return self.journal.recording

    @property
    def key_store_description(self) -> str:
        """What keeps the wrapping keys."""
        return self._keystore.description

    @property
    def is_sound_key_gone(self) -> bool:
        """Whether the key store answers that it has no key for the sound any more.

        Raises:
            KeyStoreError: If it does not answer, which says nothing about the key.
        """
        return self._keystore.get(self._slot(KeyRole.SOUND).wrapping_key_name) is None

    def sound_reader(self, track: int = 1) -> LogReader:
        """Read a sound log.

        Args:
            track: From 1.

        Returns:
            The reader.

        Raises:
            KeyStoreError: If the sound's key is gone.
        """
        return LogReader(self._address(LogKind.SOUND, track), self._sound())

    def sound_writer(self, next_sequence: int, track: int = 1) -> LogWriter:
        """Begin a new segment of a sound log.

        Args:
            next_sequence: As a reader found it; 0 for a new log.
            track: From 1.

        Returns:
            The writer.

        Raises:
            VaultError: If it cannot be begun.
        """
        address = self._address(LogKind.SOUND, track)
        return LogWriter(address, self._sound(), next_sequence=next_sequence, reserve=self._reserve)

    def sync_sound(self, track: int = 1) -> None:
        """Put on the medium what a dead capture process may have left in memory only.

        Args:
            track: From 1.

        Raises:
            VaultError: If the system could not.
        """
        sync_log(self._address(LogKind.SOUND, track))

    def documents_reader(self) -> LogReader:
        """Read the documents log."""
        return LogReader(self._address(LogKind.DOCUMENTS), self._record_key)

    def documents_writer(self, next_sequence: int) -> LogWriter:
        """Begin a new segment of the documents log.

        Args:
            next_sequence: As a reader found it.

        Returns:
            The writer.

        Raises:
            VaultError: If it cannot be begun.
        """
        address = self._address(LogKind.DOCUMENTS)
        sync_log(address)
        return LogWriter(
            address, self._record_key, next_sequence=next_sequence, reserve=self._reserve
        )

    def destroy_sound(self, *, overwrite: bool) -> WipeReport:
        """Erase the sound: key first, then slot, then ciphertext. May be repeated.

        Args:
            overwrite: Whether to write over the ciphertext once before removing it.

        Returns:
            What was done.

        Raises:
            KeyStoreError: If the key cannot be removed.
            VaultError: If a file cannot be removed.
        """
        self._sound_key = None
        return self._destroy(KeyRole.SOUND, list(self._sound_files()), overwrite=overwrite)

    def destroy(self) -> WipeReport:
        """Erase all that is left of the entry and release it. May be repeated.

        Returns:
            What was done.

        Raises:
            KeyStoreError: If a key cannot be removed.
            VaultError: If a file cannot be removed.
        """
        self.journal.release()
        self._destroy(KeyRole.SOUND, list(self._sound_files()), overwrite=True)
        report = self._destroy(
            KeyRole.RECORD,
            self._content_files(),
            overwrite=True,
        )
        self.remove_remains()
        return report

    def remove_remains(self) -> None:
        """Remove the files of an entry that holds nothing, or whose keys are gone.

        The journal goes first, and for good: an entry without it holds nothing whatever comes
        next, while an empty journal without its key looks like a recording that lost its key.

        Raises:
            KeyStoreError: If a key cannot be removed.
            VaultError: If a file cannot be removed.
        """
        try:
            if self.directory.is_dir():
                for path in self._address(LogKind.JOURNAL).segments():
                    unlink(path)  # not overwritten: half of that would look like damage
                sync_directory(self.directory)
            for role in KeyRole:
                self._keystore.remove(self._slot(role).wrapping_key_name)
            if self.directory.is_dir():
                for path in sorted(self.directory.iterdir()):
                    if path != self._reserve:
                        overwrite_once(path)
                    unlink(path)
            remove_directory(self.directory)
        except OSError as error:
            raise storage_error(error) from error

    def close(self) -> None:
        """Release files and lock."""
        if self._journal is not None:
            self._journal.release()
        self._locks.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def _reserve(self) -> Path:
        return self.directory / "reserve"

    def _sound(self) -> bytes:
        if self._sound_key is None:
            self._sound_key = self._slot(KeyRole.SOUND).open(self._keystore)
        return self._sound_key

    def _slot(self, role: KeyRole) -> Slot:
        return Slot(self.directory, self.id, role)

    def _address(self, kind: LogKind, track: int = 0) -> LogAddress:
        return LogAddress(self.directory, self.id, kind, track)

    def _sound_files(self) -> Iterator[Path]:
        yield from sorted(self.directory.glob("sound-*"))

    def _content_files(self) -> list[Path]:
        if not self.directory.is_dir():
            return []
        # In this order the journal goes last: without it the entry counts as never begun.
        content = [p for p in sorted(self.directory.iterdir()) if p.suffix != ".slot"]
        return [p for p in content if p != self._reserve]

    def _destroy(self, role: KeyRole, files: list[Path], *, overwrite: bool) -> WipeReport:
        slot = self._slot(role)
        try:
            medium = file_system_of(self.directory)
            slot_overwritten = slot.destroy(self._keystore)
            overwritten = sum(overwrite_once(path) for path in files) if overwrite else 0
            for path in [*files, slot.path]:
                unlink(path)
            if self.directory.is_dir():
                sync_directory(self.directory)
        except OSError as error:
            raise storage_error(error) from error
        return WipeReport(
            key_store=self._keystore.description,
            key_removed=True,
            slot_overwritten=slot_overwritten,
            bytes_overwritten=overwritten,
            files_removed=len(files) + 1,
            unwrap_refused=True,
            medium=medium,
        )
