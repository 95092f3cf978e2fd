# SPDX-License-Identifier: EUPL-1.2
"""The raw disk under the vault never holds sound, names or case number in readable form.

The vault, the working directory, the home directory and the temporary directory lie on a disk of
their own; archive and key store do not. Its raw image is searched while a recording runs, after
it, and after it was archived and wiped. The same search finds every trace that was planted.
"""

from __future__ import annotations

import contextlib
import resource
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import traces
from desk import Desk, Recorder
from disk_image import Disk, mounted
from key_ring import key_ring
from speech import Shape, decoded, speech, write_wav

from recorder.errors import KeyStoreError
from recorder.identifiers import RecordingId
from recorder.vault.keystore import FileKeyStore
from recorder.vault.slot import KeyRole, Slot

pytestmark = pytest.mark.slow

SHAPE = Shape(48_000)
SECONDS = 4.0


@dataclass
class Scene:
    """A desk whose vault is on a disk of its own."""

    desk: Desk
    disk: Disk
    key_store: str


@contextlib.contextmanager
def scene(directory: Path, file_system: str, key_store: str) -> Iterator[Scene]:
    with contextlib.ExitStack() as stack:
        disk = stack.enter_context(mounted(directory, file_system))
        desk = Desk(directory, home=disk.root / "home")
        desk.environment |= {"TMPDIR": str(disk.root / "tmp"), "HOME": str(disk.root / "user")}
        for name in ("tmp", "user"):
            (disk.root / name).mkdir()
        if key_store == "os":
            desk.environment |= stack.enter_context(key_ring(directory / "ring"))
            desk.environment["MODOPTAGER_KEYS_STORE"] = "os"
            del desk.environment["MODOPTAGER_KEYS_DIRECTORY"]
        yield Scene(desk, disk, key_store)


@pytest.mark.parametrize("key_store", ["file", "os"])
@pytest.mark.parametrize("file_system", ["ext4", "btrfs"])
def test_no_plaintext_ever_reaches_the_disk(
    tmp_path: Path, file_system: str, key_store: str
) -> None:
    pcm = speech(SHAPE, SECONDS)
    with scene(tmp_path, file_system, key_store) as on:
        desk, images = on.desk, {}
        talk = write_wav(tmp_path / "talk.wav", pcm, SHAPE)
        arguments = ("--meeting", str(desk.meeting), "--source", f"file:{talk}", "--no-archive")
        with Recorder(desk, *arguments) as recorder:
            recorder.wait_for("level", lambda event: event["stored_seconds"] > SECONDS / 2)
            images["during the recording"] = on.disk.raw()
            assert_no_core_dumps(recorder.process.pid)
            recording = RecordingId(recorder.end().result["id"])
        images["after the recording"] = on.disk.raw()
        ciphertext = (desk.home / "vault" / recording / "sound-1.00001").read_bytes()
        old = Desk(tmp_path, home=tmp_path / "old copy")
        old.environment = desk.environment | {"MODOPTAGER_HOME": str(old.home)}
        shutil.copytree(desk.home, old.home)
        assert states(old) == ["recorded"]
        assert desk.run("archive").code == 0
        images["after the wipe"] = on.disk.raw()
        flac = desk.folder(recording) / "recording-001.flac"
        assert decoded(flac) == pcm

        wanted = traces.of_meeting() | traces.of_sound(pcm) | traces.of_flac(flac)
        for when, raw in images.items():
            assert traces.found_in(raw, wanted) == [], when
        assert ciphertext[4096:8192] in images["after the recording"], "this is the wrong disk"
        require_found_when_planted(on.disk, wanted)
        assert list((on.disk.root / "tmp").iterdir()) == []
        require_closed(old, recording, key_store)


def require_found_when_planted(disk: Disk, wanted: dict[str, bytes]) -> None:
    """The search works: each trace is found once it is there, and after it was deleted again."""
    planted = disk.root / "planted"
    # btrfs keeps small files inside its metadata, large ones beside it.
    planted.write_bytes(b"".join(b"\n" * 64 + trace for trace in wanted.values()) + b"\n" * 8192)
    assert traces.found_in(disk.raw(), wanted) == list(wanted)
    planted.unlink()
    assert traces.found_in(disk.raw(), wanted)


def require_closed(old: Desk, recording: RecordingId, key_store: str) -> None:
    """A copy from before the wipe cannot be opened with the key store as it is after it."""
    assert states(old) == ["unreadable"]
    ran = old.run("archive")
    assert ran.code == 7
    assert len(old.sets()) == 1
    if key_store == "file":
        with pytest.raises(KeyStoreError):
            old.vault().open(recording)
        for role in KeyRole:
            with pytest.raises(KeyStoreError):
                Slot(old.home / "vault" / recording, recording, role).open(FileKeyStore(old.keys))


def states(desk: Desk) -> list[str]:
    return [event["state"] for event in desk.run("status", "--json").find("entry")]


def assert_no_core_dumps(pid: int) -> None:
    """A crash must not write memory, which holds everything, to a disk."""
    command = psutil.Process(pid)
    children = command.children()
    assert children
    for process in (command, *children):
        assert process.rlimit(resource.RLIMIT_CORE) == (0, 0), process.cmdline()
