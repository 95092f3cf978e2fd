# SPDX-License-Identifier: EUPL-1.2
"""One desk in a folder of its own, and what can be done at it: the real code, in this process.

Everything lies under ``root``, except the sound that is played or imported. What has been
*received* is counted in memory that is shared with the process that watches, so that it is known
even of a process that was killed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import mmap
import os
import queue
import struct
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np

from recorder.archive.decisions import Discard, Withdrawal, discard, withdraw, withdraw_archived
from recorder.archive.progress import Silent
from recorder.archive.run import bring_home
from recorder.archive.workplace import Workplace
from recorder.capture.importing import take_in
from recorder.capture.outbox import Outbox
from recorder.capture.process import _Capture
from recorder.capture.protocol import Continue, FileChoice, SourceChoice, Start, encode_line
from recorder.capture.sound_file import SoundFile
from recorder.capture.source import Arrival, Block
from recorder.clock import Clock, Instant, SystemClock
from recorder.config.model import ArchiveSettings, Config, FolderSettings, KeySettings, KeyStoreKind
from recorder.config.places import Places
from recorder.errors import RecorderError
from recorder.identifiers import RecordingId, Sha256Hex
from recorder.lifecycle.events import ImportedFile, Planned
from recorder.lifecycle.states import LIVE

RECORDING = RecordingId("0123456789abcdef")
CASE = "27.03.00-G01-1-26"
RATE = 8000
SECONDS = 3.3
PAUSE_AFTER = 1.5
"""Seconds of sound after which the caseworker leaves the room for a moment."""

_COUNTER = struct.Struct("=qq")


class Received:
    """How many frames the program was given, by this process or a child."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, mmap.PAGESIZE)

    def clear(self) -> None:
        self._memory[: _COUNTER.size] = _COUNTER.pack(0, 0)

    def skip(self, frames: int) -> None:
        """Say where in the sound the present process begins."""
        self._memory[: _COUNTER.size] = _COUNTER.pack(frames, frames)

    def add(self, frames: int) -> None:
        first, end = self.span
        self._memory[: _COUNTER.size] = _COUNTER.pack(first, end + frames)

    @property
    def span(self) -> tuple[int, int]:
        """First frame that the last capturing process was given, and the one behind its last."""
        first, end = _COUNTER.unpack(self._memory[: _COUNTER.size])
        return first, end


class RebootedClock:
    """The machine's clock after a restart: monotonic values say nothing about those before."""

    def now(self) -> Instant:
        return Instant(dt.datetime.now(dt.UTC), self.monotonic_ns(), "after the power came back")

    def monotonic_ns(self) -> int:
        return SystemClock().monotonic_ns() % 1_000_000_007


class TomorrowsClock(SystemClock):
    """The machine's clock, a day later: what was not done is often done then."""

    def now(self) -> Instant:
        now = super().now()
        return Instant(now.wall + dt.timedelta(days=1), now.monotonic_ns, now.boot)


@dataclass
class _PlayedFile:
    """A fast file whose blocks are counted; half-way, a person sets a marker and pauses."""

    file: SoundFile
    received: Received
    commands: queue.SimpleQueue[bytes]
    pauses: bool
    frames: int = 0
    is_waiting: bool = False

    def start(self) -> None:
        self.file.start()

    def read(self, timeout: float) -> Arrival | None:
        if self.pauses and self.frames >= PAUSE_AFTER * RATE:
            if not self.is_waiting:
                self.is_waiting = True
                self.commands.put(b'{"cmd":"marker","text":"door"}')
                self.commands.put(b'{"cmd":"pause"}')
            time.sleep(0.001)  # until the command is heard, there is no sound
            return None
        arrival = self.file.read(timeout)
        if isinstance(arrival, Block):
            self.frames += arrival.frames
            self.received.add(arrival.frames)
        return arrival

    def pause(self) -> None:
        self.pauses = False
        self.file.pause()
        self.commands.put(b'{"cmd":"resume"}')

    def resume(self) -> None:
        self.file.resume()

    def finish(self) -> None:
        self.file.finish()

    def close(self) -> None:
        self.file.close()


@dataclass(frozen=True)
class Scene:
    """A desk."""

    root: Path
    sound: Path
    """The file that is played, or imported."""
    received: Received
    clock: Clock = field(default_factory=SystemClock)
    recording: RecordingId = RECORDING
    has_pause: bool = True
    """Whether a person pauses half-way."""

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def place(self) -> Workplace:
        home = self.root / "home"
        folder = FolderSettings(str(self.archive), allow_same_volume=True, allow_sync_folder=True)
        config = Config(
            keys=KeySettings(KeyStoreKind.FILE, str(self.keys)),
            archive=ArchiveSettings(folder=folder, attempts=1),
        )
        places = Places(
            home=home,
            vault=home / "vault",
            ledger=home / "ledger.jsonl",
            user_config=home / "config.toml",
            machine_config=home / "no-machine-wide-settings.toml",
        )
        return Workplace(config, places, self.clock)

    def capture(self) -> None:
        """Record the file from its beginning to its end."""
        self._record(
            Start(
                id=RECORDING,
                meeting=msgspec.Raw(meeting()),
                source=FileChoice(str(self.sound), fast=True),
                vault=str(self.place.places.vault),
                keys=self.place.key_store_choice,
            )
        )

    def go_on(self) -> None:
        """Go on with an interrupted recording."""
        self._record(
            Continue(
                id=RECORDING,
                source=FileChoice(str(self.sound), fast=True),
                vault=str(self.place.places.vault),
                keys=self.place.key_store_choice,
            )
        )

    def take_over(self) -> None:
        """Do what the parent does when its capture process died, then what the next start does."""
        vault = self.place.vault
        with contextlib.suppress(RecorderError):  # nothing was begun yet
            if vault.peek(self.recording).state in LIVE:
                self.go_on()
        self.recover()

    def _record(self, first: Start | Continue) -> None:
        commands: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        commands.put(encode_line(first))

        def lines() -> Iterator[bytes]:
            while True:
                yield commands.get()

        def opened(choice: SourceChoice, clock: Clock, seconds: int) -> _PlayedFile:
            assert isinstance(choice, FileChoice)
            self.received.skip(seconds * RATE)
            pauses = self.has_pause and seconds < PAUSE_AFTER
            path = Path(choice.path)
            file = SoundFile(path, clock, fast=choice.fast, skip_seconds=seconds)
            return _PlayedFile(file, self.received, commands, pauses, seconds * RATE)

        nowhere = os.open(os.devnull, os.O_WRONLY)
        code = _Capture(Outbox(nowhere), self.clock, opened).run(lines())
        if code:
            raise AssertionError(f"capture ended with {code}")

    def take_in(self, *, erase: bool = False) -> None:
        """Import the file, as the command does, up to the archive."""
        place = self.place
        sha256 = Sha256Hex(hashlib.sha256(self.sound.read_bytes()).hexdigest())
        planned = Planned(
            meeting=msgspec.Raw(meeting()),
            policy_id="consent-of-all",
            policy_version="1",
            software="proof",
            source=ImportedFile(str(self.sound), erase=erase, sha256=sha256),
        )
        with place.vault.create(RECORDING) as entry:
            entry.journal.append(planned)
            take_in(entry, self.sound, sha256, place.clock)
            bring_home(entry, place.archive, Silent())

    def recover(self) -> None:
        """Do what the next start does."""
        place = self.place
        place.sweep()
        for recording in place.vault.ids():
            with place.vault.open(recording) as entry:
                bring_home(entry, place.archive, Silent())

    def withdraw(self) -> None:
        """Withdraw the permission while the recording is on this device."""
        place = self.place
        with place.vault.open(RECORDING) as entry:
            withdraw(entry, place.archive, Withdrawal("asked for it", "came about the rent"))
            bring_home(entry, place.archive, Silent())

    def withdraw_archived(self) -> None:
        """Withdraw the permission when the recording is in the case only."""
        withdraw_archived(RECORDING, self.place.archive, Withdrawal("asked for it", "the rent"))

    def discard(self) -> None:
        """Give the recording up."""
        place = self.place
        with place.vault.open(RECORDING) as entry:
            discard(entry, Discard("recorded by mistake", "A", "B"))
            bring_home(entry, place.archive, Silent())


def meeting() -> bytes:
    """A meeting with every permission documented, a minute ago."""
    when = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)).isoformat()
    permission = {"given": True, "how": "oral", "when": when}
    people = [("Åse Opdigtet", "citizen"), ("Bo Eksempelsen", "caseworker")]
    return msgspec.json.encode(
        {
            "schema": "modoptager.meeting/1",
            "case_number": CASE,
            "place": "Room 3",
            "purpose": "A talk",
            "participants": [
                {"name": name, "role": role, "permission": permission} for name, role in people
            ],
            "guidance": {"given": True, "when": when, "by": "Bo Eksempelsen"},
        }
    )


def write_sound(path: Path, seconds: float = SECONDS) -> None:
    """Write noise, in which no two places are alike."""
    samples = np.random.default_rng(1).integers(-200, 200, int(RATE * seconds), dtype="<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def samples_of(path: Path) -> bytes:
    """Read the samples of a sound that ``write_sound`` wrote."""
    with wave.open(str(path), "rb") as file:
        return file.readframes(file.getnframes())
