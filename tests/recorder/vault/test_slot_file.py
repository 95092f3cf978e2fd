# SPDX-License-Identifier: EUPL-1.2
"""Slots: a data key comes back whole or not at all, and never after its destruction."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from vault_fakes import (
    OTHERS,
    OURS,
    CrashError,
    FaultAt,
    MemoryKeyStore,
    count_operations,
    full,
    watching,
)

from recorder.durable import unlink
from recorder.errors import KeyStoreError, VaultError
from recorder.vault.slot import KeyRole, Slot


class StubbornKeyStore(MemoryKeyStore):
    """Says that it removes and does not."""

    def remove(self, name: str) -> None:
        self._answer()


@pytest.fixture
def keystore() -> MemoryKeyStore:
    return MemoryKeyStore()


def test_a_data_key_comes_back(tmp_path: Path, keystore: MemoryKeyStore) -> None:
    slot = Slot(tmp_path, OURS, KeyRole.SOUND)
    key = slot.create(keystore)
    assert len(key) == 32
    assert Slot(tmp_path, OURS, KeyRole.SOUND).open(keystore) == key
    assert slot.path.stat().st_size == 4096
    assert key not in slot.path.read_bytes()
    assert key not in keystore.secrets.values()


def test_a_byte_flipped_anywhere_is_refused(tmp_path: Path, keystore: MemoryKeyStore) -> None:
    slot = Slot(tmp_path, OURS, KeyRole.SOUND)
    slot.create(keystore)
    whole = slot.path.read_bytes()
    for offset in range(len(whole)):
        flipped = bytearray(whole)
        flipped[offset] ^= 1
        slot.path.write_bytes(flipped)
        with pytest.raises(VaultError):
            slot.open(keystore)


@pytest.mark.parametrize("content", [b"", bytes(4096), b"MODOSLT1"])
def test_a_torn_slot_is_refused(tmp_path: Path, keystore: MemoryKeyStore, content: bytes) -> None:
    slot = Slot(tmp_path, OURS, KeyRole.SOUND)
    slot.create(keystore)
    slot.path.write_bytes(content)
    with pytest.raises(VaultError):
        slot.open(keystore)


def test_the_slot_of_another_recording_or_role_is_refused(
    tmp_path: Path, keystore: MemoryKeyStore
) -> None:
    slots = [Slot(tmp_path / "a", OURS, role) for role in KeyRole]
    slots.append(Slot(tmp_path / "b", OTHERS, KeyRole.SOUND))
    for slot in slots:
        slot.path.parent.mkdir(exist_ok=True)
        slot.create(keystore)
    for slot in slots[1:]:
        shutil.copy(slot.path, tmp_path / "copy")
        shutil.copy(tmp_path / "copy", slots[0].path)
        with pytest.raises(VaultError):
            slots[0].open(keystore)


def test_a_missing_slot_and_a_missing_wrapping_key_are_told_apart(
    tmp_path: Path, keystore: MemoryKeyStore
) -> None:
    slot = Slot(tmp_path, OURS, KeyRole.SOUND)
    with pytest.raises(VaultError):
        slot.open(keystore)
    slot.create(keystore)
    keystore.secrets.clear()
    with pytest.raises(KeyStoreError):
        slot.open(keystore)


def test_after_destruction_a_copy_taken_before_opens_nothing(
    tmp_path: Path, keystore: MemoryKeyStore
) -> None:
    slot = Slot(tmp_path, OURS, KeyRole.SOUND)
    slot.create(keystore)
    before = slot.path.read_bytes()
    assert slot.destroy(keystore)
    assert slot.path.read_bytes()[32:72] != before[32:72]
    slot.path.write_bytes(before)
    with pytest.raises(KeyStoreError):
        slot.open(keystore)


def test_destruction_may_be_repeated_after_a_crash_at_any_point(tmp_path: Path) -> None:
    def fresh(name: str) -> tuple[Slot, MemoryKeyStore]:
        keystore, slot = MemoryKeyStore(), Slot(tmp_path / name, OURS, KeyRole.SOUND)
        slot.path.parent.mkdir()
        slot.create(keystore)
        return slot, keystore

    slot, keystore = fresh("well")
    total = count_operations(lambda: slot.destroy(keystore))
    assert total >= 4
    for at in range(1, total + 1):
        slot, keystore = fresh(str(at))
        with watching(FaultAt(at, CrashError)), pytest.raises(CrashError):
            slot.destroy(keystore)
        assert slot.destroy(keystore)
        assert keystore.secrets == {}
    unlink(slot.path)
    assert not slot.destroy(keystore), "nothing was there to overwrite"


def test_a_key_store_that_does_not_remove_leaves_the_slot_as_it_is(tmp_path: Path) -> None:
    keystore, slot = StubbornKeyStore(), Slot(tmp_path, OURS, KeyRole.SOUND)
    key = slot.create(keystore)
    for _ in range(2):  # a second try must not pass because the first spoiled the copy
        with pytest.raises(KeyStoreError):
            slot.destroy(keystore)
    assert slot.open(keystore) == key


def test_a_locked_key_store_leaves_the_slot_as_it_is(
    tmp_path: Path, keystore: MemoryKeyStore
) -> None:
    slot = Slot(tmp_path, OURS, KeyRole.SOUND)
    key = slot.create(keystore)
    keystore.is_locked = True
    with pytest.raises(KeyStoreError):
        slot.destroy(keystore)
    with pytest.raises(KeyStoreError):
        slot.open(keystore)
    keystore.is_locked = False
    assert slot.open(keystore) == key


def test_a_disk_too_full_to_overwrite_does_not_keep_the_key_alive(
    tmp_path: Path, keystore: MemoryKeyStore
) -> None:
    slot = Slot(tmp_path, OURS, KeyRole.SOUND)
    slot.create(keystore)
    with watching(FaultAt(1, full, lasting=True)):
        assert not slot.destroy(keystore), "and the report says that nothing was overwritten"
    assert keystore.secrets == {}
