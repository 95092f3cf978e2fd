# SPDX-License-Identifier: EUPL-1.2
"""SIGKILL to the real processes of ``modoptager record`` and ``recover``, at random instants.

The parent, the capture process, both: what is left is finished by the next ``modoptager recover``,
which is killed at times, too.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from guarantees import Original, breaches_at_end
from running import quick_folder
from scene import RATE, Received, Scene, meeting, write_sound

from recorder.identifiers import RecordingId

Recorder = Callable[[str, object], None]

_SECONDS = 2.5
_LATEST = 4.5
"""Seconds from the start of the command until its recording is surely archived."""
_COMMAND = (sys.executable, "-m", "recorder")
_SETTINGS = """language = "en"
[keys]
store = "file"
directory = "{root}/keys"
[archive.folder]
path = "{root}/archive"
allow_same_volume = true
allow_sync_folder = true
"""


class Desk:
    """A desk at which the real commands are run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sound = root / "sound.wav"
        write_sound(self.sound, _SECONDS)
        (root / "meeting.json").write_bytes(meeting())
        (root / "home").mkdir()
        (root / "home" / "config.toml").write_text(_SETTINGS.format(root=root))
        self._environment = {**os.environ, "MODOPTAGER_HOME": str(root / "home")}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [*_COMMAND, *arguments, "--json"]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=self._environment,
        )

    def record(self) -> Listened:
        meeting_file = str(self.root / "meeting.json")
        source = f"file:{self.sound}"
        return Listened(self.start("record", "--meeting", meeting_file, "--source", source))


class Listened:
    """A running command, and what it has said until now."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.events: list[dict[str, object]] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):
                self.events.append(json.loads(line))

    def end(self) -> int:
        code = self.process.wait(60)
        self._thread.join(60)
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()
        return code

    @property
    def heard_seconds(self) -> float:
        """Seconds of sound that the program said it had received."""
        told = [e["elapsed"] for e in self.events if e["event"] == "level" and "elapsed" in e]
        return max((float(str(seconds)) for seconds in told), default=0.0)

    @property
    def recording(self) -> RecordingId | None:
        ids = [str(e["id"]) for e in self.events if e.get("id")]
        return RecordingId(ids[0]) if ids else None


def _kill(victim: str, parent: subprocess.Popen[str]) -> list[psutil.Process]:
    """Kill, and give the processes that are left to end by themselves."""
    try:
        children = psutil.Process(parent.pid).children()
    except psutil.NoSuchProcess:
        children = []
    victims = [parent.pid] if victim in {"parent", "both"} else []
    victims += [child.pid for child in children if victim in {"capture", "both"}]
    for pid in victims:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    return children


def _recover(desk: Desk, chance: random.Random, killed: int) -> int:
    """Recover; kill the first tries. Return how many were killed."""
    kills = 0
    for _number in range(killed):
        command = desk.start("recover")
        time.sleep(chance.uniform(0.2, 1.2))
        command.kill()
        kills += command.wait() == -signal.SIGKILL
        command.communicate()
    command = desk.start("recover")
    said, _nothing = command.communicate(timeout=60)
    assert command.returncode == 0, said
    return kills


def _prove(desk: Desk, victim: str, seed: int) -> tuple[int, list[str]]:
    chance = random.Random(seed)
    command = desk.record()
    time.sleep(chance.uniform(0.2, _LATEST))
    left = _kill(victim, command.process)
    code = command.end()
    psutil.wait_procs(left, timeout=30)
    kills = 1 + _recover(desk, chance, killed=seed % 3)
    received = Received()
    received.skip(int(command.heard_seconds * RATE))
    if code == 0:
        received.skip(int(_SECONDS * RATE))  # it went on to its end
    recording = command.recording
    if recording is None:
        return kills, []  # killed before it had begun
    scene = Scene(desk.root, desk.sound, received, recording=recording, has_pause=False)
    return kills, list(breaches_at_end(scene, Original.of(desk.sound, is_imported=False)))


def _require_sound(victim: str, seed: int, tmp_path: Path, record_property: Recorder) -> None:
    with quick_folder(tmp_path) as folder:
        kills, breaches = _prove(Desk(folder), victim, seed)
    record_property("proof", f"kills: real processes, {victim}")
    record_property("count", kills)
    record_property("seed", seed)
    assert not breaches


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("victim", ["parent", "capture", "both"])
def test_killed_processes_leave_a_recording_that_recover_brings_home(
    victim: str, seed: int, tmp_path: Path, record_property: Recorder
) -> None:
    _require_sound(victim, seed, tmp_path, record_property)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(1000, 1100))
@pytest.mark.parametrize("victim", ["parent", "capture", "both"])
def test_processes_killed_hundreds_of_times(
    victim: str, seed: int, tmp_path: Path, record_property: Recorder
) -> None:
    _require_sound(victim, seed, tmp_path, record_property)
