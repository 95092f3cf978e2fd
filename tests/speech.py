# SPDX-License-Identifier: EUPL-1.2
"""Real speech as samples and files, in any rate, number of channels and width.

The speech that ships with the program is decoded by the reference decoder and dithered by noise, so
that no two places are alike: a window that is found somewhere comes from exactly one place.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
import wave
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Shape:
    """What samples are like."""

    rate: int = 48_000
    channels: int = 1
    depth: int = 16

    @property
    def frame_bytes(self) -> int:
        return self.channels * self.depth // 8

    def __str__(self) -> str:
        return f"{self.rate}x{self.channels}x{self.depth}"


@functools.cache
def _spoken() -> NDArray[np.int32]:
    """The shipped speech: 48 kHz, mono, 16 bit."""
    assert shutil.which("flac"), "install this package to run this test: flac"
    file = resources.files("recorder.cli") / "demo_speech.flac"
    command = ["flac", "--silent", "--decode", "--stdout", "--force-raw-format"]
    command += ["--endian=little", "--sign=signed", "-"]
    raw = subprocess.run(command, input=file.read_bytes(), capture_output=True, check=True).stdout
    return np.frombuffer(raw, dtype="<i2").astype(np.int32)


def speech(shape: Shape, seconds: float, *, seed: int = 1) -> bytes:
    """Speak.

    Args:
        shape: Of the samples. The speech is not resampled: at another rate it is slower or faster.
        seconds: How much; it is repeated where the speech is shorter.
        seed: Another one gives other samples throughout.

    Returns:
        Interleaved, signed, little-endian samples.
    """
    spoken, frames = _spoken(), round(shape.rate * seconds)
    generator = np.random.default_rng(seed)
    scale = 1 << (shape.depth - 16)
    rows = np.empty((frames, shape.channels), dtype=np.int32)
    for channel in range(shape.channels):
        begin = int(generator.integers(len(spoken)))
        voice = np.resize(np.roll(spoken, -begin), frames)
        rows[:, channel] = voice * scale // 2 + generator.integers(-60, 60, frames) * scale
        if scale > 1:
            rows[:, channel] += generator.integers(0, scale, frames)
    octets = rows.astype("<i4").view(np.uint8).reshape(-1, 4)
    return octets[:, : shape.depth // 8].tobytes()


def write_wav(path: Path, pcm: bytes, shape: Shape) -> Path:
    """Write samples as a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(shape.channels)
        file.setsampwidth(shape.depth // 8)
        file.setframerate(shape.rate)
        file.writeframes(pcm)
    return path


def write_flac(path: Path, pcm: bytes, shape: Shape) -> Path:
    """Let the reference encoder write samples as a FLAC file."""
    command = ["flac", "--silent", "--force", "--force-raw-format", "--endian=little"]
    command += ["--sign=signed", f"--channels={shape.channels}", f"--bps={shape.depth}"]
    command += [f"--sample-rate={shape.rate}", "-o", str(path), "-"]
    subprocess.run(command, input=pcm, check=True)
    return path


def decoded(flac: Path) -> bytes:
    """Let the reference decoder check a FLAC file and decode it."""
    command = ["flac", "--silent", "--warnings-as-errors"]
    subprocess.run([*command, "--test", str(flac)], check=True)
    command += ["--decode", "--stdout", "--force-raw-format", "--endian=little", "--sign=signed"]
    return subprocess.run([*command, str(flac)], capture_output=True, check=True).stdout


def position(played: bytes, recorded: bytes, shape: Shape) -> int:
    """Find samples among others.

    Returns:
        The number of the frame at which they begin; -1 if they are not there bit for bit.
    """
    at = recorded.find(played)
    while at >= 0 and at % shape.frame_bytes:
        at = recorded.find(played, at + 1)
    return at // shape.frame_bytes if at >= 0 else -1
