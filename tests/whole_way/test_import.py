# SPDX-License-Identifier: EUPL-1.2
"""A file from elsewhere goes into the archive byte for byte; the file itself is a decision."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from desk import Desk, check_contract, check_set
from speech import Shape, speech, write_flac, write_wav

SHAPE = Shape(48_000, 1, 16)


def write_lossy(path: Path, codec: str, pcm: bytes) -> Path:
    """Encode samples as a telephone or a dictaphone would."""
    with av.open(str(path), mode="w") as container:
        stream: Any = container.add_stream(codec, rate=SHAPE.rate, layout="mono")
        samples = np.frombuffer(pcm, dtype="<i2").reshape(1, -1)
        size = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(stream.format.name, "mono", SHAPE.rate, frame_size=size)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts = SHAPE.rate, 0
        for each in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(each))
        container.mux(stream.encode(None))
    return path


def brought_home(desk: Desk, path: Path, *more: str) -> Path:
    """Import a file and check all that does not depend on its kind."""
    content = path.read_bytes()
    ran = desk.run("import", path, "--meeting", desk.meeting, "--json", *more)
    assert ran.code == 0, ran
    check_contract(ran.events)
    folder = Path(ran.result["folder"])
    check_set(folder)
    (part,) = ran.result["parts"]
    assert (folder / part["file"]).suffix == path.suffix
    assert (folder / part["file"]).read_bytes() == content
    assert part["sha256"] == hashlib.sha256(content).hexdigest()
    assert desk.ids() == []
    return folder


@pytest.mark.parametrize("shape", [SHAPE, Shape(44_100, 2, 24)], ids=str)
@pytest.mark.parametrize("write", [write_wav, write_flac])
def test_a_lossless_file_comes_out_byte_for_byte_with_the_hash_of_its_samples(
    tmp_path: Path, shape: Shape, write: type
) -> None:
    pcm = speech(shape, 2.0)
    suffix = ".wav" if write is write_wav else ".flac"
    folder = brought_home(Desk(tmp_path), write(tmp_path / f"talk{suffix}", pcm, shape))
    (part,) = json.loads((folder / "manifest.json").read_text())["parts"]
    assert part["samples_sha256"] == hashlib.sha256(pcm).hexdigest()
    assert part["samples"] == len(pcm) // shape.frame_bytes


@pytest.mark.parametrize(
    ("suffix", "codec"), [("mp3", "libmp3lame"), ("m4a", "aac"), ("ogg", "libopus")]
)
def test_a_lossy_file_comes_out_byte_for_byte(tmp_path: Path, suffix: str, codec: str) -> None:
    path = write_lossy(tmp_path / f"talk.{suffix}", codec, speech(SHAPE, 2.0))
    folder = brought_home(Desk(tmp_path), path)
    (part,) = json.loads((folder / "manifest.json").read_text())["parts"]
    assert part["samples_sha256"] is None
    assert part["samples"] > 1.9 * SHAPE.rate


def test_the_source_remains_and_the_receipt_says_so(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "talk.wav", speech(SHAPE, 1.0), SHAPE)
    content = path.read_bytes()
    folder = brought_home(Desk(tmp_path), path)
    assert path.read_bytes() == content
    assert (
        "still" in (folder / "receipt.txt").read_text()
        or "remain" in (folder / "receipt.txt").read_text()
    )


def test_the_source_is_erased_only_where_that_was_asked_for(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "talk.wav", speech(SHAPE, 1.0), SHAPE)
    brought_home(Desk(tmp_path), path, "--erase-source")
    assert not path.exists()


def test_the_source_is_not_erased_while_the_archive_is_offline(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    path = write_wav(tmp_path / "talk.wav", speech(SHAPE, 1.0), SHAPE)
    content = path.read_bytes()
    desk.archive.write_bytes(b"")  # a file where the archive's folder should be
    ran = desk.run("import", path, "--meeting", desk.meeting, "--erase-source", "--json")
    assert ran.code != 0
    assert path.read_bytes() == content
    desk.archive.unlink()
    assert desk.run("archive").code == 0
    assert not path.exists()
    (folder,) = desk.sets()
    assert (folder / "recording-001.wav").read_bytes() == content


def test_a_source_that_changed_meanwhile_is_not_erased(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    path = write_wav(tmp_path / "talk.wav", speech(SHAPE, 1.0), SHAPE)
    content = path.read_bytes()
    desk.archive.write_bytes(b"")
    desk.run("import", path, "--meeting", desk.meeting, "--erase-source")
    write_wav(path, speech(SHAPE, 1.0, seed=2), SHAPE)
    desk.archive.unlink()
    assert desk.run("archive").code == 0
    assert path.exists()
    (folder,) = desk.sets()
    assert (folder / "recording-001.wav").read_bytes() == content
