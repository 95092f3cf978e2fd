# SPDX-License-Identifier: EUPL-1.2
"""The archive is gone, closed, full, in the wrong place: the recording waits and says for what."""

from __future__ import annotations

import shutil
from pathlib import Path

from desk import CASE, Desk
from disk_image import mounted
from kept import Kept
from speech import Shape, decoded, speech, write_wav

SHAPE = Shape(16_000)


def require_done(kept: Kept) -> None:
    """Once the cause is gone, one more run completes it."""
    assert kept.desk.run("archive").code == 0
    assert len(kept.desk.sets()) == 1
    assert kept.desk.ids() == []


def test_an_archive_folder_that_vanished_half_way_gets_everything_again(kept: Kept) -> None:
    desk = kept.desk
    closed = desk.archive / CASE / ".closed"
    closed.parent.mkdir(parents=True)
    closed.write_bytes(b"")
    assert desk.run("archive").code == 5
    shutil.rmtree(desk.archive)
    require_done(kept)


def test_a_closed_case_is_told_and_waits(kept: Kept) -> None:
    closed = kept.desk.archive / CASE / ".closed"
    closed.parent.mkdir(parents=True)
    closed.write_bytes(b"")
    for _round in range(3):
        ran = kept.desk.run("archive")
        assert ran.code == 5
        assert "The case is closed" in ran.said
        assert "Have the case opened again" in ran.said
    kept.require_whole()
    closed.unlink()
    require_done(kept)


def test_an_archive_on_the_vaults_own_volume_is_refused_unless_allowed(kept: Kept) -> None:
    desk = kept.desk
    place = desk.environment.pop("MODOPTAGER_ARCHIVE")
    desk.environment["MODOPTAGER_ARCHIVE_FOLDER_PATH"] = place
    ran = desk.run("archive")
    assert ran.code == 3
    assert "on the same volume as the vault" in ran.said
    assert "connect the network drive" in ran.said
    assert not desk.archive.exists()
    kept.require_whole()
    desk.environment["MODOPTAGER_ARCHIVE_FOLDER_ALLOW_SAME_VOLUME"] = "true"
    require_done(kept)


def test_an_archive_inside_the_vault_or_a_synced_folder_is_refused(kept: Kept) -> None:
    desk = kept.desk
    wrong = {
        str(desk.home / "vault" / "archive"): "inside the vault",
        str(desk.directory / "OneDrive - Eksempelby" / "archive"): "sync client",
        str(desk.meeting): "is a file",
    }
    for place, sentence in wrong.items():
        desk.environment["MODOPTAGER_ARCHIVE"] = place
        ran = desk.run("archive")
        assert ran.code == 3
        assert sentence in ran.said
    kept.require_whole()
    desk.environment["MODOPTAGER_ARCHIVE"] = str(desk.archive)
    require_done(kept)


def test_without_any_archive_configured_a_recording_waits(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    del desk.environment["MODOPTAGER_ARCHIVE"]
    pcm = speech(SHAPE, 1.0)
    ran = desk.record(write_wav(tmp_path / "talk.wav", pcm, SHAPE))
    assert ran.code == 3
    assert "No archive is chosen yet" in ran.out
    assert ran.result["state"] == "waiting"
    desk.environment["MODOPTAGER_ARCHIVE"] = str(desk.archive)
    assert desk.run("archive").code == 0
    (folder,) = desk.sets()
    assert decoded(folder / "recording-001.flac") == pcm


def test_an_archive_whose_disk_is_full_or_write_protected_is_waited_for(
    kept: Kept, tmp_path: Path
) -> None:
    desk = kept.desk
    with mounted(tmp_path, "ext4", 8) as disk:
        desk.archive = disk.root / "archive"
        desk.environment["MODOPTAGER_ARCHIVE"] = str(desk.archive)
        ballast = disk.root / "ballast"
        with ballast.open("wb") as file:
            try:
                while True:
                    file.write(bytes(4096))
                    file.flush()
            except OSError:
                file.close()
        ran = desk.run("archive")
        assert ran.code == 5, ran
        assert "full" in ran.said
        kept.require_whole()
        ballast.unlink()
        disk.make_read_only()
        ran = desk.run("archive")
        assert ran.code in {3, 5}, ran
        kept.require_whole()
        disk.make_writable()
        require_done(kept)
