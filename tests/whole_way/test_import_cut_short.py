# SPDX-License-Identifier: EUPL-1.2
"""An import that was cut short: the same file or none, once, and honest words about the source."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import msgspec
import pytest
from desk import COMMAND, Desk, meeting
from speech import Shape, speech, write_wav

from recorder.capture.importing import hash_file
from recorder.identifiers import RecordingId, new_recording_id
from recorder.lifecycle.events import ImportedFile, Planned
from recorder.lifecycle.states import State

SHAPE = Shape(16_000)


def cut_short(desk: Desk, path: Path, *, erase: bool = False) -> RecordingId:
    """Leave what a killed import leaves."""
    recording = new_recording_id()
    source = ImportedFile(str(path), erase=erase, sha256=hash_file(path))
    raw = msgspec.Raw(json.dumps(meeting()).encode())
    with desk.vault().create(recording) as entry:
        entry.journal.append(Planned(raw, "consent-of-all", "1", "test", source))
    return recording


def test_another_file_in_the_place_of_the_chosen_one_is_not_filed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    path = write_wav(tmp_path / "REC001.WAV", speech(SHAPE, 1.0), SHAPE)
    recording = cut_short(desk, path, erase=True)
    other = write_wav(tmp_path / "other.wav", speech(SHAPE, 2.0), SHAPE).read_bytes()
    path.write_bytes(other)
    ran = desk.run("archive")
    assert ran.code == 9
    assert "not the file that was chosen" in ran.said
    assert path.read_bytes() == other
    assert desk.sets() == []
    assert desk.vault().peek(recording).state is State.INTERRUPTED


def test_an_import_that_was_cut_short_is_finished_by_the_next_start(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    path = write_wav(tmp_path / "REC001.WAV", speech(SHAPE, 1.0), SHAPE)
    recording = cut_short(desk, path)
    assert desk.run("archive").code == 0
    assert (desk.folder(recording) / "recording-001.wav").read_bytes() == path.read_bytes()


def test_importing_again_after_a_cut_files_the_recording_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    path = write_wav(tmp_path / "REC001.WAV", speech(SHAPE, 1.0), SHAPE)
    cut_short(desk, path)
    assert desk.run("import", path, "--meeting", desk.meeting).code == 0
    assert desk.run("archive").code == 0
    assert len(desk.sets()) == 1
    assert desk.ids() == []


@pytest.mark.slow
def test_ctrl_c_during_an_import_leaves_nothing_here_and_the_file_as_it_was(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    path = write_wav(tmp_path / "REC001.WAV", speech(Shape(48_000), 60.0) * 20, Shape(48_000))
    before = hash_file(path)
    process = subprocess.Popen(
        [*COMMAND, "import", "--json", str(path), "--meeting", str(desk.meeting)],
        env=desk.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "step_started":
            process.send_signal(signal.SIGINT)
            break
    process.stdout.read()
    assert process.wait(60) != 0
    process.stdout.close()
    assert desk.ids() == []
    assert hash_file(path) == before


def test_a_source_that_cannot_be_seen_at_the_wipe_counts_as_still_there(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    stick = tmp_path / "stick"
    stick.mkdir()
    path = write_wav(stick / "REC001.WAV", speech(SHAPE, 1.0), SHAPE)
    closed = desk.archive / "27.03.00-G01-4711-26" / ".closed"
    closed.parent.mkdir(parents=True)
    closed.write_bytes(b"")
    ran = desk.run("import", path, "--meeting", desk.meeting, "--erase-source", "--json")
    assert ran.code == 5
    closed.unlink()
    stick.rename(tmp_path / "pulled out")
    assert desk.run("archive").code == 0
    receipt = (desk.folder(ran.result["id"]) / "receipt.txt").read_text()
    assert "still lies where it was taken from" in receipt
