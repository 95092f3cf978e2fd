# SPDX-License-Identifier: EUPL-1.2
"""A recording that waits in a vault, made once by the real command and copied for each test."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from desk import CASE, Desk
from speech import Shape, speech, write_wav

from esdh_adapter.driver import CaseNumber, Driver
from esdh_adapter.memory import MemoryArchive
from esdh_adapter.retry import RetryPolicy
from esdh_adapter.store import Store
from recorder.archive.outcome import Outcome
from recorder.archive.outside import Archive
from recorder.archive.progress import Silent
from recorder.archive.run import bring_home
from recorder.capture.content import read_part
from recorder.identifiers import RecordingId
from recorder.lifecycle.states import State

SHAPE = Shape(16_000)
SECONDS = 3.0


@dataclass
class Kept:
    """A desk with one recording in its vault."""

    desk: Desk
    id: RecordingId
    samples_sha256: str

    def copy(self, directory: Path) -> Kept:
        """The same on another desk."""
        directory.mkdir(exist_ok=True)
        shutil.copytree(self.desk.home, directory / "home")
        shutil.copytree(self.desk.keys, directory / "keys")
        return replace(self, desk=Desk(directory))

    def archive(self, open_driver: Callable[[], Driver]) -> Archive:
        """What the steps need, around a driver."""
        honest = self.desk.workplace().archive
        return replace(honest, open_store=lambda: Store(open_driver, retry=RetryPolicy(attempts=1)))

    def bring_home(self, archive: Archive) -> Outcome:
        """Do what the command does, in this process."""
        with self.desk.vault().open(self.id) as entry:
            return bring_home(entry, archive, Silent())

    def state(self) -> State:
        return self.desk.vault().peek(self.id).state

    def require_whole(self) -> None:
        """Fail unless the sound can still be read from the vault, every byte of it."""
        with self.desk.vault().open(self.id) as entry:
            assert entry.recording.wiped is None
            assert not entry.recording.wipe_intended
            assert entry.recording.recorded is not None
            (part,) = entry.recording.recorded.parts
            content = b"".join(read_part(entry, part))
            assert part.samples_sha256 == self.samples_sha256
            if entry.recording.sealed is not None:
                (sealed,) = (d for d in entry.recording.sealed.documents if d.part)
                assert sealed.sha256 == hashlib.sha256(content).hexdigest()


def keep_one(directory: Path) -> Kept:
    """Record for a template."""
    desk, pcm = Desk(directory), speech(SHAPE, SECONDS)
    ran = desk.record(write_wav(directory / "talk.wav", pcm, SHAPE), "--no-archive")
    assert ran.code == 0, ran
    return Kept(desk, RecordingId(ran.result["id"]), hashlib.sha256(pcm).hexdigest())


def memory_archive() -> MemoryArchive:
    """An honest archive in memory that has the meeting's case."""
    return MemoryArchive(cases={CaseNumber(CASE): True})
