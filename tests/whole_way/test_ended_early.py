# SPDX-License-Identifier: EUPL-1.2
"""A recording that ended before its time comes home, but the command does not say that all is well."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from desk import Desk, Recorder, check_contract
from speech import Shape, speech, write_flac, write_wav

SHAPE = Shape(16_000)


@pytest.fixture
def torn(tmp_path: Path) -> Path:
    """A file that breaks off."""
    whole = write_flac(tmp_path / "torn.flac", speech(SHAPE, 4.0), SHAPE)
    content = whole.read_bytes()
    whole.write_bytes(content[: len(content) // 2])
    return whole


def interrupted(desk: Desk) -> str:
    """Leave a recording whose processes were killed."""
    talk = write_wav(desk.directory / "talk.wav", speech(SHAPE, 6.0), SHAPE)
    with Recorder(desk, "--meeting", str(desk.meeting), "--source", f"file:{talk}") as recorder:
        recorder.take(1.2)
        processes = [psutil.Process(recorder.process.pid)]
        processes += processes[0].children()
        for process in processes:
            process.kill()
        psutil.wait_procs(processes[1:], timeout=30)
        return str(recorder.events[0]["id"])


def test_a_source_that_breaks_off_is_archived_and_the_command_says_9(
    tmp_path: Path, torn: Path
) -> None:
    desk = Desk(tmp_path)
    ran = desk.record(torn)
    assert ran.code == 9
    check_contract(ran.events)
    (error,) = ran.find("error")
    assert error["exit_code"] == 9
    assert "incomplete" in str(error["detail"])
    assert error["problems"]
    assert ran.result["state"] == "completed"
    assert len(desk.sets()) == 1


def test_a_quiet_command_says_it_too(tmp_path: Path, torn: Path) -> None:
    desk = Desk(tmp_path)
    ran = desk.run(
        "record", "--meeting", desk.meeting, "--source", f"file:{torn}", "--fast", "--quiet"
    )
    assert ran.code == 9
    assert "The recording is incomplete" in ran.said


def test_what_ended_early_stays_here_where_that_was_wanted(tmp_path: Path, torn: Path) -> None:
    desk = Desk(tmp_path)
    ran = desk.record(torn, "--no-archive")
    assert (ran.code, ran.result["state"]) == (9, "recorded")
    assert desk.sets() == []


def test_what_ended_early_and_waits_says_that_it_ended_early(tmp_path: Path, torn: Path) -> None:
    desk = Desk(tmp_path)
    desk.archive.write_bytes(b"")
    ran = desk.record(torn)
    assert ran.code == 9
    check_contract(ran.events)
    assert ran.find("step_failed")
    assert len(desk.ids()) == 1


def test_going_on_without_sound_leaves_the_recording_as_it_was(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    left = interrupted(desk)
    ran = desk.run("record", "--continue", left, "--source", "file:/no/such/file", "--json")
    assert ran.code == 9
    check_contract(ran.events)
    assert (ran.result["id"], ran.result["state"]) == (left, "interrupted")
    assert desk.sets() == []
    told = desk.run("recover", "--list", "--json")
    assert [event["id"] for event in told.find("interrupted")] == [left]
    more = write_wav(tmp_path / "more.wav", speech(SHAPE, 5.0, seed=2), SHAPE)
    ran = desk.run("record", "--continue", left, "--source", f"file:{more}", "--fast", "--json")
    assert (ran.code, ran.result["state"]) == (0, "completed")
    assert (ran.events[0]["event"], ran.events[0]["state"]) == ("continued", "interrupted")
    assert not [event for event in ran.events if event["state"] == "planned"]
    assert len(ran.result["parts"]) == 2


def test_going_on_with_what_is_not_interrupted_archives_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    talk = write_wav(tmp_path / "talk.wav", speech(SHAPE, 1.0), SHAPE)
    kept = desk.record(talk, "--no-archive").result["id"]
    ran = desk.run("record", "--continue", kept, "--source", f"file:{talk}", "--fast", "--json")
    assert (ran.code, ran.result["state"]) == (15, "recorded")
    assert desk.sets() == []


def test_going_on_with_what_is_not_there_is_12(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    ran = desk.run("record", "--continue", "0000000000000000", "--source", "file:x", "--json")
    assert ran.code == 12
