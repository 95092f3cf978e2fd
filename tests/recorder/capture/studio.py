# SPDX-License-Identifier: EUPL-1.2
"""What capture tests need: an entry, samples, blocks and a clock that only moves when told."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import subprocess
from pathlib import Path

import msgspec
import numpy as np

from recorder.capture.content import read_part
from recorder.capture.source import Block
from recorder.capture.writer import RecordingWriter
from recorder.clock import Instant
from recorder.identifiers import RecordingId
from recorder.lifecycle.events import Planned
from recorder.lifecycle.parts import Container, Part, PartFormat
from recorder.vault.entry import Entry
from recorder.vault.keystore import FileKeyStore
from recorder.vault.vault import Vault

RECORDING = RecordingId("0123456789abcdef")


class StillClock:
    """A clock that stands still."""

    def __init__(self, boot: str = "boot-1") -> None:
        self.seconds = 0.0
        self.boot = boot

    def now(self) -> Instant:
        start = dt.datetime(2026, 3, 4, 9, 0, tzinfo=dt.UTC)
        wall = start + dt.timedelta(seconds=self.seconds)
        return Instant(wall, self.monotonic_ns(), self.boot)

    def monotonic_ns(self) -> int:
        return round(self.seconds * 1e9)


def form(rate: int = 8000, channels: int = 1, depth: int = 16) -> PartFormat:
    return PartFormat(Container.FLAC, rate, channels, depth)


def noise(frames: int, shape: PartFormat, seed: int = 1) -> bytes:
    """Samples that no two places have in common."""
    octets = np.random.default_rng(seed).integers(
        0, 256, (frames * shape.channels, shape.depth // 8), dtype=np.uint8
    )
    octets[:, -1] = np.where(octets[:, -1] < 128, 0, 255)  # quiet, so that FLAC compresses it
    return octets.tobytes()


class Studio:
    """A vault with one entry, and a clock."""

    def __init__(self, directory: Path) -> None:
        self.clock = StillClock()
        self.directory = directory
        self.vault = Vault(directory / "vault", FileKeyStore(directory / "keys"), self.clock)

    def plan(self) -> Entry:
        entry = self.vault.create(RECORDING)
        entry.journal.append(Planned(msgspec.Raw(b"{}"), "consent", "1", "test"))
        return entry

    def open(self) -> Entry:
        return self.vault.open(RECORDING)

    def feed(self, writer: RecordingWriter, pcm: bytes, shape: PartFormat) -> None:
        """Give samples in blocks of 50 ms while the clock goes on."""
        frame_bytes = shape.channels * shape.depth // 8
        size = shape.rate // 20 * frame_bytes
        for start in range(0, len(pcm), size):
            block = pcm[start : start + size]
            frames = len(block) // frame_bytes
            self.clock.seconds += frames / shape.rate
            writer.write(Block(block, frames, self.clock.now(), shape, "mic"))

    def clone(self, name: str) -> Studio:
        """Copy everything as a crash at this instant would leave it."""
        copy = self.directory.parent / name
        shutil.copytree(self.directory, copy)
        return Studio(copy)


def file_of(entry: Entry, part: Part) -> bytes:
    return b"".join(read_part(entry, part))


def samples_of(flac: bytes, part: Part, directory: Path) -> bytes:
    """Let the reference decoder check a file and decode it."""
    path = directory / "checked.flac"
    path.write_bytes(flac)
    assert shutil.which("flac"), "install this package to run this test: flac"
    command = ["flac", "--silent", "--warnings-as-errors", "--force"]
    subprocess.run([*command, "--test", str(path)], check=True)
    raw = directory / "checked.raw"
    options = ["--decode", "--force-raw-format", "--endian=little", "--sign=signed"]
    subprocess.run([*command, *options, "-o", str(raw), str(path)], check=True)
    pcm = raw.read_bytes()
    assert part.samples_sha256 == hashlib.sha256(pcm).hexdigest()
    assert part.samples * part.format.channels * part.format.depth // 8 == len(pcm)
    return pcm
