# SPDX-License-Identifier: EUPL-1.2
"""The capture process and the supervisor that keeps it going, with a file as the source."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import psutil
import pytest
from capture_desk import MEETING, RATE, Desk, is_stored, rest, until
from studio import file_of, samples_of

from recorder.capture.protocol import (
    CaptureEvent,
    Continue,
    Failed,
    FileChoice,
    GapNoted,
    Level,
    MarkerSet,
    MicrophoneChoice,
    PartStarted,
    Pause,
    Paused,
    RecordingEnded,
    Replaced,
    Resume,
    SetMarker,
    Start,
    encode_line,
    read_event,
)
from recorder.capture.recovery import close_interrupted
from recorder.capture.supervisor import CaptureSupervisor
from recorder.clock import SystemClock
from recorder.lifecycle.parts import GapCause
from recorder.lifecycle.states import State

pytestmark = pytest.mark.slow  # whole processes, or every operation of a store


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_file_is_recorded_sample_for_sample(desk: Desk) -> None:
    pcm = desk.record_noise(7.3)
    supervisor = CaptureSupervisor(desk.start(fast=True))
    supervisor.start()
    events = rest(supervisor)
    assert isinstance(events[0], PartStarted)
    assert isinstance(events[-1], RecordingEnded)
    with desk.open() as entry:
        assert entry.recording.state is State.RECORDED
        assert entry.recording.recorded is not None
        (part,) = entry.recording.recorded.parts
        assert samples_of(file_of(entry, part), part, desk.directory) == pcm
        assert events[-1].parts[0].samples_sha256 == part.samples_sha256


def test_seconds_are_obeyed_to_the_sample(desk: Desk) -> None:
    desk.record_noise(9)
    supervisor = CaptureSupervisor(desk.start(fast=True, seconds=2.345))
    supervisor.start()
    ended = rest(supervisor)[-1]
    assert isinstance(ended, RecordingEnded)
    assert ended.parts[0].samples == round(2.345 * RATE)


def test_pause_resume_marker_and_stop_are_obeyed(desk: Desk) -> None:
    desk.record_noise(60)
    supervisor = CaptureSupervisor(desk.start())
    supervisor.start()
    until(supervisor, is_stored(0.3))
    supervisor.send(SetMarker("here"))
    until(supervisor, lambda event: isinstance(event, MarkerSet))
    supervisor.send(Pause())
    until(supervisor, lambda event: isinstance(event, Paused))
    paused_at = until(supervisor, lambda event: isinstance(event, Level))
    later = until(supervisor, lambda event: isinstance(event, Level))
    assert isinstance(paused_at, Level)
    assert isinstance(later, Level)
    assert paused_at.elapsed == later.elapsed
    assert later.is_paused
    supervisor.send(Resume())
    gap = until(supervisor, lambda event: isinstance(event, GapNoted))
    assert isinstance(gap, GapNoted)
    assert gap.cause is GapCause.PAUSE
    assert gap.seconds > 0.2
    supervisor.stop()
    ended = rest(supervisor)[-1]
    assert isinstance(ended, RecordingEnded)
    assert (ended.gaps, ended.markers, len(ended.parts)) == (1, 1, 1)


def test_a_killed_process_is_replaced_and_the_gap_is_told(desk: Desk) -> None:
    pcm = desk.record_noise(60)
    supervisor = CaptureSupervisor(desk.start())
    supervisor.start()
    until(supervisor, is_stored(1.2))
    assert supervisor.process_id is not None
    os.kill(supervisor.process_id, signal.SIGKILL)
    until(supervisor, lambda event: isinstance(event, Replaced))
    until(supervisor, is_stored(0.4))
    supervisor.stop()
    ended = rest(supervisor)[-1]
    assert isinstance(ended, RecordingEnded)
    assert not ended.damaged
    with desk.open() as entry:
        assert entry.recording.recorded is not None
        first, second = entry.recording.recorded.parts
        assert pcm.startswith(samples_of(file_of(entry, first), first, desk.directory))
        assert samples_of(file_of(entry, second), second, desk.directory) in pcm
        assert first.samples >= 1.0 * RATE
    assert ended.gaps == 1
    assert 0 < ended.gap_seconds < 20


@pytest.mark.slow
def test_a_process_killed_in_a_pause_is_replaced_by_one_that_waits(desk: Desk) -> None:
    desk.record_noise(60)
    supervisor = CaptureSupervisor(desk.start())
    supervisor.start()
    until(supervisor, is_stored(1.2))
    supervisor.send(Pause())
    until(supervisor, lambda event: isinstance(event, Paused))
    assert supervisor.process_id is not None
    os.kill(supervisor.process_id, signal.SIGKILL)
    until(supervisor, lambda event: isinstance(event, Replaced))
    waiting = until(supervisor, lambda event: isinstance(event, Level))
    assert isinstance(waiting, Level)
    assert waiting.is_paused
    supervisor.send(Resume())
    part = until(supervisor, lambda event: isinstance(event, PartStarted))
    assert isinstance(part, PartStarted)
    assert part.part == 2
    supervisor.stop()
    ended = rest(supervisor)[-1]
    assert isinstance(ended, RecordingEnded)
    assert (ended.gaps, ended.damaged) == (1, False)


@pytest.mark.slow
def test_a_process_killed_again_and_again_is_given_up_and_its_sound_is_safe(desk: Desk) -> None:
    desk.record_noise(60)
    supervisor = CaptureSupervisor(desk.start())
    supervisor.start()
    last: CaptureEvent | None = None
    for event in supervisor.events():
        last = event
        if isinstance(event, Level) and event.stored_seconds and supervisor.process_id:
            os.kill(supervisor.process_id, signal.SIGKILL)
    assert isinstance(last, Failed)
    assert last.exit_code == 5
    with desk.open() as entry:
        recorded = close_interrupted(entry, SystemClock())
    assert len(recorded.parts) == 6
    assert not recorded.damaged


@pytest.mark.slow
def test_a_process_that_hangs_is_replaced(desk: Desk) -> None:
    desk.record_noise(60)
    supervisor = CaptureSupervisor(desk.start(), silence=3.0)
    supervisor.start()
    until(supervisor, is_stored(0.4))
    assert supervisor.process_id is not None
    os.kill(supervisor.process_id, signal.SIGSTOP)
    until(supervisor, lambda event: isinstance(event, Replaced))
    supervisor.stop()
    ended = rest(supervisor)[-1]
    assert isinstance(ended, RecordingEnded)
    assert ended.recovered


def begin(desk: Desk, first: Start | Continue) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "recorder.capture"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(encode_line(first))
    process.stdin.flush()
    return process


def test_the_recording_is_ended_properly_when_the_parent_is_gone(desk: Desk) -> None:
    desk.record_noise(60)
    code = (
        "import sys, time\n"
        "from recorder.capture.protocol import first_command, Level\n"
        "from recorder.capture.supervisor import CaptureSupervisor\n"
        "s = CaptureSupervisor(first_command(sys.stdin.buffer.readline()))\n"
        "s.start()\n"
        "for e in s.events():\n"
        "    if isinstance(e, Level) and e.stored_seconds > 0.3: print(s.process_id, flush=True)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(encode_line(desk.start()))
    parent.stdin.flush()
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdin.close()
    parent.stdout.close()
    psutil.wait_procs([child], timeout=20)
    with desk.open() as entry:
        assert entry.recording.state is State.RECORDED


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"])
def test_signals_of_a_terminal_do_not_end_it(desk: Desk, name: str) -> None:
    desk.record_noise(60)
    with begin(desk, desk.start()) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert isinstance(read_event(process.stdout.readline()), PartStarted)
        process.send_signal(getattr(signal, name))
        assert isinstance(read_event(process.stdout.readline()), Level)
        process.stdin.close()
        *_, last = process.stdout
        assert isinstance(read_event(last), RecordingEnded)


def test_a_parent_that_does_not_read_stalls_nothing(desk: Desk) -> None:
    desk.record_noise(60)
    with begin(desk, desk.start(fast=True)) as process:
        deadline = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert process.poll() == 0
    with desk.open() as entry:
        assert entry.recording.state is State.RECORDED


@pytest.mark.parametrize(
    ("change", "exit_code"), [("permission", 4), ("file", 9), ("microphone", 6), ("nonsense", 2)]
)
def test_where_nothing_can_be_captured_nothing_is_left(
    desk: Desk, change: str, exit_code: int
) -> None:
    desk.record_noise(1)
    first = desk.start(fast=True)
    match change:
        case "permission":
            first = desk.start(meeting={**MEETING, "guidance": None})
        case "file":
            first = desk.start(source=FileChoice(str(desk.directory / "none.wav")))
        case "microphone":
            first = desk.start(source=MicrophoneChoice("no such microphone"))
        case _:
            first = msgspec.structs.replace(first, id=3)
    supervisor = CaptureSupervisor(first)
    supervisor.start()
    (failed,) = rest(supervisor)
    assert isinstance(failed, Failed)
    assert failed.exit_code == exit_code
    assert failed.is_nothing_captured
    vault = desk.directory / "vault"
    assert not vault.exists() or [p.name for p in vault.iterdir()] == ["locks"]
    assert not any((desk.directory / "keys").glob("*"))


@pytest.mark.slow
def test_going_on_waits_for_a_busy_entry_and_gives_up_with_a_reason(desk: Desk) -> None:
    desk.record_noise(1)
    supervisor = CaptureSupervisor(desk.start(fast=True))
    supervisor.start()
    rest(supervisor)
    first = desk.start()
    again = Continue(first.id, first.source, first.vault, first.keys, language="en")
    with desk.open():
        supervisor = CaptureSupervisor(again)
        supervisor.start()
        (failed,) = rest(supervisor)
    assert isinstance(failed, Failed)
    assert failed.exit_code == 13
    supervisor = CaptureSupervisor(again)
    supervisor.start()
    (failed,) = rest(supervisor)
    assert isinstance(failed, Failed)
    assert failed.exit_code == 15
