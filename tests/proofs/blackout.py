# SPDX-License-Identifier: EUPL-1.2
"""Power loss after every prefix of what a run does, and what the next start makes of the remains.

One run is recorded: every operation with its data, what had been received by then, and the archive's
index (SQLite writes it by itself; it is only a cache, so that it is tried lost and kept). Then each
prefix is played onto the simulated disk, the states that a power loss may leave are put where the
run was, and the next start, which finds another boot, must keep every guarantee.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from disk import ByChance, Certain, Disk, Lies, Survival, Tree, read_tree, write_tree
from forks import record, run
from guarantees import Original, breaches_at_crash, breaches_at_end
from kills import SCENARIOS, Scenario
from scene import RebootedClock, Received, Scene, write_sound

from esdh_adapter.durable import Kind, Moment, Operation, Watcher
from esdh_adapter.folder_index import FILE_NAME

INDEX = f"archive/{FILE_NAME}"
NOT_DURABLE = (INDEX, "home/vault/locks/", "home/ledger.lock")
"""What does not pass the durable layer: a cache, and files that are only locked."""

_LIES: dict[str, Lies] = {
    "nothing": lambda _operation: False,
    "sound": lambda op: op.kind is Kind.SYNC and op.path.name.startswith("sound-"),
    "archived files": lambda op: op.kind is Kind.SYNC and op.path.name.endswith(".partial"),
    "archive folders": lambda op: op.kind is Kind.SYNC_DIRECTORY and "archive" in op.path.parts,
    "journal": lambda op: op.kind is Kind.SYNC and op.path.name.startswith("journal"),
    "key folder": lambda op: op.kind is Kind.SYNC_DIRECTORY and op.path.name == "keys",
    "ledger": lambda op: op.kind is Kind.SYNC and op.path.name == "ledger.jsonl",
}
"""Media that answer some syncs without doing them: the proof must fail on each."""
LIES = tuple(_LIES)


class Step(msgspec.Struct, frozen=True, array_like=True):
    """One point of the recorded run."""

    is_after: bool
    kind: str
    path: str
    offset: int
    data: bytes
    destination: str | None
    received: tuple[int, int]
    index: bytes | None
    """The archive's index, where it changed since the step before."""

    @property
    def operation(self) -> Operation:
        destination = None if self.destination is None else Path(self.destination)
        return Operation(Kind(self.kind), Path(self.path), self.offset, self.data, destination)

    @property
    def shown(self) -> str:
        path = Path(self.path)
        return f"{self.kind} {path.parent.name}/{path.name}"


class Loss(msgspec.Struct, frozen=True):
    """One power loss after which a guarantee did not hold."""

    after: str
    survival: str
    breaches: list[str]


class Blackouts(msgspec.Struct, frozen=True):
    """What a run of many power losses found."""

    scenario: str
    operations: int
    states: int
    """How many different disks were started from."""
    seed: int
    broken: list[Loss]


@dataclass(frozen=True)
class _Remains:
    """What a power loss left."""

    tree: Tree
    how: str


class Recorded:
    """A scenario that was run once and written down."""

    def __init__(self, name: str, directory: Path) -> None:
        self.scenario: Scenario = SCENARIOS[name]
        self.received = Received()
        self.root = directory / "desk"
        self.root.mkdir(parents=True)
        # On the same disk: an import that erases its source must be proven too.
        self.scene = Scene(self.root, self.root / "sound.wav", self.received)
        write_sound(self.scene.sound)
        self.original = Original.of(self.scene.sound, is_imported=self.scenario.is_imported)
        for earlier in self.scenario.earlier:
            run(lambda deed=earlier.deed: deed(self.scene), earlier.cut and earlier.cut())
        self.before = read_tree(self.root)
        self.steps = self._run()
        self.afterwards = read_tree(self.root)

    def disk(self, lies: Lies) -> Disk:
        """A disk with what was there before the run."""
        shutil.rmtree(self.root)
        self.root.mkdir()
        write_tree(self.before, self.root)
        return Disk(self.root, lies=lies)

    def _run(self) -> list[Step]:
        ended, said = record(
            lambda: self.scenario.deed(self.scene), lambda to: _note_to(to, self.scene)
        )
        if ended.problem:
            raise AssertionError(f"the run that is recorded failed: {ended.problem}")
        return list(_steps(said))


def power_losses(name: str, directory: Path, seed: int, share: int) -> Blackouts:
    """Lose the power after every operation of a share of a scenario's.

    Args:
        name: Of the scenario; after a colon the lie that the medium tells.
        directory: To work in.
        seed: Of chance; how often chance is tried for each prefix is its last digit.
        share: Which quarter of the operations, or 4 for all of them.

    Returns:
        What was found.
    """
    name, _colon, lie = name.partition(":")
    recorded = Recorded(name, directory)
    disk = recorded.disk(_LIES[lie or "nothing"])
    seen: set[object] = set()
    broken: list[Loss] = []
    chance = random.Random(seed)
    done = 0
    index: list[bytes] = []
    for step in recorded.steps:
        if step.index is not None:
            index.append(step.index)
        if step.is_after:
            disk.apply(step.operation)
            done += 1
            continue
        if share not in (done % 4, 4):
            continue
        for remains in _remains(disk, chance, seed % 10, index):
            key = (step.received, frozenset(remains.tree.items()))
            if key in seen:
                continue
            seen.add(key)
            breaches = _start_from(recorded, remains.tree, step.received)
            if breaches:
                broken.append(Loss(f"{done} before {step.shown}", remains.how, breaches))
            if breaches and lie:
                return Blackouts(f"{name}:{lie}", done, len(seen), seed, broken)
    return Blackouts(f"{name}:{lie}" if lie else name, done, len(seen), seed, broken)


def _remains(
    disk: Disk, chance: random.Random, tries: int, index: list[bytes]
) -> Iterator[_Remains]:
    fixed: list[tuple[str, Survival]] = [
        ("only what is certain", Certain()),
        ("vault and keys kept", Certain(("home/vault", "keys"))),
        ("keys kept", Certain(("keys",))),
        ("sound file kept", Certain(("sound.wav",))),
        ("ledger kept", Certain(("home/ledger", "home"))),
        ("archive kept", Certain(("archive",))),
    ]
    for how, survival in fixed:
        yield _Remains(disk.after_power_loss(survival), how)
    for number in range(tries):
        survival = ByChance(chance, chance.choice((0.2, 0.5, 0.9)))
        tree = disk.after_power_loss(survival)
        if index and "archive" in tree and chance.random() < 0.7:
            kept = chance.choice(index[-3:])
            tree[INDEX] = kept[: chance.choice((len(kept), len(kept) // 2))]
        yield _Remains(tree, f"by chance, {number}")


def _start_from(recorded: Recorded, tree: Tree, received: tuple[int, int]) -> list[str]:
    shutil.rmtree(recorded.root)
    recorded.root.mkdir()
    write_tree(tree, recorded.root)
    recorded.received.skip(received[0])
    recorded.received.add(received[1] - received[0])
    scene = replace(recorded.scene, clock=RebootedClock())
    breaches = list(breaches_at_crash(scene, recorded.original))
    again = run(lambda: recorded.scenario.next_start(scene))
    if again.problem:
        return [*breaches, f"the next start failed: {again.problem}"]
    return [*breaches, *breaches_at_end(scene, recorded.original)]


def _note_to(descriptor: int, scene: Scene) -> Watcher:
    last: list[bytes] = []
    path = scene.root / INDEX

    def note(moment: Moment, operation: Operation) -> None:
        index = path.read_bytes() if path.exists() else None
        is_new = index is not None and index not in last[-1:]
        if is_new and index is not None:
            last.append(index)
        step = Step(
            moment is Moment.AFTER,
            operation.kind.value,
            str(operation.path),
            operation.offset,
            operation.data,
            None if operation.destination is None else str(operation.destination),
            scene.received.span,
            index if is_new else None,
        )
        line = msgspec.msgpack.encode(step)
        _write_all(descriptor, len(line).to_bytes(4, "big") + line)

    return note


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _steps(said: bytes) -> Iterator[Step]:
    decoder: Callable[[bytes], Step] = msgspec.msgpack.Decoder(Step).decode
    start = 0
    while start < len(said):
        size = int.from_bytes(said[start : start + 4], "big")
        yield decoder(said[start + 4 : start + 4 + size])
        start += 4 + size


class Bypasses(msgspec.Struct, frozen=True):
    """What is on the real disk and not on the simulated one, or the other way round."""

    operations: int
    files: int
    differences: list[str]


def bypasses(name: str, directory: Path, _first: int, _second: int) -> Bypasses:
    """Compare the real folder with the simulated disk after a whole run.

    Args:
        name: Of the scenario.
        directory: To work in.

    Returns:
        What differs, apart from what need not be durable.
    """
    recorded = Recorded(name, directory)
    disk = recorded.disk(_LIES["nothing"])
    for step in recorded.steps:
        if step.is_after:
            disk.apply(step.operation)
    simulated = disk.after_power_loss(Certain())
    real = {
        path: content
        for path, content in recorded.afterwards.items()
        if not path.startswith(NOT_DURABLE)
    }
    differences = [
        path
        for path in sorted(real.keys() | simulated.keys())
        if real.get(path, b"missing") != simulated.get(path, b"missing")
    ]
    return Bypasses(len(recorded.steps) // 2, len(real), differences)
