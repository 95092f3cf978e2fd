# SPDX-License-Identifier: EUPL-1.2
"""From a sound file all the way into the archive, sample for sample, by the real command line."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from desk import CASE, Desk, check_contract, check_set
from speech import Shape, decoded, speech, write_flac, write_wav

SHAPES = [
    Shape(8_000),
    Shape(16_000, 2, 16),
    Shape(22_050, 1, 24),
    Shape(44_100, 2, 24),
    Shape(48_000, 1, 16),
    Shape(96_000, 2, 24),
    Shape(96_000, 1, 16),
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_samples_of_a_file_come_out_of_the_archive_bit_for_bit(
    tmp_path: Path, shape: Shape
) -> None:
    desk, pcm = Desk(tmp_path), speech(shape, 3.3)
    ran = desk.record(write_wav(tmp_path / "talk.wav", pcm, shape))
    assert (ran.code, ran.said) == (0, ""), ran.find("error")
    check_contract(ran.events)
    result = ran.result
    folder = Path(result["folder"])
    assert folder == desk.folder(result["id"])
    assert folder.parent.name == CASE
    assert (result["state"], result["gaps"]) == ("completed", 0)
    (part,) = result["parts"]
    assert (part["rate"], part["channels"], part["depth"]) == (
        shape.rate,
        shape.channels,
        shape.depth,
    )
    assert decoded(folder / part["file"]) == pcm
    assert part["samples"] == len(pcm) // shape.frame_bytes
    assert part["samples_sha256"] == hashlib.sha256(pcm).hexdigest()
    assert part["sha256"] == hashlib.sha256((folder / part["file"]).read_bytes()).hexdigest()
    check_set(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["gaps"] == []
    assert [p["samples_sha256"] for p in manifest["parts"]] == [part["samples_sha256"]]
    assert len(manifest["parts"][0]["leaves"]) == 4
    assert desk.ids() == []
    assert not list((desk.home / "vault").glob("*/*.slot"))
    assert not list(desk.keys.iterdir())


def test_a_flac_file_is_recorded_bit_for_bit(tmp_path: Path) -> None:
    desk, shape = Desk(tmp_path), Shape(48_000, 2, 24)
    pcm = speech(shape, 2.0)
    ran = desk.record(write_flac(tmp_path / "talk.flac", pcm, shape))
    assert ran.code == 0
    assert decoded(Path(ran.result["folder"]) / "recording-001.flac") == pcm


def test_only_so_many_seconds_are_taken(tmp_path: Path) -> None:
    desk, shape = Desk(tmp_path), Shape(16_000)
    pcm = speech(shape, 5.0)
    ran = desk.record(write_wav(tmp_path / "talk.wav", pcm, shape), "--seconds", "2")
    (part,) = ran.result["parts"]
    assert part["samples"] == 32_000
    assert decoded(Path(ran.result["folder"]) / part["file"]) == pcm[:64_000]


def test_a_recording_kept_here_is_archived_later(tmp_path: Path) -> None:
    desk, shape = Desk(tmp_path), Shape(16_000)
    pcm = speech(shape, 2.0)
    kept = desk.record(write_wav(tmp_path / "talk.wav", pcm, shape), "--no-archive")
    assert (kept.code, kept.result["state"], kept.result["folder"]) == (0, "recorded", "")
    assert desk.sets() == []
    later = desk.run("archive", "--json")
    assert later.code == 0
    (result,) = later.find("result")
    assert (result["id"], result["state"]) == (kept.result["id"], "completed")
    assert decoded(desk.folder(result["id"]) / "recording-001.flac") == pcm
    verified = desk.run("verify", result["id"], "--json")
    assert verified.code == 0
