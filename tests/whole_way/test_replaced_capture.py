# SPDX-License-Identifier: EUPL-1.2
"""While a dead capture process is replaced, nobody else takes the meeting for an interrupted one."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest
from desk import PATIENCE, Desk, Recorder
from speech import Shape, speech, write_wav

from recorder.errors import BusyError
from recorder.identifiers import RecordingId

SHAPE = Shape(8_000)


def recording(directory: Path) -> tuple[Desk, tuple[str, ...]]:
    desk = Desk(directory)
    talk = write_wav(directory / "talk.wav", speech(SHAPE, 6.0), SHAPE)
    return desk, ("--meeting", str(desk.meeting), "--source", f"file:{talk}")


def kill_capture(recorder: Recorder) -> None:
    (capture,) = psutil.Process(recorder.process.pid).children()
    capture.kill()
    capture.wait(PATIENCE)


def test_a_killed_capture_process_leaves_no_moment_for_another_command(tmp_path: Path) -> None:
    desk, arguments = recording(tmp_path)
    with Recorder(desk, *arguments) as recorder:
        recorder.take(1.2)
        busy = RecordingId(recorder.events[0]["id"])
        vault = desk.vault()
        kill_capture(recorder)
        assert vault.is_busy(busy)
        with pytest.raises(BusyError):
            vault.open(busy)
        ran = desk.run("archive")
        assert ran.code == 0
        assert "is in use and is left alone" in ran.said
        recorder.wait_for("replaced")
        ran = recorder.end()
    assert (ran.code, ran.result["state"]) == (0, "completed"), ran
    assert len(ran.result["parts"]) == 2
    assert len(desk.sets()) == 1


def test_when_the_command_is_killed_too_the_recording_can_be_recovered(tmp_path: Path) -> None:
    desk, arguments = recording(tmp_path)
    with Recorder(desk, *arguments) as recorder:
        recorder.take(1.2)
        recorder.process.kill()
        recorder.process.wait()
        deadline = time.monotonic() + PATIENCE
        (left,) = desk.vault().ids()
        while desk.vault().is_busy(left):  # the capture process seals what it has
            assert time.monotonic() < deadline
    assert desk.run("recover").code == 0
    assert len(desk.sets()) == 1
    assert desk.ids() == []
