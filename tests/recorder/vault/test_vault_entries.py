# SPDX-License-Identifier: EUPL-1.2
"""Entries of the vault: made, locked, read again, swept, and destroyed for good."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from filled_entry import PLANNED, SOUND, fill, make
from vault_fakes import (
    OTHERS,
    OURS,
    CrashError,
    FaultAt,
    MemoryKeyStore,
    TickingClock,
    count_operations,
    full,
    read_only,
    watching,
)

from recorder.errors import (
    BusyError,
    DamagedError,
    KeyStoreError,
    MissingError,
    VaultError,
    VaultFullError,
)
from recorder.identifiers import recording_id
from recorder.lifecycle.events import Held, Refused
from recorder.lifecycle.states import State
from recorder.vault.entry import Entry
from recorder.vault.journal import FIRST_PREVIOUS, JournalEntry
from recorder.vault.log import LogEnd
from recorder.vault.log_writer import LogWriter
from recorder.vault.segment import RecordType
from recorder.vault.vault import Vault


def test_an_entry_is_read_again_as_it_was_made(vault: Vault) -> None:
    make(vault)
    assert vault.ids() == [OURS]
    assert vault.peek(OURS).state is State.RECORDED
    with vault.open(OURS) as entry:
        assert entry.recording.state is State.RECORDED
        reader = entry.sound_reader()
        assert [record.payload for record in reader] == [SOUND]
        assert reader.end is LogEnd.CLOSED
        assert [record.payload for record in entry.documents_reader()] == [b"paper"]


def test_nothing_readable_lies_on_the_disk(vault: Vault, keystore: MemoryKeyStore) -> None:
    directory = make(vault)
    everything = b"".join(path.read_bytes() for path in directory.iterdir())
    for needle in (SOUND, b"paper", b"planned", b"software", *keystore.secrets.values()):
        assert needle not in everything


def test_a_missing_recording_is_said_so(vault: Vault) -> None:
    for ask in (vault.open, vault.peek):
        with pytest.raises(MissingError):
            ask(OURS)


def test_an_open_entry_is_busy_for_everyone_else(vault: Vault) -> None:
    with vault.create(OURS) as entry:
        fill(entry)
        assert vault.is_busy(OURS)
        with pytest.raises(BusyError):
            vault.open(OURS)
        assert vault.peek(OURS).state is State.RECORDED, "looking needs no lock"
    assert not vault.is_busy(OURS)
    vault.open(OURS).close()


_HOLDER = """
import sys
from pathlib import Path
from recorder.clock import SystemClock
from recorder.identifiers import recording_id
from recorder.vault.keystore import FileKeyStore
from recorder.vault.vault import Vault
vault = Vault(Path(sys.argv[1]), FileKeyStore(Path(sys.argv[2])), SystemClock())
with vault.create(recording_id(sys.argv[3])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_an_entry_that_another_process_holds_is_busy_until_that_process_is_gone(
    tmp_path: Path, keystore: MemoryKeyStore
) -> None:
    vault = Vault(tmp_path / "vault", keystore, TickingClock())
    arguments = [str(tmp_path / "vault"), str(tmp_path / "keys"), OURS]
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BusyError):
            vault.open(OURS)
        vault.sweep(condemned=[OURS])
        assert vault.ids() == [OURS], "what a live process holds is left alone"
        holder.kill()
        holder.wait()
    assert not vault.is_busy(OURS)


def test_what_cannot_be_made_whole_is_an_error_and_is_swept(
    tmp_path: Path, keystore: MemoryKeyStore
) -> None:
    def run(name: str) -> None:
        Vault(tmp_path / name, keystore, TickingClock()).create(OURS).close()

    total = count_operations(lambda: run("well"))
    for at in range(1, total + 1):
        keystore.secrets.clear()
        with watching(FaultAt(at, CrashError)), pytest.raises(CrashError):
            run(f"crash {at}")
        with watching(FaultAt(at, full)), pytest.raises(VaultFullError):
            run(f"full {at}")
        for name in (f"crash {at}", f"full {at}"):
            vault = Vault(tmp_path / name, keystore, TickingClock())
            vault.sweep(condemned=[])
            assert vault.ids() == []
            shutil.rmtree(tmp_path / name)
        assert keystore.secrets == {}


def test_an_entry_whose_first_event_was_torn_is_swept(vault: Vault) -> None:
    with vault.create(OURS) as entry:
        entry.journal.append(PLANNED)
        journal = entry.directory / "journal.00001"
    whole = journal.read_bytes()
    for cut in range(len(whole)):
        journal.write_bytes(whole[:cut])
        assert vault._holds_nothing(OURS), cut
    journal.write_bytes(whole)
    assert not vault._holds_nothing(OURS)
    vault.sweep(condemned=[])
    assert vault.ids() == [OURS]
    journal.write_bytes(whole[:-1])
    vault.sweep(condemned=[])
    assert vault.ids() == []


def test_sweeping_what_holds_nothing_may_be_cut_short_anywhere(
    tmp_path: Path, keystore: MemoryKeyStore
) -> None:
    def emptied(directory: Path) -> Vault:
        vault = Vault(directory, keystore, TickingClock())
        with vault.create(OURS) as entry:
            entry.journal.append(PLANNED)
        (first,) = (directory / OURS).glob("journal.*")
        first.write_bytes(first.read_bytes()[:-1])
        return vault

    operations = count_operations(lambda: emptied(tmp_path / "count").sweep(frozenset()))
    for at in range(1, operations + 1):
        vault = emptied(tmp_path / str(at))
        with watching(FaultAt(at, CrashError)), contextlib.suppress(CrashError):
            vault.sweep(frozenset())
        vault.sweep(frozenset())
        assert vault.ids() == []
        assert keystore.secrets == {}


def test_sound_or_documents_without_a_journal_are_never_swept(vault: Vault) -> None:
    directory = make(vault)
    (directory / "journal.00001").unlink()
    vault.sweep(condemned=[])
    (directory / "sound-1.00001").unlink()
    vault.sweep(condemned=[])
    assert vault.ids() == [OURS]
    (directory / "documents.00001").unlink()
    vault.sweep(condemned=[])
    assert vault.ids() == []


def test_an_emptied_or_locked_key_store_condemns_nothing(
    vault: Vault, keystore: MemoryKeyStore
) -> None:
    make(vault)
    before = dict(keystore.secrets)
    keystore.secrets.clear()
    vault.sweep(condemned=[])
    with pytest.raises(KeyStoreError):
        vault.open(OURS)
    keystore.is_locked = True
    vault.sweep(condemned=[])
    with pytest.raises(KeyStoreError):
        vault.peek(OURS)
    keystore.is_locked = False
    keystore.secrets.update(before)
    with vault.open(OURS) as entry:
        assert [record.payload for record in entry.sound_reader()] == [SOUND]


def test_a_damaged_journal_is_not_swept_and_not_opened(vault: Vault) -> None:
    with vault.create(OURS) as entry:
        entry.journal.append(PLANNED)
        entry.journal.append(Refused("no"))
        journal = entry.directory / "journal.00001"
    flipped = bytearray(journal.read_bytes())
    flipped[100] ^= 1
    journal.write_bytes(flipped)
    # Its first event is bad, a genuine one follows: this is no crash.
    with pytest.raises(DamagedError):
        vault.open(OURS)
    vault.sweep(condemned=[])
    assert vault.ids() == [OURS]


def test_a_journal_that_breaks_the_law_is_damage_for_those_who_only_look(vault: Vault) -> None:
    with vault.create(OURS) as entry:
        forged = msgspec.json.encode(
            JournalEntry(1, FIRST_PREVIOUS, TickingClock().now(), Refused("before planned"))
        )
        address = entry.journal._address
        writer = LogWriter(address, entry._record_key, next_sequence=0, reserve=None)
        writer.append(RecordType.EVENT, forged)
        writer.sync()
        writer.release()
    with pytest.raises(DamagedError):
        vault.peek(OURS)


def test_a_read_only_disk_is_said_so_and_nothing_is_lost(vault: Vault) -> None:
    make(vault)
    with watching(FaultAt(1, read_only, lasting=True)):
        with pytest.raises(VaultError, match="write-protected"):
            vault.create(OTHERS)
        with pytest.raises(VaultError):
            vault.open(OURS)
    with vault.open(OURS) as entry, watching(FaultAt(1, read_only, lasting=True)):
        with pytest.raises(VaultError):
            entry.journal.append(Held("offline", "deliver"))
        with pytest.raises(VaultError):
            entry.sound_writer(1)


def test_a_file_where_the_vault_should_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "vault").write_bytes(b"")
    with pytest.raises(VaultError):
        Vault(tmp_path / "vault", MemoryKeyStore(), TickingClock())


def test_foreign_names_in_the_vault_are_left_alone(vault: Vault) -> None:
    for name in (OURS.upper(), "0123-4567-89ab-cdef", "lost+found", ".Trash"):
        (vault.directory / name).mkdir()
    (vault.directory / OTHERS).write_bytes(b"a file")
    vault.sweep(condemned=[])
    assert vault.ids() == []
    assert len(list(vault.directory.iterdir())) == 6


class AskedUnderTheLock(list[str]):
    """What the ledger condemns; notes whether the entry was locked when it was asked."""

    def __init__(self, vault: Vault) -> None:
        super().__init__()
        self._vault = vault
        self.was_busy: list[bool] = []

    def __contains__(self, recording: object) -> bool:
        assert isinstance(recording, str)
        self.was_busy.append(self._vault.is_busy(recording_id(recording)))
        return False


def test_whether_an_entry_is_swept_is_decided_under_its_lock(vault: Vault) -> None:
    make(vault)
    condemned = AskedUnderTheLock(vault)
    vault.sweep(condemned)
    assert condemned.was_busy == [True]


def test_looking_at_a_journal_that_grows_never_shows_damage(vault: Vault) -> None:
    make(vault)
    enough = threading.Event()
    with vault.open(OURS) as entry, ThreadPoolExecutor(1) as pool:
        growing = pool.submit(_grow, entry, enough)
        try:
            for _ in range(40):
                assert vault.peek(OURS).state is State.RECORDED
        finally:
            enough.set()
        assert growing.result() > 0


def _grow(entry: Entry, enough: threading.Event) -> int:
    number = 0
    while not enough.is_set() and number < 500:
        entry.journal.append(Held(f"reason {number}", "seal"))
        number += 1
        if number % 10 == 0:
            entry.journal.release()  # the next event begins a segment
    return number
