# SPDX-License-Identifier: EUPL-1.2
"""Speech played into a virtual microphone comes out of the archive sample for sample.

The command runs as it does for a caseworker; the window will later drive it in the same way.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import Desk, Ran, Recorder, check_contract, check_set, meeting
from sound_server import Sink, SoundServer, sound_server
from speech import Shape, decoded, position, speech

pytestmark = pytest.mark.slow

_FORMATS = {16: "s16le", 24: "s24le"}


@pytest.fixture
def near() -> Iterator[Path]:
    """A folder with a short path: that of a socket may have 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="mic-") as directory:
        yield Path(directory)


def at_desk(directory: Path, shape: Shape) -> Desk:
    desk = Desk(directory)
    desk.environment |= {
        "MODOPTAGER_CAPTURE_MICROPHONE": "mic1",
        "MODOPTAGER_CAPTURE_RATE": str(shape.rate),
        "MODOPTAGER_CAPTURE_CHANNELS": str(shape.channels),
        "MODOPTAGER_CAPTURE_DEPTH": str(shape.depth),
    }
    return desk


def sink_for(shape: Shape) -> Sink:
    return Sink("mic1", shape.rate, shape.channels, _FORMATS[shape.depth])


def play(server: SoundServer, pcm: bytes, shape: Shape) -> None:
    """Play to the end."""
    assert server.play(pcm, sink_for(shape)).wait(30) == 0


def archived(ran: Ran) -> bytes:
    """Check what came home, and decode it."""
    check_contract(ran.events)
    assert (ran.code, ran.result["state"]) == (0, "completed"), ran
    folder = Path(ran.result["folder"])
    check_set(folder)
    (part,) = ran.result["parts"]
    pcm = decoded(folder / part["file"])
    assert part["samples_sha256"] == hashlib.sha256(pcm).hexdigest()
    return pcm


@pytest.mark.parametrize(
    "shape",
    [Shape(48_000, channels, depth) for channels, depth in itertools.product((1, 2), (16, 24))],
    ids=str,
)
def test_speech_at_a_microphone_is_archived_bit_for_bit(
    tmp_path: Path, near: Path, shape: Shape
) -> None:
    desk, spoken = at_desk(tmp_path, shape), speech(shape, 2.0)
    with (
        sound_server(near, [sink_for(shape)]) as server,
        Recorder(desk, "--meeting", str(desk.meeting), environment=server.environment) as recorder,
    ):
        recorder.wait_for("recording")
        recorder.take(0.3)
        play(server, spoken, shape)
        recorder.take(1.2)
        recorder.say("stop")
        ran = recorder.end()
    pcm = archived(ran)
    assert position(spoken, pcm, shape) > 0
    (part,) = ran.result["parts"]
    assert (part["rate"], part["channels"], part["depth"]) == (48_000, shape.channels, shape.depth)
    assert ran.result["gaps"] == 0


def test_lines_pause_mark_and_stop_and_what_is_said_in_the_pause_is_not_recorded(
    tmp_path: Path, near: Path
) -> None:
    shape = Shape()
    desk = at_desk(tmp_path, shape)
    before, private, after = (speech(shape, 1.5, seed=seed) for seed in (1, 2, 3))
    with (
        sound_server(near, [sink_for(shape)]) as server,
        Recorder(desk, environment=server.environment) as recorder,
    ):
        recorder.say("start", meeting=meeting())
        recorder.wait_for("recording")
        play(server, before, shape)
        recorder.take(1.2)
        recorder.say("pause")
        recorder.wait_for("paused")
        play(server, private, shape)
        recorder.say("resume")
        recorder.wait_for("resumed")
        recorder.say("marker", text="here")
        recorder.wait_for("marker")
        play(server, after, shape)
        recorder.take(1.2)
        recorder.say("nonsense")
        recorder.say("stop")
        ran = recorder.end()
    pcm = archived(ran)
    first, second = position(before, pcm, shape), position(after, pcm, shape)
    assert 0 <= first < second
    windows = range(0, len(private) - 200, 9_600)
    assert all(private[at : at + 200] not in pcm for at in windows)
    manifest = json.loads((Path(ran.result["folder"]) / "manifest.json").read_text())
    (gap,) = manifest["gaps"]
    assert (gap["cause"], gap["part"]) == ("pause", 1)
    assert 1.4 < gap["seconds"] < 20
    assert first + len(before) // 2 <= gap["at_sample"] <= second
    (marker,) = manifest["markers"]
    assert (marker["text"], marker["at_sample"] >= gap["at_sample"]) == ("here", True)
    assert ran.result["gaps"] == 1


def test_signals_pause_mark_and_stop(tmp_path: Path, near: Path) -> None:
    shape = Shape()
    desk, spoken = at_desk(tmp_path, shape), speech(shape, 1.0)
    with (
        sound_server(near, [sink_for(shape)]) as server,
        Recorder(desk, "--meeting", str(desk.meeting), environment=server.environment) as recorder,
    ):
        recorder.wait_for("recording")
        recorder.signal(signal.SIGUSR1)
        recorder.wait_for("paused")
        recorder.signal(signal.SIGUSR1)
        recorder.wait_for("resumed")
        recorder.signal(signal.SIGUSR2)
        recorder.wait_for("marker")
        play(server, spoken, shape)
        recorder.take(1.2)
        recorder.signal(signal.SIGINT)
        ran = recorder.end()
    assert position(spoken, archived(ran), shape) >= 0
    manifest = json.loads((Path(ran.result["folder"]) / "manifest.json").read_text())
    assert [gap["cause"] for gap in manifest["gaps"]] == ["pause"]
    assert len(manifest["markers"]) == 1


def test_a_microphone_recording_ends_when_whoever_drives_it_is_gone(
    tmp_path: Path, near: Path
) -> None:
    shape = Shape()
    desk = at_desk(tmp_path, shape)
    with (
        sound_server(near, [sink_for(shape)]) as server,
        Recorder(desk, environment=server.environment) as recorder,
    ):
        recorder.say("start", meeting=meeting())
        recorder.wait_for("recording")
        recorder.take(0.5)
        assert recorder.process.stdin is not None
        recorder.process.stdin.close()
        ran = recorder.end()
    assert archived(ran)


def test_without_a_microphone_nothing_is_recorded_and_the_person_is_told(
    tmp_path: Path, near: Path
) -> None:
    desk = Desk(tmp_path)
    with sound_server(near) as server:
        desk.environment |= server.environment | desk.environment
        server.stop()
        ran = desk.run("record", "--meeting", desk.meeting)
    assert ran.code == 6
    assert "There is no microphone that can be used" in ran.said
    assert "Connect a microphone" in ran.said
    assert desk.ids() == []
    assert not list(desk.keys.iterdir())
