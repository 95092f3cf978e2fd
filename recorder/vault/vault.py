# SPDX-License-Identifier: EUPL-1.2
"""All recordings on this device that are not completed yet.

Rules: who works on an entry holds its lock. Who lets a process of its own record holds the *live*
lock besides, from before that process begins until the recording is home: while a dead capture
process is replaced nobody has the entry, and it is no less alive for that. Everybody else takes
both locks or none. The system lets go of them when their process ends, however it ends.
"""

from __future__ import annotations

import contextlib
from collections.abc import Container, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from recorder.clock import Clock
from recorder.durable import make_directory, unlink
from recorder.errors import BusyError, DamagedError, MissingError, RecorderError
from recorder.identifiers import RecordingId, recording_id
from recorder.lifecycle.fold import IllegalEventError, Recording, fold
from recorder.vault.entry import Entry
from recorder.vault.journal import read_entries
from recorder.vault.keystore import KeyStore
from recorder.vault.log import LogAddress, storage_error
from recorder.vault.segment import LogKind
from recorder.vault.slot import KeyRole, Slot
from recorder.words import _

_LOCKS = "locks"
_LIVE = ".live"
_OWN_WAIT = 2.0  # seconds until a process of one's own, dead or just done, has let go
_LOOKED_AT = 0.2  # seconds for which somebody who only looks may hold a lock
_POLL = 0.02


class Vault:
    """The folder with one entry per recording."""

    def __init__(self, directory: Path, keystore: KeyStore, clock: Clock) -> None:
        """Use a folder.

        Args:
            directory: Absolute; made where it is missing.
            keystore: Where wrapping keys live.
            clock: For the journals.

        Raises:
            VaultError: If it cannot be made.
        """
        self.directory = directory
        self._keystore = keystore
        self._clock = clock
        self._watched: set[RecordingId] = set()
        try:
            make_directory(directory / _LOCKS)
        except OSError as error:
            raise storage_error(error) from error

    def create(self, recording: RecordingId) -> Entry:
        """Make a new entry, locked and with keys of its own.

        Args:
            recording: A new id.

        Returns:
            The entry, to be used as a context manager.

        Raises:
            KeyStoreError: If the key store does not keep its keys.
            VaultError: If it cannot be made.
        """
        entry = self._locked(recording, is_own=True)
        try:
            entry.prepare()
        except BaseException:
            entry.close()
            raise
        return entry

    @contextlib.contextmanager
    def watch_over(self, recording: RecordingId) -> Iterator[None]:
        """Keep all others off a recording while the body runs, whoever has its entry meanwhile.

        The capture process and whoever watches open the entry with ``is_own``.

        Args:
            recording: Its id; its entry need not be there yet.

        Raises:
            BusyError: If another process works on it.
            VaultError: If the lock cannot be made.
        """
        lock = self._taken(f"{recording}{_LIVE}", _LOOKED_AT)
        self._watched.add(recording)
        try:
            yield
        finally:
            self._watched.discard(recording)
            if not (self.directory / recording).exists():
                with contextlib.suppress(OSError):  # Windows removes no open file; sweep does it
                    unlink(Path(lock.lock_file))
            lock.release()

    def open(self, recording: RecordingId, *, is_own: bool = False) -> Entry:
        """Lock an entry and read its journal.

        Args:
            recording: Its id.
            is_own: Whether this process, or its parent, watches over the recording; waits a
                moment for a process of its own that is just letting go.

        Returns:
            The entry, to be used as a context manager.

        Raises:
            MissingError: If there is none.
            BusyError: If another process has it.
            KeyStoreError: If its key is gone or the key store does not answer.
            VaultError: If it cannot be read.
        """
        if not (self.directory / recording).is_dir():
            raise MissingError
        entry = self._locked(recording, is_own=is_own, wait=_OWN_WAIT if is_own else _LOOKED_AT)
        if not entry.directory.is_dir():  # it came home while its lock was waited for
            entry.close()
            raise MissingError
        try:
            entry.unlock()
        except BaseException:
            entry.close()
            raise
        return entry

    def ids(self) -> list[RecordingId]:
        """List the recordings in the vault.

        Raises:
            VaultError: If its folder cannot be read.
        """
        try:
            return sorted(self._ids())
        except OSError as error:
            raise storage_error(error) from error

    def is_busy(self, recording: RecordingId) -> bool:
        """Tell whether a process works on a recording now.

        Args:
            recording: Its id.

        Returns:
            Whether a lock of it is taken.
        """
        try:
            self._locked(recording, is_own=recording in self._watched).close()
        except BusyError:
            return True
        return False

    def peek(self, recording: RecordingId) -> Recording:
        """Read where a recording stands, without locking it.

        Args:
            recording: Its id.

        Returns:
            The fold of what its journal holds now.

        Raises:
            MissingError: If there is none.
            KeyStoreError: If its key is gone or the key store does not answer.
            VaultError: If it cannot be read.
        """
        directory = self.directory / recording
        if not directory.is_dir():
            raise MissingError
        key = Slot(directory, recording, KeyRole.RECORD).open(self._keystore)
        address = LogAddress(directory, recording, LogKind.JOURNAL)
        try:
            return fold((entry.event, entry.at) for entry, _bytes in read_entries(address, key))
        except IllegalEventError as error:
            raise DamagedError(_("The journal of this recording cannot be read.")) from error

    def sweep(self, condemned: Container[RecordingId]) -> None:
        """Remove what is left of entries that were never whole or were being destroyed.

        An entry without sound, documents and a first journal event holds nothing: making it was
        cut short before anything was documented. An intact slot whose wrapping key is missing is
        *no* such sign (a key store may have been emptied); only the ledger can condemn an entry.

        Args:
            condemned: Recordings whose destruction the ledger has noted.

        Raises:
            KeyStoreError: If a key cannot be removed.
            VaultError: If files cannot be removed.
        """
        for recording in self.ids():
            try:
                entry = self._locked(recording, is_own=recording in self._watched)
            except BusyError:
                continue
            with entry:
                # Asked under the lock: a moment ago another process may have been making it.
                if recording in condemned or self._holds_nothing(recording):
                    entry.remove_remains()
        self._sweep_locks()

    def sweep_own(self, recording: RecordingId) -> None:
        """Remove what is left of an entry that was never whole, as ``sweep`` would.

        Args:
            recording: Watched over by this process, or its parent.

        Raises:
            BusyError: If another process has it.
            KeyStoreError: If a key cannot be removed.
            VaultError: If files cannot be removed.
        """
        with self._locked(recording, is_own=True, wait=_OWN_WAIT) as entry:
            if self._holds_nothing(recording):
                entry.remove_remains()

    def _sweep_locks(self) -> None:
        """Remove the lock files of recordings that are gone; an id is never used again."""
        for path in (self.directory / _LOCKS).glob("*.lock"):
            if (self.directory / path.name.partition(".")[0]).exists():
                continue
            with contextlib.suppress(OSError, Timeout), FileLock(path, timeout=0):
                unlink(path)

    def _holds_nothing(self, recording: RecordingId) -> bool:
        directory = self.directory / recording
        if any(directory.glob("sound-*")) or any(directory.glob("documents.*")):
            return False
        address = LogAddress(directory, recording, LogKind.JOURNAL)
        if not address.segments():
            return True
        try:
            key = Slot(directory, recording, KeyRole.RECORD).open(self._keystore)
            return next(read_entries(address, key), None) is None
        except RecorderError:
            return False  # it cannot be read now, which does not say that there is nothing

    def _ids(self) -> Iterator[RecordingId]:
        for path in self.directory.iterdir():
            with contextlib.suppress(ValueError):
                if path.is_dir() and recording_id(path.name) == path.name:
                    yield RecordingId(path.name)

    def _locked(self, recording: RecordingId, *, is_own: bool, wait: float = 0.0) -> Entry:
        with contextlib.ExitStack() as locks:
            if not is_own:
                locks.callback(self._taken(f"{recording}{_LIVE}", wait).release)
            locks.callback(self._taken(recording, wait).release)
            return Entry(
                self.directory / recording,
                recording,
                self._keystore,
                self._clock,
                locks.pop_all(),
            )

    def _taken(self, name: str, wait: float) -> FileLock:
        # Locks lie outside the entries: removing an entry must not remove a lock that is held.
        lock = FileLock(self.directory / _LOCKS / f"{name}.lock", timeout=wait)
        try:
            lock.acquire(poll_interval=_POLL)
        except Timeout as error:
            raise BusyError from error
        except OSError as error:
            raise storage_error(error) from error
        return lock
