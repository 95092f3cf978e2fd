# SPDX-License-Identifier: EUPL-1.2
"""The papers: plain words, the same bytes for the same facts, never more than is true."""

from __future__ import annotations

import datetime as dt
import subprocess
from pathlib import Path

import pytest

from recorder.clock import Instant
from recorder.documents import checksums, instructions, note, phrases, receipt, withdrawal
from recorder.identifiers import RecordingId, Sha256Hex
from recorder.lifecycle.events import WipeReport
from recorder.lifecycle.parts import Gap, GapCause
from recorder.meeting.model import Guidance, Meeting, Participant, Permission, PermissionForm, Role

_AT = Instant(dt.datetime(2026, 11, 21, 17, 4, tzinfo=dt.UTC), 5, "boot")
_ID = RecordingId("0123456789abcdef")
_HASH = Sha256Hex("0f" * 32)


def _meeting() -> Meeting:
    given = Permission(given=True, how=PermissionForm.ORAL, when=_AT.wall)
    return Meeting(
        case_number="27.03.00-G01-1-26",
        place="Rådhuset, lokale 3",
        purpose="Opfølgning",
        participants=(
            Participant("Åse Ærlig", Role.CITIZEN, given),
            Participant("Bo Berg", Role.CASEWORKER, given),
            Participant("Uden Svar", Role.COMPANION, None),
        ),
        guidance=Guidance(given=True, when=_AT.wall, by="Bo Berg"),
    )


def _note(**changes: object) -> str:
    facts: dict[str, object] = {
        "recording": _ID,
        "meeting": _meeting(),
        "began": _AT,
        "parts": (),
        "files": (("recording-001.flac", _HASH),),
        "gaps": (),
        "markers": (),
        "recovered": False,
        "damaged": False,
    }
    return note.journal_note(note.NoteFacts(**{**facts, **changes})).decode("utf-8")  # type: ignore[arg-type]  # made to vary


def test_the_note_names_everyone_with_their_permission() -> None:
    text = _note()
    assert "Åse Ærlig (citizen): gave permission orally" in text
    assert "Uden Svar (companion): no permission" in text
    assert "Guidance on recording was given by Bo Berg" in text


def test_the_note_lists_every_gap_with_its_cause() -> None:
    gap = Gap(GapCause.PAUSE, 1, 48000, 12.5, True, _AT, _AT)
    text = _note(gaps=(gap,))
    assert "12.5 seconds: paused" in text


def test_the_note_says_when_there_is_no_sound() -> None:
    assert "There is no sound" in _note()


@pytest.mark.parametrize(
    ("fact", "sentence"),
    [("recovered", "was interrupted and closed"), ("damaged", "found damaged")],
)
def test_the_note_hides_neither_interruption_nor_damage(fact: str, sentence: str) -> None:
    assert sentence in _note(**{fact: True})
    assert sentence not in _note()


def _receipt(**changes: object) -> str:
    report: dict[str, object] = {
        "key_store": "os:SecretService",
        "key_removed": True,
        "slot_overwritten": True,
        "bytes_overwritten": 1000,
        "files_removed": 2,
        "unwrap_refused": True,
        "medium": "ext4",
    }
    facts = receipt.ReceiptFacts(
        recording=_ID,
        case_number="27.03.00-G01-1-26",
        began=_AT,
        seconds=3723.0,
        gaps=0,
        files=(("recording-001.flac", _HASH),),
        read_back=_AT,
        wiped=WipeReport(**{**report, **changes}),  # type: ignore[arg-type]  # made to vary
        adapter="folder",
        source_remains=False,
    )
    return receipt.receipt(facts).decode("utf-8")


def test_the_receipt_tells_length_hash_and_case() -> None:
    text = _receipt()
    assert "1:02:03" in text
    assert phrases.grouped(_HASH) in text
    assert "27.03.00-G01-1-26" in text


def test_the_receipt_says_that_a_key_file_is_a_file() -> None:
    assert "would still be a key" in _receipt(key_store="key file")
    assert "would still be a key" not in _receipt()


def test_the_receipt_does_not_praise_overwriting_where_it_erases_nothing() -> None:
    assert "overwriting erases nothing" in _receipt(medium="btrfs")
    assert "without being overwritten" in _receipt(bytes_overwritten=0)


def test_no_withdrawal_note_promises_that_a_filed_recording_is_deleted() -> None:
    facts = withdrawal.WithdrawalFacts(
        _ID, "1-2", _AT.wall, "why", "what matters", in_case=True, source_remains=False
    )
    text = withdrawal.withdrawal_note(facts).decode("utf-8")
    assert "authorised person decides" in text
    assert "is erased" not in text


def test_checksums_are_what_sha256sum_reads(tmp_path: Path) -> None:
    empty = Sha256Hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    (tmp_path / "a.flac").write_bytes(b"")
    (tmp_path / checksums.NAME).write_bytes(checksums.encode([("a.flac", empty)]))
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", checksums.NAME],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"a.flac: OK\n")


def test_checksums_refuse_a_name_that_would_be_read_otherwise() -> None:
    with pytest.raises(ValueError, match="escape"):
        checksums.encode([("a\nb", _HASH)])


def test_checksums_read_what_they_write_and_nothing_else() -> None:
    assert checksums.decode(checksums.encode([("a b.flac", _HASH)])) == {"a b.flac": _HASH}
    with pytest.raises(ValueError, match="not a list"):
        checksums.decode(b"hello\n")


def test_the_instructions_tell_of_flac_only_where_there_is_flac() -> None:
    assert b"flac -t" in instructions.encode(has_flac=True)
    assert b"flac -t" not in instructions.encode(has_flac=False)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.0, "0.0 seconds"), (59.94, "59.9 seconds"), (60, "0:01:00"), (36000, "10:00:00")],
)
def test_lengths_read_as_people_write_them(seconds: float, shown: str) -> None:
    assert phrases.length(seconds) == shown
