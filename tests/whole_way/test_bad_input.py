# SPDX-License-Identifier: EUPL-1.2
"""Files that cannot be used: one clear sentence, the file untouched, nothing left behind."""

from __future__ import annotations

import os
from pathlib import Path

import av
import numpy as np
import pytest
from desk import Desk
from speech import Shape, speech, write_flac, write_wav

SHAPE = Shape(16_000)


def video(path: Path) -> Path:
    """A film with sound."""
    with av.open(str(path), mode="w") as container:
        pictures = container.add_stream("mpeg4", rate=25)
        pictures.width = pictures.height = 64
        pictures.pix_fmt = "yuv420p"
        sound = container.add_stream("aac", rate=48_000, layout="mono")
        for number in range(5):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), number, np.uint8))
            container.mux(pictures.encode(frame))
        silence = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
        )
        silence.sample_rate = 48_000
        container.mux(sound.encode(silence))
        container.mux(pictures.encode(None))
        container.mux(sound.encode(None))
    return path


def unknown_codec(path: Path) -> Path:
    """A WAV file whose codec number means nothing."""
    content = bytearray(write_wav(path, speech(SHAPE, 1.0), SHAPE).read_bytes())
    content[20:22] = b"\x99\x99"
    path.write_bytes(content)
    return path


def cut_short(path: Path) -> Path:
    content = write_flac(path, speech(SHAPE, 1.0), SHAPE).read_bytes()
    path.write_bytes(content[:40])
    return path


def text(path: Path) -> Path:
    path.write_text("Dette er ikke en lydfil, selv om den hedder noget andet.\n" * 50)
    return path


def empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def header_only(path: Path) -> Path:
    return write_wav(path, b"", SHAPE)


def directory(path: Path) -> Path:
    path.mkdir()
    return path


def missing(path: Path) -> Path:
    return path


def dangling(path: Path) -> Path:
    path.symlink_to("nowhere")
    return path


BAD = [
    (video, "talk.mp4", "moving pictures"),
    (unknown_codec, "talk.wav", "of a kind that is not known here"),
    (cut_short, "talk.flac", "broken, or of a kind"),
    (text, "talk.wav", "broken, or of a kind"),
    (empty, "talk.wav", "The file is empty"),
    (header_only, "talk.wav", "There is no sound in the file"),
    (directory, "talk.wav", "cannot be read"),
    (missing, "talk.wav", "There is no such file"),
    (dangling, "talk.wav", "There is no such file"),
]


@pytest.mark.parametrize(
    ("make", "name", "sentence"), BAD, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_file_that_cannot_be_used_is_refused_with_a_sentence(
    tmp_path: Path, make: type, name: str, sentence: str
) -> None:
    desk = Desk(tmp_path)
    path = make(tmp_path / name)
    before = path.read_bytes() if path.is_file() else b""
    for command in (
        ["import", path, "--meeting", desk.meeting],
        ["record", "--source", f"file:{path}", "--meeting", desk.meeting, "--fast"],
    ):
        ran = desk.run(*command)
        assert ran.code == 9, ran
        assert sentence in ran.said
        assert "The file has not been touched" in ran.said
        assert "talk" not in ran.said  # a file's name may be a person's
    assert (path.read_bytes() if path.is_file() else b"") == before
    assert not (desk.home / "vault").exists() or desk.ids() == []
    assert desk.sets() == []


def test_a_file_that_breaks_off_is_recorded_as_far_as_it_goes_and_told(tmp_path: Path) -> None:
    desk, pcm = Desk(tmp_path), speech(SHAPE, 4.0)
    content = write_flac(tmp_path / "talk.flac", pcm, SHAPE).read_bytes()
    broken = tmp_path / "broken.flac"
    broken.write_bytes(content[: len(content) // 2] + os.urandom(len(content) // 2))
    ran = desk.run("record", "--source", f"file:{broken}", "--meeting", desk.meeting, "--fast")
    assert "The sound file is broken from here on" in ran.said
    assert ran.code == 9
    imported = desk.run("import", broken, "--meeting", desk.meeting)
    assert imported.code == 0
    names = [(folder / "recording-001.flac").read_bytes() for folder in desk.sets()]
    assert broken.read_bytes() in names


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "JSON"),
        ("[1, 2]", ""),
        ('{"case_number": 5}', "case_number"),
        ("{" * 5000, ""),
        ("\x00\xff", ""),
    ],
)
def test_a_meeting_that_cannot_be_read_is_refused(
    tmp_path: Path, content: str, sentence: str
) -> None:
    desk = Desk(tmp_path)
    talk = write_wav(tmp_path / "talk.wav", speech(SHAPE, 1.0), SHAPE)
    desk.meeting.write_bytes(content.encode("latin-1"))
    ran = desk.run("record", "--source", f"file:{talk}", "--meeting", desk.meeting)
    assert ran.code == 4
    assert sentence in ran.said
    assert "defect" not in ran.said


def test_a_permission_in_the_future_is_a_wrong_clock_or_a_wrong_date(tmp_path: Path) -> None:
    import datetime as dt  # noqa: PLC0415

    from desk import meeting  # noqa: PLC0415

    desk = Desk(tmp_path)
    talk = write_wav(tmp_path / "talk.wav", speech(SHAPE, 1.0), SHAPE)
    later = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=2)).isoformat()
    guidance = {"given": True, "when": later, "by": "Bo"}
    desk.write("meeting.json", meeting(guidance=guidance))
    ran = desk.run("record", "--source", f"file:{talk}", "--meeting", desk.meeting)
    assert ran.code == 4
    assert "which is later than now" in ran.said
    assert "if that is wrong, set the clock right" in ran.said
    assert not desk.home.exists() or not (desk.home / "vault").exists() or desk.ids() == []
