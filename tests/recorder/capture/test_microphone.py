# SPDX-License-Identifier: EUPL-1.2
"""Real capture: sound played into a virtual microphone comes out of the vault bit for bit."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from capture_desk import Desk, rest, settle, until
from sound_server import Sink, SoundServer, sound_server
from studio import file_of, form, noise, samples_of

from recorder.capture.content import read_timeline
from recorder.capture.devices import find_device, list_devices
from recorder.capture.protocol import (
    DeviceBack,
    DeviceLost,
    GapNoted,
    Level,
    MicrophoneChoice,
    PartStarted,
    Pause,
    Paused,
    RecordingEnded,
    Replaced,
    Resume,
)
from recorder.capture.supervisor import CaptureSupervisor
from recorder.clock import SystemClock
from recorder.errors import DeviceError
from recorder.lifecycle.parts import GapCause

pytestmark = pytest.mark.slow  # whole processes, or every operation of a store


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def short_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pa-") as name:
        yield Path(name)


def use(server: SoundServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)


def recording(desk: Desk, choice: MicrophoneChoice) -> CaptureSupervisor:
    supervisor = CaptureSupervisor(desk.start(source=choice))
    supervisor.start()
    started = until(supervisor, lambda event: isinstance(event, PartStarted | RecordingEnded))
    assert isinstance(started, PartStarted)
    return supervisor


def recorded_samples(desk: Desk) -> list[bytes]:
    with desk.open() as entry:
        assert entry.recording.recorded is not None
        return [
            samples_of(file_of(entry, part), part, desk.directory)
            for part in entry.recording.recorded.parts
        ]


@pytest.mark.parametrize(
    ("sink", "depth"),
    [
        (Sink(), 16),
        pytest.param(Sink(rate=44_100, channels=2), 16, marks=pytest.mark.slow),
        pytest.param(Sink(rate=16_000), 16, marks=pytest.mark.slow),
        pytest.param(Sink(format="s24le"), 24, marks=pytest.mark.slow),
        (Sink(channels=2, format="s24le"), 24),
    ],
    ids=["48k mono 16", "44k stereo 16", "16k mono 16", "48k mono 24", "48k stereo 24"],
)
def test_what_was_played_until_the_stop_is_recorded_bit_for_bit(
    desk: Desk, short_path: Path, monkeypatch: pytest.MonkeyPatch, sink: Sink, depth: int
) -> None:
    shape = form(sink.rate, sink.channels, depth)
    played = noise(sink.rate * 2, shape)
    with sound_server(short_path, [sink]) as server:
        use(server, monkeypatch)
        choice = MicrophoneChoice("mic1", sink.rate, sink.channels, depth)
        supervisor = recording(desk, choice)
        assert server.play(played, sink).wait(20) == 0
        supervisor.stop()  # at once: the last sample was heard just now
        ended = rest(supervisor)[-1]
    assert isinstance(ended, RecordingEnded)
    assert (ended.gaps, ended.problem) == (0, "")
    (samples,) = recorded_samples(desk)
    assert played in samples


def test_nothing_of_a_pause_is_recorded(
    desk: Desk, short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink, shape = Sink(), form(48_000)
    before, during, after = (noise(24_000, shape, seed) for seed in (1, 2, 3))
    with sound_server(short_path, [sink]) as server:
        use(server, monkeypatch)
        supervisor = recording(desk, MicrophoneChoice("mic1", 48_000))
        assert server.play(before, sink).wait(20) == 0
        settle(supervisor)  # a pause at once costs the last moment: sound on its way is not taken
        supervisor.send(Pause())
        until(supervisor, lambda event: isinstance(event, Paused))
        server.wait_until_unrecorded()
        assert server.play(during, sink).wait(20) == 0
        supervisor.send(Resume())
        until(supervisor, lambda event: isinstance(event, GapNoted))
        assert server.play(after, sink).wait(20) == 0
        supervisor.stop()
        ended = rest(supervisor)[-1]
    assert isinstance(ended, RecordingEnded)
    (samples,) = recorded_samples(desk)
    assert before in samples
    assert after in samples
    windows = [during[start : start + 200] for start in range(0, len(during), 2000)]
    assert not any(window in samples for window in windows)


def test_what_was_heard_until_a_pause_is_kept_and_the_gap_begins_where_it_ends(
    desk: Desk, short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink, shape = Sink(), form(48_000)
    before = noise(48_000, shape)
    with sound_server(short_path, [sink]) as server:
        use(server, monkeypatch)
        supervisor = recording(desk, MicrophoneChoice("mic1", 48_000))
        assert server.play(before, sink).wait(20) == 0
        asked = SystemClock().now()
        supervisor.send(Pause())  # at once
        until(supervisor, lambda event: isinstance(event, Paused))
        supervisor.send(Resume())
        until(supervisor, lambda event: isinstance(event, GapNoted))
        supervisor.stop()
        rest(supervisor)
    (samples,) = recorded_samples(desk)
    assert before[: -48_000 // 25 * 2] in samples  # all but the block under way
    with desk.open() as entry:
        assert entry.recording.recorded is not None
        (part,) = entry.recording.recorded.parts
        (gap,) = read_timeline(entry).gaps
    assert asked.seconds_since(gap.began)[0] < 0.05  # what PortAudio had, about 0.1 s, is kept
    heard, _ = gap.began.seconds_since(part.began)
    assert heard == pytest.approx(gap.at_sample / 48_000, abs=0.06)


def test_a_lost_microphone_is_replaced_by_another_within_a_second(
    desk: Desk, short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = Sink("mic1"), Sink("mic2")
    shape = form(48_000)
    first, second = noise(24_000, shape, 1), noise(24_000, shape, 2)
    with (
        sound_server(short_path / "a", [mine]) as server,
        sound_server(short_path / "b", [other]) as spare,
    ):
        server.hears_also(spare)
        use(server, monkeypatch)
        supervisor = recording(desk, MicrophoneChoice("mic1", 48_000))
        assert server.play(first, mine).wait(20) == 0
        settle(supervisor)
        server.stop()
        lost_at = time.monotonic()
        lost = until(supervisor, lambda event: isinstance(event, DeviceLost))
        assert time.monotonic() - lost_at < 1.5
        assert isinstance(lost, DeviceLost)
        assert lost.device == "mic1"
        back = until(supervisor, lambda event: isinstance(event, DeviceBack))
        assert isinstance(back, DeviceBack)
        assert back.device == "mic2"
        assert spare.play(second, other).wait(20) == 0
        supervisor.stop()
        ended = rest(supervisor)[-1]
    assert isinstance(ended, RecordingEnded)
    (samples,) = recorded_samples(desk)
    assert samples.index(first) < samples.index(second)
    with desk.open() as entry:
        (gap,) = read_timeline(entry).gaps
    assert gap.cause is GapCause.DEVICE_LOST
    assert gap.detail == "mic1"
    assert gap.proven
    assert len(first) // 2 <= gap.at_sample <= samples.index(second) // 2


@pytest.mark.slow
def test_a_microphone_that_falls_silent_without_an_error_counts_as_lost(
    desk: Desk, short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sound_server(short_path, [Sink("mic1"), Sink("mic2")]) as server:
        use(server, monkeypatch)
        supervisor = recording(desk, MicrophoneChoice("mic1", 48_000))
        until(supervisor, lambda event: isinstance(event, Level) and event.stored_seconds > 0.5)
        server.suspend("mic1", is_suspended=True)
        lost_at = time.monotonic()
        lost = until(supervisor, lambda event: isinstance(event, DeviceLost))
        assert time.monotonic() - lost_at < 2.0
        assert isinstance(lost, DeviceLost)
        assert lost.cause is GapCause.STALLED
        until(supervisor, lambda event: isinstance(event, DeviceBack))
        supervisor.stop()
        ended = rest(supervisor)[-1]
    assert isinstance(ended, RecordingEnded)
    assert ended.gaps == 1


@pytest.mark.slow
def test_a_microphone_that_comes_back_is_taken_again(
    desk: Desk, short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sound_server(short_path) as server:
        use(server, monkeypatch)
        supervisor = recording(desk, MicrophoneChoice("mic1", 48_000))
        server.stop()
        until(supervisor, lambda event: isinstance(event, DeviceLost))
        waiting = until(supervisor, lambda event: isinstance(event, Level))
        assert isinstance(waiting, Level)
        assert waiting.is_device_lost
        server.start()
        until(supervisor, lambda event: isinstance(event, DeviceBack))
        supervisor.stop()
        ended = rest(supervisor)[-1]
    assert isinstance(ended, RecordingEnded)
    assert (ended.gaps, len(ended.parts)) == (1, 1)


@pytest.mark.slow
def test_a_microphone_that_is_gone_when_the_process_dies_is_waited_for(
    desk: Desk, short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sound_server(short_path) as server:
        use(server, monkeypatch)
        supervisor = recording(desk, MicrophoneChoice("mic1", 48_000))
        settle(supervisor)
        server.stop()
        assert supervisor.process_id is not None
        os.kill(supervisor.process_id, signal.SIGKILL)
        until(supervisor, lambda event: isinstance(event, Replaced))
        lost = until(supervisor, lambda event: isinstance(event, DeviceLost))
        assert isinstance(lost, DeviceLost)
        assert lost.device == "mic1"
        server.start()
        until(supervisor, lambda event: isinstance(event, DeviceBack))
        settle(supervisor)
        supervisor.stop()
        ended = rest(supervisor)[-1]
    assert isinstance(ended, RecordingEnded)
    assert (ended.gaps, len(ended.parts), ended.damaged) == (1, 2, False)


def test_devices_are_listed_by_a_child_and_found_by_name(
    short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sound_server(short_path, [Sink("mic1"), Sink("mic2")]) as server:
        use(server, monkeypatch)
        devices = list_devices()
    assert devices[0].is_default
    assert {"mic1", "mic2"} <= {device.name for device in devices}
    found = find_device(devices, "MIC2")
    assert found is not None
    assert found.name == "mic2"
    assert find_device(devices, "mic") is None  # two have it in their name
    assert find_device(devices, "") is devices[0]


def test_without_any_sound_system_the_device_error_says_so(
    short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (short_path / "asound.conf").touch()
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(short_path / "asound.conf"))
    try:
        assert list_devices() == []
    except DeviceError as error:
        assert error.detail  # noqa: PT017 - either answer is right, silence is not


def test_level_of_silence_and_of_full_scale() -> None:
    from recorder.capture.level import FLOOR, loudness  # noqa: PLC0415 - beside its only use

    assert loudness(b"", 16) is None
    silence = loudness(bytes(200), 16)
    assert silence is not None
    assert silence.peak == FLOOR
    square = np.tile(np.array([32767, -32768], "<i2"), 100).tobytes()
    loud = loudness(square, 16)
    assert loud is not None
    assert loud.peak == pytest.approx(0, abs=0.01)
    assert loud.rms == pytest.approx(0, abs=0.01)
    wide = loudness(noise(1000, form(depth=24)), 24)
    assert wide is not None
    assert wide.peak < 0
