# SPDX-License-Identifier: EUPL-1.2
"""Two commands at once: neither disturbs the other, and there is one set of documents."""

from __future__ import annotations

import subprocess
from pathlib import Path

from desk import COMMAND, Desk, Recorder
from kept import Kept
from speech import Shape, decoded, speech, write_wav

SHAPE = Shape(16_000)


def test_archive_and_recover_leave_a_running_recording_alone(tmp_path: Path) -> None:
    desk, pcm = Desk(tmp_path), speech(SHAPE, 6.0)
    talk = write_wav(tmp_path / "talk.wav", pcm, SHAPE)
    arguments = ("--meeting", str(desk.meeting), "--source", f"file:{talk}")
    with Recorder(desk, *arguments) as recorder:
        recorder.wait_for("level")
        for command in ("archive", "recover"):
            ran = desk.run(command)
            assert ran.code == 0, ran
            assert "is in use and is left alone" in ran.said
        shown = desk.run("status")
        assert "recording" in shown.out
        assert "Modoptager is working on it now" in shown.out
        assert desk.sets() == []
        recording = recorder.events[0]["id"]
        for command in ("withdraw", "discard"):
            decided = '{"reason": "mistake"}'
            ran = desk.run(command, recording, "--input", "-", said=decided)
            assert ran.code == 13, ran
            assert "Another Modoptager is working on this recording" in ran.said
        ran = recorder.end()
    assert (ran.code, ran.result["state"]) == (0, "completed")
    assert decoded(Path(ran.result["folder"]) / "recording-001.flac") == pcm


def test_several_archive_commands_at_once_make_one_set(kept: Kept) -> None:
    desk = kept.desk
    running = [
        subprocess.Popen(
            [*COMMAND, "archive"],
            env=desk.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for _number in range(3)
    ]
    for process in running:
        said = process.communicate(timeout=60)[1].decode()
        assert process.returncode == 0, said
    (folder,) = desk.sets()
    assert len([path for path in folder.iterdir() if path.is_file()]) == 8
    assert desk.ids() == []


def test_two_recordings_at_once_are_two_recordings(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    talks = [
        write_wav(tmp_path / f"talk{seed}.wav", speech(SHAPE, 2.0, seed=seed), SHAPE)
        for seed in (1, 2)
    ]
    arguments = ("--meeting", str(desk.meeting), "--source")
    with (
        Recorder(desk, *arguments, f"file:{talks[0]}") as first,
        Recorder(desk, *arguments, f"file:{talks[1]}") as second,
    ):
        ended = [first.end(), second.end()]
    assert [ran.code for ran in ended] == [0, 0]
    for seed, ran in zip((1, 2), ended, strict=True):
        folder = Path(ran.result["folder"])
        assert decoded(folder / "recording-001.flac") == speech(SHAPE, 2.0, seed=seed)
    assert desk.run("ledger", "export").code == 0
