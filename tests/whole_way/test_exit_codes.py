# SPDX-License-Identifier: EUPL-1.2
"""The contract with whoever drives the command: exit codes, and what stands on standard output."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import psutil
import pytest
from desk import Desk, Ran, Recorder, check_contract, meeting
from kept import Kept, memory_archive
from speech import Shape, speech, write_wav

from recorder.archive.verification import verify_case
from recorder.errors import UncheckedError
from recorder.evidence.verify import Finding

SHAPE = Shape(8_000)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "talk.wav", speech(SHAPE, 1.0), SHAPE)


def error_of(ran: Ran) -> dict[str, object]:
    """The one error that a failed run tells a machine."""
    (error,) = ran.find("error")
    assert error["exit_code"] == ran.code
    assert error["title"]
    assert error["advice"]
    return dict(error)


@pytest.mark.parametrize(
    "arguments",
    [
        ("record", "--no-such-option"),
        ("record", "--seconds", "0"),
        ("record", "--source", "tape:1", "--meeting", "{meeting}"),
        ("import",),
        ("no-such-command",),
        ("verify",),
    ],
)
def test_2_is_a_command_that_was_not_understood(desk: Desk, arguments: tuple[str, ...]) -> None:
    ran = desk.run(*(each.format(meeting=desk.meeting) for each in arguments))
    assert (ran.code, ran.out) == (2, "")
    assert ran.said


def test_3_is_a_wrong_setting_and_recording_works_all_the_same(desk: Desk, talk: Path) -> None:
    desk.home.mkdir()
    (desk.home / "config.toml").write_text("[capture]\nrate = 'fast'\nvolume = 11\n= broken\n")
    checked = desk.run("config", "check")
    assert checked.code == 3
    (desk.home / "config.toml").write_text("[capture]\nrate = 'fast'\nvolume = 11\n")
    checked = desk.run("config", "check")
    assert checked.code == 3
    assert "rate" in checked.said
    assert "volume" in checked.said
    ran = desk.record(talk)
    assert ran.code == 0
    assert len(ran.find("config_problem")) == 2
    check_contract(ran.events)
    told = desk.run("record", "--meeting", desk.meeting, "--source", f"file:{talk}", "--fast")
    assert told.code == 0
    assert told.said.count("Setting ignored") == 2


def test_4_lists_all_that_is_missing_and_nothing_was_captured(desk: Desk, talk: Path) -> None:
    documented = meeting(place="", purpose=" ", guidance=None)
    people = json.loads(json.dumps(documented["participants"]))
    people[0]["permission"]["given"] = False
    people[1]["role"] = "companion"
    people[1]["permission"] = None
    desk.write("meeting.json", documented | {"participants": people})
    ran = desk.record(talk)
    assert ran.code == 4
    problems = " ".join(map(str, error_of(ran)["problems"]))  # type: ignore[call-overload] # JSON
    for word in ("place", "purpose", "guidance", "caseworker", "has not given", "no permission"):
        assert word in problems, word
    assert ran.result["parts"] == []
    assert not (desk.home / "vault").exists() or desk.ids() == []
    assert not desk.keys.exists() or not list(desk.keys.iterdir())
    told = desk.run("record", "--meeting", desk.meeting, "--source", f"file:{talk}")
    assert told.code == 4
    assert told.said.count("•") == len(error_of(ran)["problems"])  # type: ignore[arg-type] # JSON
    assert "Nothing has been recorded" in told.said


def test_4_by_line_too_whatever_the_first_line_is(desk: Desk, talk: Path) -> None:
    source = ("--source", f"file:{talk}", "--fast", "--json")
    for line in (
        "",
        "nonsense\n",
        '{"cmd":"stop"}\n',
        '{"cmd":"start"}\n',
        '{"cmd":"start","meeting":{}}',
    ):
        ran = desk.run("record", *source, said=line)
        assert ran.code == 4, line
        error_of(ran)
        assert desk.run("status", "--json").events[-1]["recordings"] == 0


def test_a_meeting_by_line_records(desk: Desk, talk: Path) -> None:
    line = json.dumps({"cmd": "start", "meeting": meeting()})
    ran = desk.run("record", "--source", f"file:{talk}", "--fast", "--json", said=line)
    assert ran.code == 0
    check_contract(ran.events)


def test_5_is_an_archive_offline_and_the_next_run_completes(desk: Desk, talk: Path) -> None:
    case = desk.archive / "27.03.00-G01-4711-26"
    case.mkdir(parents=True)
    (case / ".closed").write_bytes(b"")
    ran = desk.record(talk)
    assert ran.code == 5
    check_contract(ran.events)
    assert ran.result["state"] == "waiting"
    error = error_of(ran)
    assert "closed" in f"{error['detail']}"
    assert error["retryable"] is True
    assert (
        ran.result["parts"][0]["samples_sha256"] == hashlib.sha256(speech(SHAPE, 1.0)).hexdigest()
    )
    shown = desk.run("status")
    assert "The case is closed" in shown.out
    (case / ".closed").unlink()
    assert desk.run("archive").code == 0
    assert len(desk.sets()) == 1
    assert desk.ids() == []


def test_10_11_and_12_are_altered_unchecked_and_not_found(desk: Desk, talk: Path) -> None:
    result = desk.record(talk).result
    folder = Path(result["folder"])
    assert desk.run("verify", result["id"]).code == 0
    assert desk.run("verify", folder).code == 0
    sound = folder / "recording-001.flac"
    content = bytearray(sound.read_bytes())
    content[len(content) // 2] ^= 1
    sound.write_bytes(content)
    altered = desk.run("verify", result["id"], "--json")
    assert altered.code == 10
    assert "recording-001.flac" in altered.out
    assert desk.run("verify", folder).code == 10
    sound.unlink()
    assert desk.run("verify", folder).code == 10
    shutil.rmtree(desk.archive)
    desk.archive.write_bytes(b"")
    assert desk.run("verify", result["id"]).code in {3, 11}
    desk.archive.unlink()
    assert desk.run("verify", result["id"]).code in {11, 12}
    assert desk.run("verify", "0000000000000000").code == 12
    assert desk.run("verify", desk.directory / "no-such-folder").code == 12


def test_11_is_an_archive_that_cannot_be_asked(kept: Kept) -> None:
    honest = memory_archive()
    archive = kept.archive(honest.open_driver)
    kept.bring_home(archive)
    assert verify_case(kept.id, archive).finding is Finding.WHOLE
    honest.is_reachable = False
    with pytest.raises(UncheckedError) as caught:
        verify_case(kept.id, archive)
    assert caught.value.exit_code == 11
    assert "cannot be reached" in caught.value.detail


def test_an_error_is_told_with_id_and_state_and_the_result_comes_last(
    desk: Desk, talk: Path
) -> None:
    desk.archive.write_bytes(b"")
    ran = desk.record(talk)
    assert ran.code != 0
    check_contract(ran.events)
    assert error_of(ran)["id"] == ran.result["id"]
    empty = desk.directory / "empty.wav"
    empty.write_bytes(b"")
    for ran in (desk.record(empty), desk.run("import", empty, "--meeting", desk.meeting, "--json")):
        assert ran.code == 9
        check_contract(ran.events)
        assert error_of(ran)["id"] == ran.result["id"]


def test_nothing_personal_stands_in_arguments_or_in_the_lines(desk: Desk, tmp_path: Path) -> None:
    talk = write_wav(tmp_path / "talk.wav", speech(SHAPE, 2.0), SHAPE)
    arguments = ("--meeting", str(desk.meeting), "--source", f"file:{talk}")
    with Recorder(desk, *arguments) as recorder:
        recorder.wait_for("recording")
        command = psutil.Process(recorder.process.pid)
        shown_by_ps = str([(p.cmdline(), p.name()) for p in (command, *command.children())])
        ran = recorder.end()
    assert ran.code == 0
    assert "recorder.capture" in shown_by_ps
    for word in ("Opdigtet", "4711", "Opfølgningssamtale"):
        assert word not in shown_by_ps
        shown = [{k: v for k, v in event.items() if k != "folder"} for event in ran.events]
        assert word not in json.dumps(shown, ensure_ascii=False)
