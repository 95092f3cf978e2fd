# SPDX-License-Identifier: EUPL-1.2
"""A real disk that is full or write-protected: a clear sentence, and nothing is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from desk import Desk
from disk_image import Disk, mounted
from speech import Shape, decoded, speech, write_wav

SHAPE = Shape(48_000, 2, 16)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with mounted(tmp_path, "ext4", 24) as disk:
        yield disk


def fill(disk: Disk, free_kib: int) -> Path:
    """Leave so much free."""
    now = os.statvfs(disk.root)
    ballast = disk.root / "ballast"
    with ballast.open("wb") as file:
        file.write(os.urandom(now.f_bavail * now.f_frsize - (free_kib << 10)))
        os.fsync(file.fileno())
    return ballast


@pytest.mark.slow
@pytest.mark.parametrize("free_kib", [0, 64, 1024])
def test_a_recording_that_finds_no_room_does_not_begin(
    disk: Disk, tmp_path: Path, free_kib: int
) -> None:
    desk = Desk(tmp_path, home=disk.root / "home")
    talk = write_wav(tmp_path / "talk.wav", speech(SHAPE, 1.0), SHAPE)
    ballast = fill(disk, free_kib)
    for command in ("record", "import"):
        source = ["--source", f"file:{talk}"] if command == "record" else [str(talk)]
        ran = desk.run(command, "--meeting", desk.meeting, *source)
        assert ran.code == 8
        assert "The disk is full" in ran.said
        assert "There is no recording on this device" in desk.run("status").out
    ballast.unlink()
    ran = desk.record(talk)
    assert ran.code == 0
    assert len(desk.sets()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("free_kib", [4_100, 4_700, 6_000])
def test_a_recording_that_fills_the_disk_is_archived_as_far_as_it_came(
    disk: Disk, tmp_path: Path, free_kib: int
) -> None:
    desk = Desk(tmp_path, home=disk.root / "home")
    samples = np.random.default_rng(1).integers(-3000, 3000, 48_000 * 2 * 40).astype("<i2")
    pcm = samples.tobytes()
    fill(disk, free_kib)
    ran = desk.record(write_wav(tmp_path / "noise.wav", pcm, SHAPE))
    assert ran.result["state"] == "completed"
    (failed,) = ran.find("store_failed")
    assert failed["title"] == "The disk is full"
    assert "safe and will be archived" in failed["advice"]
    archived = decoded(Path(ran.result["folder"]) / "recording-001.flac")
    assert pcm.startswith(archived)
    taken = [event["elapsed"] for event in ran.find("level")]
    assert len(archived) // SHAPE.frame_bytes / SHAPE.rate > max(taken, default=1.0) - 1.0
    assert desk.ids() == []


@pytest.mark.slow
def test_a_write_protected_vault_is_told_and_loses_nothing(disk: Disk, tmp_path: Path) -> None:
    desk = Desk(tmp_path, home=disk.root / "home")
    pcm = speech(SHAPE, 1.0)
    talk = write_wav(tmp_path / "talk.wav", pcm, SHAPE)
    assert desk.record(talk, "--no-archive").code == 0
    disk.make_read_only()
    record = ["record", "--meeting", desk.meeting, "--source", f"file:{talk}", "--fast"]
    for command in (record, ["import", talk, "--meeting", desk.meeting], ["archive"], ["recover"]):
        ran = desk.run(*command)
        assert ran.code == 8, (command, ran)
        assert "write-protected" in ran.said
    shown = desk.run("status")
    assert shown.code == 0
    assert "recorded, not sent yet" in shown.out
    disk.make_writable()
    assert desk.run("archive").code == 0
    (folder,) = desk.sets()
    assert decoded(folder / "recording-001.flac") == pcm
