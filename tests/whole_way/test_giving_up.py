# SPDX-License-Identifier: EUPL-1.2
"""Withdrawal and discard at every state: what must be in the case is, and no sound stays here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from desk import CASE, Desk, Ran, Recorder
from kept import Kept
from speech import Shape, speech, write_wav

from recorder.archive.progress import Silent, Step
from recorder.archive.run import bring_home
from recorder.lifecycle.states import State

WITHDRAWAL = json.dumps({"reason": "Borgeren fortryder", "facts": "Parterne aftalte ny frist."})
DISCARD = json.dumps(
    {"reason": "Optaget ved en fejl", "decided_by": "Bo Eksempelsen", "second_person": "Ib Leder"}
)


class _StopError(Exception):
    """Ends the work where a test wants it."""


class _StopsAfter(Silent):
    def __init__(self, step: Step) -> None:
        self._step = step

    def finished(self, step: Step, proof: str) -> None:
        if step is self._step:
            raise _StopError


def bring_to(kept: Kept, state: State) -> None:
    """Go so far and no further."""
    last = {
        State.RECORDED: None,
        State.SEALED: Step.SEAL,
        State.DELIVERING: Step.DELIVER,
        State.VERIFIED: Step.READ_BACK,
        State.WIPED: Step.WIPE,
    }
    if state is State.WAITING:
        case = kept.desk.archive / CASE
        case.mkdir(parents=True)
        (case / ".closed").write_bytes(b"")
        assert kept.desk.run("archive").code == 5
        (case / ".closed").unlink()
    elif step := last[state]:
        archive = kept.desk.workplace().archive
        with kept.desk.vault().open(kept.id) as entry, pytest.raises(_StopError):
            bring_home(entry, archive, _StopsAfter(step))
    # The step's own last event follows what the observer is told.
    assert kept.state() in {state, State.DELIVERING}


STATES = [
    State.RECORDED,
    State.SEALED,
    State.WAITING,
    State.DELIVERING,
    State.VERIFIED,
    State.WIPED,
]


def decide(desk: Desk, command: str, recording: str, said: str) -> Ran:
    return desk.run(command, recording, "--input", "-", said=said)


def require_no_trace_here(desk: Desk) -> None:
    assert desk.ids() == []
    assert not list(desk.keys.iterdir())
    assert not list((desk.home / "vault").glob("*/sound-*"))
    assert desk.run("archive").code == 0


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.value)
def test_a_withdrawal_leaves_a_note_in_the_case_and_no_sound_here(kept: Kept, state: State) -> None:
    desk = kept.desk
    bring_to(kept, state)
    ran = decide(desk, "withdraw", kept.id, WITHDRAWAL)
    assert ran.code == 0, ran
    assert "The withdrawal is filed in the case" in ran.out
    (note,) = desk.folder(kept.id).glob("withdrawal-*.txt")
    text = note.read_text()
    assert "Parterne aftalte ny frist." in text
    is_in_case = (desk.folder(kept.id) / "recording-001.flac").exists()
    assert is_in_case == (state in {State.DELIVERING, State.VERIFIED, State.WIPED})
    require_no_trace_here(desk)
    kinds = [json.loads(line) for line in desk.run("ledger", "export", "--json").out.splitlines()]
    assert "withdrawn" in json.dumps(kinds)
    assert "Borgeren" not in (desk.home / "ledger.jsonl").read_text()


def test_a_withdrawal_after_completion_is_filed_in_the_case(kept: Kept) -> None:
    desk = kept.desk
    assert desk.run("archive").code == 0
    ran = decide(desk, "withdraw", kept.id, WITHDRAWAL)
    assert ran.code == 0, ran
    assert "An authorised person decides" in ran.out
    folder = desk.folder(kept.id)
    assert len(list(folder.glob("withdrawal-*.txt"))) == 1
    assert (folder / "recording-001.flac").exists()
    assert desk.run("verify", kept.id).code == 0


def test_a_withdrawal_waits_for_an_archive_that_is_offline(kept: Kept) -> None:
    desk = kept.desk
    case = desk.archive / CASE
    case.mkdir(parents=True)
    (case / ".closed").write_bytes(b"")
    ran = decide(desk, "withdraw", kept.id, WITHDRAWAL)
    assert ran.code == 5
    assert kept.state() is State.WITHDRAWN
    (case / ".closed").unlink()
    assert desk.run("archive").code == 0
    assert len(list(desk.folder(kept.id).glob("withdrawal-*.txt"))) == 1
    require_no_trace_here(desk)


NOT_IN_THE_CASE = [State.RECORDED, State.SEALED, State.WAITING]


@pytest.mark.parametrize("state", NOT_IN_THE_CASE, ids=lambda state: state.value)
def test_a_discard_erases_the_sound_and_leaves_a_row_without_content(
    kept: Kept, state: State
) -> None:
    desk = kept.desk
    bring_to(kept, state)
    ran = decide(desk, "discard", kept.id, DISCARD)
    assert ran.code == 0, ran
    assert "The recording is erased" in ran.out
    require_no_trace_here(desk)
    ledger = (desk.home / "ledger.jsonl").read_text()
    assert "discarded" in ledger
    for word in ("Optaget", "Eksempelsen", "Leder", CASE):
        assert word not in ledger


@pytest.mark.parametrize(
    "state", [State.DELIVERING, State.VERIFIED, State.WIPED], ids=lambda state: state.value
)
def test_what_may_be_in_the_case_is_withdrawn_not_discarded(kept: Kept, state: State) -> None:
    bring_to(kept, state)
    ran = decide(kept.desk, "discard", kept.id, DISCARD)
    assert ran.code == 15
    assert "withdraw it instead" in ran.said
    assert kept.desk.run("archive").code == 0
    assert kept.desk.run("verify", kept.id).code == 0


def test_a_discard_is_in_the_ledger_before_the_key_is_gone(kept: Kept) -> None:
    ledger = kept.desk.home / "ledger.jsonl"
    ledger.write_bytes(b'{"number":1}\n{"number":2}\n')
    assert decide(kept.desk, "discard", kept.id, DISCARD).code == 14
    ledger.unlink()
    with kept.desk.vault().open(kept.id) as entry:
        assert not entry.is_sound_key_gone


def test_a_recording_whose_key_is_not_in_this_key_store_is_not_given_up(kept: Kept) -> None:
    other = kept.desk.directory / "another key store"
    kept.desk.environment["MODOPTAGER_KEYS_DIRECTORY"] = str(other)
    assert decide(kept.desk, "discard", kept.id, DISCARD).code == 7
    kept.desk.environment["MODOPTAGER_KEYS_DIRECTORY"] = str(kept.desk.keys)
    kept.require_whole()


def test_a_withdrawal_after_the_wipe_still_files_completion_and_receipt(kept: Kept) -> None:
    bring_to(kept, State.WIPED)
    assert decide(kept.desk, "withdraw", kept.id, WITHDRAWAL).code == 0
    folder = kept.desk.folder(kept.id)
    assert {"completion.json", "receipt.txt"} <= {path.name for path in folder.iterdir()}
    assert kept.desk.run("verify", kept.id).code == 0


def test_a_withdrawal_that_cannot_be_filed_says_so_and_that_nothing_of_it_is_kept(
    kept: Kept,
) -> None:
    desk = kept.desk
    assert desk.run("archive").code == 0
    closed = desk.archive / CASE / ".closed"
    closed.write_bytes(b"")
    ran = decide(desk, "withdraw", kept.id, WITHDRAWAL)
    assert ran.code == 16
    assert "not kept on this device" in ran.said
    closed.unlink()
    for _again in range(2):
        assert decide(desk, "withdraw", kept.id, WITHDRAWAL).code == 0
    assert len(list(desk.folder(kept.id).glob("withdrawal-*.txt"))) == 1


def test_a_withdrawn_import_says_that_the_file_is_still_there(tmp_path: Path) -> None:
    desk, shape = Desk(tmp_path), Shape(16_000)
    talk = write_wav(tmp_path / "talk.wav", speech(shape, 1.0), shape)
    case = desk.archive / CASE
    case.mkdir(parents=True)
    (case / ".closed").write_bytes(b"")
    ran = desk.run("import", talk, "--meeting", desk.meeting, "--erase-source", "--json")
    assert ran.code == 5
    (case / ".closed").unlink()
    ran = decide(desk, "withdraw", ran.result["id"], WITHDRAWAL)
    assert ran.code == 0, ran
    assert "still lies where it was taken from" in ran.out
    (note,) = case.glob("*/withdrawal-*.txt")
    assert "still lies where it was taken from" in note.read_text()
    assert talk.exists()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"decided_by": "Bo", "second_person": "Ib"}, "The reason is missing"),
        ({"reason": "fejl", "decided_by": "Bo"}, "Two persons must be named"),
        (
            {"reason": "fejl", "decided_by": "Bo", "second_person": " bo "},
            "must be somebody else",
        ),
    ],
)
def test_a_discard_without_reason_or_second_person_changes_nothing(
    kept: Kept, said: dict[str, str], sentence: str
) -> None:
    ran = decide(kept.desk, "discard", kept.id, json.dumps(said))
    assert ran.code == 15
    assert sentence in ran.said
    kept.require_whole()
    assert kept.state() is State.RECORDED


def test_what_was_completed_or_never_was_cannot_be_discarded(kept: Kept) -> None:
    desk = kept.desk
    assert desk.run("archive").code == 0
    for recording in (kept.id, "0000000000000000", "nonsense"):
        ran = decide(desk, "discard", recording, DISCARD)
        assert ran.code == 12
        assert "It was not found" in ran.said
    assert decide(desk, "withdraw", "0000000000000000", WITHDRAWAL).code == 12


@pytest.mark.parametrize("command", ["withdraw", "discard"])
def test_an_interrupted_recording_can_be_given_up_too(tmp_path: Path, command: str) -> None:
    desk, shape = Desk(tmp_path), Shape(16_000)
    talk = write_wav(tmp_path / "talk.wav", speech(shape, 6.0), shape)
    with Recorder(desk, "--meeting", str(desk.meeting), "--source", f"file:{talk}") as recorder:
        recorder.wait_for("level", lambda event: event["stored_seconds"] > 0.5)
        recording = recorder.events[0]["id"]
        # The command and its capture process die as in a power cut.
        import psutil  # noqa: PLC0415

        family = psutil.Process(recorder.process.pid)
        for process in (family, *family.children(recursive=True)):
            process.kill()
    assert "interrupted" in desk.run("status").out
    ran = decide(desk, command, recording, WITHDRAWAL if command == "withdraw" else DISCARD)
    assert ran.code == 0, ran
    require_no_trace_here(desk)
