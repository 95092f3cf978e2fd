# SPDX-License-Identifier: EUPL-1.2
"""A key store that is locked, or was emptied: told, and nothing that could still be saved is lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from desk import Desk
from kept import SHAPE, Kept
from key_ring import key_ring
from speech import decoded, speech, write_wav


def test_without_its_key_store_nothing_happens_and_with_it_all_is_well(kept: Kept) -> None:
    desk = kept.desk
    away = desk.directory / "away"
    desk.keys.rename(away)
    desk.keys.write_bytes(b"")  # what a locked store looks like: there, and of no use
    for command in ("archive", "recover"):
        ran = desk.run(command)
        assert ran.code == 7
        assert "The key store does not answer" in ran.said
        assert "Log in to this computer again" in ran.said
    desk.keys.unlink()
    away.rename(desk.keys)
    kept.require_whole()
    assert desk.run("archive").code == 0
    assert len(desk.sets()) == 1


def test_an_emptied_key_store_is_told_and_the_recording_is_kept_for_a_backup(kept: Kept) -> None:
    desk = kept.desk
    backup = desk.directory / "backup"
    shutil.copytree(desk.keys, backup)
    for key in desk.keys.iterdir():
        key.unlink()
    shown = desk.run("status")
    assert shown.code == 0
    assert "key store" in shown.out
    for command in ("archive", "recover"):
        ran = desk.run(command)
        assert ran.code == 7, ran
    assert (desk.home / "vault" / kept.id / "sound-1.00001").exists()
    shutil.copytree(backup, desk.keys, dirs_exist_ok=True)
    kept.require_whole()
    assert desk.run("archive").code == 0


def test_one_lost_key_stops_no_other_recording(kept: Kept, tmp_path: Path) -> None:
    desk = kept.desk
    for key in desk.keys.iterdir():
        key.unlink()
    ran = desk.record(write_wav(tmp_path / "talk.wav", speech(SHAPE, 1.0), SHAPE))
    assert ran.code == 0
    assert ran.result["state"] == "completed"
    assert desk.ids() == [kept.id]


def test_a_key_store_that_cannot_be_made_stops_a_recording_before_it_begins(
    tmp_path: Path, kept: Kept
) -> None:
    desk = kept.desk
    desk.environment["MODOPTAGER_KEYS_DIRECTORY"] = str(desk.meeting / "keys")
    talk = write_wav(tmp_path / "talk.wav", speech(SHAPE, 1.0), SHAPE)
    for command in (["record", "--source", f"file:{talk}"], ["import", str(talk)]):
        ran = desk.run(*command, "--meeting", desk.meeting)
        assert ran.code == 7
        assert "The folder for key files cannot be used" in ran.said
    assert desk.ids() == [kept.id]


_LOCK = """
import secretstorage
bus = secretstorage.dbus_init()
for collection in secretstorage.get_all_collections(bus):
    collection.lock()
"""


def test_a_locked_gnome_keyring_is_told_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    pcm = speech(SHAPE, 1.0)
    talk = write_wav(tmp_path / "talk.wav", pcm, SHAPE)
    with key_ring(tmp_path / "ring") as environment:
        desk.environment |= environment | {"MODOPTAGER_KEYS_STORE": "os"}
        del desk.environment["MODOPTAGER_KEYS_DIRECTORY"]
        assert desk.record(talk, "--no-archive").code == 0
        subprocess.run([sys.executable, "-c", _LOCK], env=desk.environment, check=True)
        for command in (
            ["archive"],
            ["record", "--meeting", desk.meeting, "--source", f"file:{talk}"],
        ):
            ran = desk.run(*command)
            assert ran.code == 7
            assert "The key store is locked or does not answer" in ran.said
        assert len(list((desk.home / "vault").glob("*/sound-1.00001"))) == 1
        assert desk.sets() == []
    with key_ring(tmp_path / "ring") as environment:  # the person has logged in again
        desk.environment |= environment
        assert desk.run("archive").code == 0
    (folder,) = desk.sets()
    assert decoded(folder / "recording-001.flac") == pcm
