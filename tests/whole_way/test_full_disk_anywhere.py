# SPDX-License-Identifier: EUPL-1.2
"""The disk is full at any one write, from any write on, of a whole recording: nothing is lost.

The real capture process and the real steps run in this process, so that every create and write
can be counted and refused. Then there is room again, and the next start finishes the job.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from desk import Desk, meeting
from speech import Shape, decoded, speech, write_wav

from recorder.archive.progress import Silent
from recorder.archive.run import bring_home
from recorder.capture.outbox import Outbox
from recorder.capture.process import _Capture
from recorder.capture.protocol import FileChoice, Start, encode_line
from recorder.clock import SystemClock
from recorder.durable import Kind, Moment, Operation, watch
from recorder.errors import AlteredError, RecorderError
from recorder.identifiers import new_recording_id
from recorder.vault.choice import KeyStoreChoice

pytestmark = pytest.mark.slow

SHAPE = Shape(8_000)
SECONDS = 2.0
_NEEDS_ROOM = frozenset({Kind.CREATE, Kind.WRITE, Kind.MAKE_DIRECTORY, Kind.LINK})


@dataclass
class FullDisk:
    """Refuses what needs room."""

    begins_at: int
    is_lasting: bool
    count: int = 0

    def __call__(self, moment: Moment, operation: Operation) -> None:
        if moment is not Moment.BEFORE or operation.kind not in _NEEDS_ROOM:
            return
        self.count += 1
        if self.count == self.begins_at or (self.is_lasting and self.count > self.begins_at):
            raise OSError(errno.ENOSPC, "No space left on device")


def record_and_archive(desk: Desk, talk: Path) -> None:
    """What the command does, in this process; an error ends it as it ends the command."""
    keys = KeyStoreChoice(desk.workplace().config.keys.store, str(desk.keys))
    start = Start(
        id=new_recording_id(),
        meeting=msgspec.Raw(msgspec.json.encode(meeting())),
        source=FileChoice(str(talk), fast=True),
        vault=str(desk.home / "vault"),
        keys=keys,
    )
    is_done = threading.Event()

    def lines() -> Iterator[bytes]:
        yield encode_line(start)
        is_done.wait()  # the parent says nothing more, and is not gone

    with Path(os.devnull).open("wb") as nowhere:
        outbox = Outbox(nowhere.fileno())
        try:
            _Capture(outbox, SystemClock()).run(lines())
        finally:
            is_done.set()
            outbox.close()
    go_on(desk)


def go_on(desk: Desk) -> None:
    """What ``archive`` does."""
    place = desk.workplace()
    place.sweep()
    for recording in place.vault.ids():
        with place.vault.open(recording) as entry:
            bring_home(entry, place.archive, Silent())


@pytest.mark.parametrize("is_lasting", [False, True], ids=["once", "from then on"])
def test_a_full_disk_at_any_write_loses_nothing(in_memory: Path, *, is_lasting: bool) -> None:
    pcm = speech(SHAPE, SECONDS)
    talk = write_wav(in_memory / "talk.wav", pcm, SHAPE)
    kept = []
    for begins_at in range(1, 1000):
        desk = Desk(Path(tempfile.mkdtemp(dir=in_memory)))
        disk = FullDisk(begins_at, is_lasting)
        watch(disk)
        try:
            record_and_archive(desk, talk)
        except AlteredError:
            pytest.fail("a full disk is no altered recording")
        except RecorderError:
            pass
        finally:
            watch(None)
        go_on(desk)
        assert desk.ids() == [], begins_at
        sets = desk.sets()
        assert len(sets) <= 1, begins_at
        kept.append(_archived(sets, pcm))
        shutil.rmtree(desk.directory)
        if disk.count < begins_at:
            break
    else:
        pytest.fail("it never came to its end")
    assert kept[-1] == len(pcm)
    # Until the first sound is stored, nothing has been captured and nothing is there; from then on
    # no write may cost a recording.
    first = next(number for number, size in enumerate(kept) if size)
    assert all(kept[first:])
    assert len(kept) > 60


def _archived(sets: list[Path], pcm: bytes) -> int:
    """How many bytes of the samples came home; they are a beginning of what was played."""
    if not sets or not (sets[0] / "recording-001.flac").exists():
        return 0
    assert {path.name for path in sets[0].iterdir() if path.is_file()} >= {"receipt.txt"}
    archived = decoded(sets[0] / "recording-001.flac")
    assert pcm.startswith(archived)
    return len(archived)
