# SPDX-License-Identifier: EUPL-1.2
"""The kill matrix: every scenario, killed at every point, and what the next start makes of it."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
from forks import KillAt, KillOn, count_points, run
from guarantees import Original, breaches_at_crash, breaches_at_end, is_noted
from scene import Received, Scene, TomorrowsClock, write_sound

from esdh_adapter.durable import Watcher
from recorder.archive.ledger import RowKind

Deed = Callable[[Scene], None]


@dataclass(frozen=True)
class Earlier:
    """What happened before, and where it was cut short (if it was)."""

    deed: Deed
    cut: Callable[[], Watcher] | None = None


@dataclass(frozen=True)
class Scenario:
    """What is done when the kill comes."""

    deed: Deed
    earlier: Sequence[Earlier] = ()
    is_imported: bool = False
    is_repeated: bool = False
    """Whether nothing is kept of it here, so that the person does it again."""
    next_start: Deed = Scene.recover
    """What is done after the kill."""


class Case(msgspec.Struct, frozen=True):
    """One kill, or two."""

    point: str
    """Where, as a number, or when, in seconds."""
    second: str = ""
    """Where the next start was killed, too."""
    was_killed: bool = True
    breaches: list[str] = []


class Matrix(msgspec.Struct, frozen=True):
    """What a run of many kills found."""

    scenario: str
    points: int
    """How many points the scenario has."""
    kills: int
    seed: int
    broken: list[Case]


def _record_and_go_home(scene: Scene) -> None:
    scene.capture()
    scene.recover()


def _go_on_and_go_home(scene: Scene) -> None:
    scene.go_on()
    scene.recover()


_CAPTURED = Earlier(Scene.capture)
# Late enough for two seconds of sound, early enough for more to come.
_CUT_SHORT = Earlier(Scene.capture, lambda: KillAt(110))
_SEALED = Earlier(Scene.recover, lambda: KillOn("open", 1))
_HALF_SENT = Earlier(Scene.recover, lambda: KillOn("store", 3))
_SENT = Earlier(Scene.recover, lambda: KillOn("read", 1))
_HOME = Earlier(Scene.recover)

SCENARIOS = {
    "record": Scenario(_record_and_go_home),
    "recover": Scenario(Scene.recover, (_CUT_SHORT,)),
    "continue": Scenario(_go_on_and_go_home, (_CUT_SHORT,)),
    "replace": Scenario(Scene.capture, next_start=Scene.take_over),
    "import": Scenario(Scene.take_in, is_imported=True),
    "import and erase": Scenario(lambda scene: scene.take_in(erase=True), is_imported=True),
    "withdraw before delivery": Scenario(Scene.withdraw, (_CAPTURED,)),
    "withdraw while sending": Scenario(Scene.withdraw, (_CAPTURED, _HALF_SENT)),
    "withdraw when sent": Scenario(Scene.withdraw, (_CAPTURED, _SENT)),
    "withdraw when archived": Scenario(
        Scene.withdraw_archived, (_CAPTURED, _HOME), is_repeated=True
    ),
    "discard before delivery": Scenario(Scene.discard, (_CAPTURED,)),
    "discard when sealed": Scenario(Scene.discard, (_CAPTURED, _SEALED)),
}


@dataclass
class Proof:
    """One scenario, prepared once; each case begins with a copy of what was prepared."""

    name: str
    directory: Path
    received: Received = field(default_factory=Received)

    def __post_init__(self) -> None:
        self.scenario = SCENARIOS[self.name]
        self.directory.mkdir(parents=True, exist_ok=True)
        sound = self.directory / "sound.wav"
        write_sound(sound)
        self.original = Original.of(sound, is_imported=self.scenario.is_imported)
        self._template = Scene(self.directory / "template", sound, self.received)
        self._template.root.mkdir()
        for earlier in self.scenario.earlier:
            ended = run(
                lambda deed=earlier.deed: deed(self._template),
                earlier.cut() if earlier.cut else None,
            )
            if ended.problem or ended.was_killed != bool(earlier.cut):
                raise AssertionError(f"preparing {self.name}: {ended}")
        self._span = self.received.span

    def points(self) -> list[str]:
        """Name every point at which the scenario can be killed."""
        with _Copy(self) as scene:
            return count_points(lambda: self.scenario.deed(scene))

    def duration(self) -> float:
        """Measure how long the scenario takes, in seconds."""
        with _Copy(self) as scene:
            began = time.monotonic()
            run(lambda: self.scenario.deed(scene))
            return time.monotonic() - began

    def kill_at(self, point: int, second: int | None = None) -> Case:
        """Kill at a point, perhaps kill the next start too, then let a start finish."""
        return self._kill(str(point), KillAt(point), -1, second)

    def kill_after(self, seconds: float, second: int | None = None) -> Case:
        """Kill at an instant."""
        return self._kill(f"{seconds:.4f} s", None, seconds, second)

    def _kill(self, name: str, watcher: Watcher | None, after: float, second: int | None) -> Case:
        with _Copy(self) as scene:
            ended = run(lambda: self.scenario.deed(scene), watcher, after)
            breaches = [ended.problem] if ended.problem else []
            breaches += breaches_at_crash(scene, self.original)
            if second is not None:
                run(lambda: self.scenario.next_start(scene), KillAt(second))
                breaches += breaches_at_crash(scene, self.original)
            breaches += self._finish(scene)
        shown = "" if second is None else str(second)
        return Case(name, shown, ended.was_killed, breaches)

    def _finish(self, scene: Scene) -> Iterator[str]:
        again = run(lambda: self.scenario.next_start(scene))
        if again.problem:
            yield f"the next start failed: {again.problem}"
            return
        if self.scenario.is_repeated:
            later = replace(scene, clock=TomorrowsClock())
            repeated = run(lambda: self.scenario.deed(later))
            if repeated.problem:
                yield f"doing it again failed: {repeated.problem}"
        if self.scenario.is_repeated and not is_noted(scene, RowKind.WITHDRAWN):
            yield "the ledger does not have what was done twice"
        yield from breaches_at_end(scene, self.original)

    @property
    def prepared(self) -> Scene:
        return self._template

    @property
    def span(self) -> tuple[int, int]:
        """What had been received when the scenario begins."""
        return self._span


class _Copy:
    """A copy of what was prepared, for one case."""

    def __init__(self, proof: Proof) -> None:
        self._proof = proof
        self._directory = proof.directory / "case"

    def __enter__(self) -> Scene:
        shutil.rmtree(self._directory, ignore_errors=True)
        shutil.copytree(self._proof.prepared.root, self._directory / "desk")
        sound = self._directory / "sound.wav"
        shutil.copyfile(self._proof.prepared.sound, sound)
        received = self._proof.received
        received.clear()
        received.skip(self._proof.span[0])
        received.add(self._proof.span[1] - self._proof.span[0])
        return Scene(self._directory / "desk", sound, received)

    def __exit__(self, *_unused: object) -> None:
        shutil.rmtree(self._directory, ignore_errors=True)


def every_point(name: str, directory: Path, share: int, of: int) -> Matrix:
    """Kill a scenario at every point of one share of its points.

    Args:
        name: Of the scenario.
        directory: To work in.
        share: Which share, from 0.
        of: How many shares there are.

    Returns:
        What was found.
    """
    proof = Proof(name, directory)
    points = proof.points()
    cases = []
    for point in range(share, len(points), of):
        case = proof.kill_at(point)
        cases.append(msgspec.structs.replace(case, point=f"{point} {points[point]}"))
    return _matrix(name, len(points), 0, cases)


def at_random(name: str, directory: Path, count: int, seed: int) -> Matrix:
    """Kill a scenario at random points and instants, and often the next start, too.

    Args:
        name: Of the scenario.
        directory: To work in.
        count: How many cases.
        seed: Of chance.

    Returns:
        What was found.
    """
    proof = Proof(name, directory)
    points, seconds = len(proof.points()), proof.duration()
    chance = random.Random(seed)
    cases = []
    for _number in range(count):
        second = chance.randrange(200) if chance.random() < 0.5 else None
        if chance.random() < 0.5:
            cases.append(proof.kill_at(chance.randrange(points), second))
        else:
            cases.append(proof.kill_after(chance.uniform(0, seconds), second))
    return _matrix(name, points, seed, cases)


def _matrix(name: str, points: int, seed: int, cases: list[Case]) -> Matrix:
    kills = sum(case.was_killed for case in cases)
    return Matrix(name, points, kills, seed, [case for case in cases if case.breaches])
