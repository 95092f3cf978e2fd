# SPDX-License-Identifier: EUPL-1.2
"""Destroying: repeatable after any crash, with no way back, touching nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from filled_entry import SOUND, fill, make
from vault_fakes import (
    OTHERS,
    OURS,
    CrashError,
    FaultAt,
    MemoryKeyStore,
    TickingClock,
    count_operations,
    full,
    watching,
)

from recorder.durable import Kind, Moment, Operation
from recorder.errors import KeyStoreError, VaultError
from recorder.lifecycle.states import State
from recorder.vault.vault import Vault


def test_destroying_the_sound_leaves_the_rest_and_no_way_back(
    vault: Vault, keystore: MemoryKeyStore, tmp_path: Path
) -> None:
    directory = make(vault)
    sealed = (directory / "sound-1.00001").read_bytes()
    shutil.copytree(directory, tmp_path / "copy")
    with vault.open(OURS) as entry:
        report = entry.destroy_sound(overwrite=True)
        assert (report.key_removed, report.slot_overwritten, report.unwrap_refused) == (True,) * 3
        assert report.bytes_overwritten == len(sealed)
        assert report.files_removed == 2
        with pytest.raises(VaultError):
            entry.sound_reader()
    with vault.open(OURS) as entry:
        assert entry.recording.state is State.RECORDED
        assert [record.payload for record in entry.documents_reader()] == [b"paper"]
    shutil.rmtree(directory)
    shutil.copytree(tmp_path / "copy", directory)
    with vault.open(OURS) as entry, pytest.raises(KeyStoreError):
        entry.sound_reader()


def test_a_copy_taken_before_destruction_opens_with_nothing_left_in_the_key_store(
    vault: Vault, keystore: MemoryKeyStore, tmp_path: Path
) -> None:
    directory = make(vault)
    shutil.copytree(directory, tmp_path / "copy")
    with vault.open(OURS) as entry:
        entry.destroy()
    assert vault.ids() == []
    assert keystore.secrets == {}
    shutil.copytree(tmp_path / "copy", directory)
    with pytest.raises(KeyStoreError):
        vault.open(OURS)


@pytest.mark.parametrize("whole", [False, True], ids=["sound", "entry"])
def test_destruction_goes_on_after_a_crash_at_any_operation(tmp_path: Path, *, whole: bool) -> None:
    def destroy(vault: Vault) -> None:
        with vault.open(OURS) as entry:
            entry.destroy() if whole else entry.destroy_sound(overwrite=True)

    template, secrets = tmp_path / "template", MemoryKeyStore()
    made = Vault(template, secrets, TickingClock())
    make(made)

    def copy(name: str) -> tuple[Vault, MemoryKeyStore]:
        shutil.copytree(template, tmp_path / name)
        keystore = MemoryKeyStore()
        keystore.secrets.update(secrets.secrets)
        return Vault(tmp_path / name, keystore, TickingClock()), keystore

    well = copy("well")[0]
    total = count_operations(lambda: destroy(well))
    assert total > 10
    for at in range(1, total + 1):
        vault, keystore = copy(f"at {at}")
        with watching(FaultAt(at, CrashError)), pytest.raises(CrashError):
            destroy(vault)
        if whole:
            vault.sweep(condemned=[OURS])
            assert vault.ids() == []
            assert keystore.secrets == {}
        else:
            vault.sweep(condemned=[])
            destroy(vault)
            assert vault.peek(OURS).state is State.RECORDED
            assert list(keystore.secrets) == [f"{OURS}.record"]
            assert list((vault.directory / OURS).glob("sound*")) == []


def test_one_entry_may_be_told_twice_to_destroy_itself(vault: Vault) -> None:
    make(vault)
    with vault.open(OURS) as entry:
        entry.destroy_sound(overwrite=False)
        again = entry.destroy_sound(overwrite=True)
        assert again.bytes_overwritten == 0
        entry.destroy()
        entry.destroy()
    assert vault.ids() == []


def test_destroying_one_recording_touches_no_other(vault: Vault) -> None:
    make(vault)
    with vault.create(OTHERS) as other:
        fill(other)
    with vault.open(OURS) as entry:
        entry.destroy()
    with vault.open(OTHERS) as other:
        assert [record.payload for record in other.sound_reader()] == [SOUND]


def test_a_full_disk_cannot_stop_the_erasing(vault: Vault, keystore: MemoryKeyStore) -> None:
    make(vault)

    def no_room(moment: Moment, operation: Operation) -> None:
        if operation.kind is Kind.WRITE:
            raise full()

    with vault.open(OURS) as entry, watching(no_room):
        report = entry.destroy_sound(overwrite=True)
    assert (report.bytes_overwritten, report.slot_overwritten) == (0, False)
    assert report.key_removed


def test_a_locked_key_store_stops_the_erasing_before_anything_is_touched(
    vault: Vault, keystore: MemoryKeyStore
) -> None:
    directory = make(vault)
    with vault.open(OURS) as entry:
        before = {path: path.read_bytes() for path in directory.iterdir()}
        keystore.is_locked = True
        with pytest.raises(KeyStoreError):
            entry.destroy_sound(overwrite=True)
        assert {path: path.read_bytes() for path in directory.iterdir()} == before
