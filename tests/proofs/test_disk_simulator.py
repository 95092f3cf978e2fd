# SPDX-License-Identifier: EUPL-1.2
"""The simulated disk keeps what was synced, may lose the rest, and shows a protocol's missing sync."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from disk import ByChance, Certain, Disk, Tree, read_tree, write_tree

from esdh_adapter import durable
from esdh_adapter.durable import DurableFile, Kind, Moment, Operation

EVERYTHING = Certain(("",))
NOTHING_MORE = Certain()


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


def _operations(deed: Callable[[], None]) -> list[Operation]:
    done: list[Operation] = []

    def note(moment: Moment, operation: Operation) -> None:
        if moment is Moment.AFTER:
            done.append(operation)

    durable.watch(note)
    try:
        deed()
    finally:
        durable.watch(None)
    return done


def _every_state(disk: Disk, operations: list[Operation]) -> list[Tree]:
    states = []
    for number, operation in enumerate(operations):
        disk.apply(operation)
        states += [
            disk.after_power_loss(survival)
            for survival in (NOTHING_MORE, EVERYTHING, ByChance(random.Random(number)))
        ]
    return states


def test_content_is_certain_only_after_a_sync(disk: Disk, tmp_path: Path) -> None:
    path = tmp_path / "a"
    disk.apply(Operation(Kind.CREATE, path))
    disk.apply(Operation(Kind.SYNC_DIRECTORY, tmp_path))
    disk.apply(Operation(Kind.WRITE, path, 0, b"abc"))

    assert disk.after_power_loss(NOTHING_MORE) == {"a": b""}
    assert disk.after_power_loss(EVERYTHING) == {"a": b"abc"}

    disk.apply(Operation(Kind.SYNC, path))

    assert disk.after_power_loss(NOTHING_MORE) == {"a": b"abc"}


def test_a_name_is_certain_only_after_a_sync_of_its_directory(disk: Disk, tmp_path: Path) -> None:
    path = tmp_path / "a"
    disk.apply(Operation(Kind.CREATE, path))
    disk.apply(Operation(Kind.WRITE, path, 0, b"abc"))
    disk.apply(Operation(Kind.SYNC, path))

    assert disk.after_power_loss(NOTHING_MORE) == {}

    disk.apply(Operation(Kind.SYNC_DIRECTORY, tmp_path))

    assert disk.after_power_loss(NOTHING_MORE) == {"a": b"abc"}


def test_what_is_in_an_unsynced_directory_is_lost_with_it(disk: Disk, tmp_path: Path) -> None:
    below = tmp_path / "d"
    disk.apply(Operation(Kind.MAKE_DIRECTORY, below))
    disk.apply(Operation(Kind.CREATE, below / "a"))
    disk.apply(Operation(Kind.SYNC_DIRECTORY, below))

    assert disk.after_power_loss(NOTHING_MORE) == {}

    disk.apply(Operation(Kind.SYNC_DIRECTORY, tmp_path))

    assert disk.after_power_loss(NOTHING_MORE) == {"d": None, "d/a": b""}


def test_a_removed_name_may_come_back(disk: Disk, tmp_path: Path) -> None:
    path = tmp_path / "a"
    disk.apply(Operation(Kind.CREATE, path))
    disk.apply(Operation(Kind.SYNC_DIRECTORY, tmp_path))
    disk.apply(Operation(Kind.UNLINK, path))

    assert disk.after_power_loss(NOTHING_MORE) == {"a": b""}
    assert disk.after_power_loss(EVERYTHING) == {}


def test_a_rename_is_there_or_not_and_nothing_between(disk: Disk, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    disk.apply(Operation(Kind.CREATE, old))
    disk.apply(Operation(Kind.SYNC_DIRECTORY, tmp_path))
    disk.apply(Operation(Kind.RENAME, old, destination=new))

    states = [disk.after_power_loss(ByChance(random.Random(seed))) for seed in range(20)]

    assert {tuple(state) for state in states} == {("old",), ("new",)}


def test_unsynced_writes_are_torn_dropped_and_reordered(disk: Disk, tmp_path: Path) -> None:
    path = tmp_path / "a"
    disk.apply(Operation(Kind.CREATE, path))
    disk.apply(Operation(Kind.SYNC_DIRECTORY, tmp_path))
    disk.apply(Operation(Kind.WRITE, path, 0, b"abcd"))
    disk.apply(Operation(Kind.WRITE, path, 4, b"efgh"))

    states = {disk.after_power_loss(ByChance(random.Random(seed)))["a"] for seed in range(300)}

    assert {b"", b"abcd", b"abcdefgh", b"ab", b"\0\0\0\0efgh", b"abcd\0\0gh"} <= states


def test_writing_over_synced_content_may_be_torn_but_never_takes_the_rest(
    disk: Disk, tmp_path: Path
) -> None:
    path = tmp_path / "a"
    disk.apply(Operation(Kind.CREATE, path))
    disk.apply(Operation(Kind.WRITE, path, 0, b"keep"))
    disk.apply(Operation(Kind.SYNC, path))
    disk.apply(Operation(Kind.SYNC_DIRECTORY, tmp_path))
    disk.apply(Operation(Kind.WRITE, path, 2, b"!!"))

    for seed in range(50):
        content = disk.after_power_loss(ByChance(random.Random(seed)))["a"]
        assert content is not None
        assert content.startswith(b"ke")
        assert len(content) == 4


def test_a_tree_survives_being_written_and_read(tmp_path: Path) -> None:
    tree: Tree = {"d": None, "d/e": None, "d/e/f": b"1", "g": b""}
    write_tree(tree, tmp_path)

    assert read_tree(tmp_path) == tree


def test_the_simulation_and_the_real_disk_agree_without_a_crash(tmp_path: Path) -> None:
    real = tmp_path / "disk"
    real.mkdir()
    disk = Disk(real)
    deeds = _operations(lambda: _use_everything(real))
    for operation in deeds:
        disk.apply(operation)

    assert {operation.kind for operation in deeds} >= set(Kind) - {Kind.CALL}
    assert disk.after_power_loss(EVERYTHING) == read_tree(real)
    assert disk.after_power_loss(NOTHING_MORE) == read_tree(real), "all of it was synced"


def _use_everything(root: Path) -> None:
    durable.make_directory(root / "d" / "e")
    durable.write_file(root / "d" / "a", b"one")
    durable.write_file(root / "d" / "a", b"two")
    durable.write_file(root / "d" / "b", b"three", replace=False)
    with DurableFile.append_to(root / "d" / "a") as file:
        file.write(b"four")
        file.sync()
    durable.unlink(root / "d" / "b")
    durable.remove_directory(root / "d" / "e")


def test_replacing_a_file_durably_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    disk = Disk(tmp_path)

    states = _every_state(disk, _operations(lambda: durable.write_file(path, b"new")))

    assert {state["a"] for state in states} == {b"old", b"new"}
    assert states[-1]["a"] == b"new"


@pytest.mark.parametrize("forgotten", [Kind.SYNC, Kind.SYNC_DIRECTORY])
def test_a_forgotten_sync_is_seen(tmp_path: Path, forgotten: Kind) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    disk = Disk(tmp_path, lies=lambda operation: operation.kind is forgotten)

    states = _every_state(disk, _operations(lambda: durable.write_file(path, b"new")))

    is_mixed = any(state["a"] not in {b"old", b"new"} for state in states)
    is_lost = disk.after_power_loss(NOTHING_MORE)["a"] != b"new"
    assert is_mixed or is_lost
