# SPDX-License-Identifier: EUPL-1.2
"""Speech to measure with, the same in every run: ``python -m benchmarks.material FILE SECONDS``.

The speech that ships with the program is repeated, each time from another place, over the noise of
a room, so that no two seconds are alike and an hour makes well over 100 MB of FLAC.
"""

from __future__ import annotations

import sys
import wave
from importlib import resources
from pathlib import Path

import numpy as np
import soundfile

RATE = 48_000
_NOISE = 60  # steps of 16 bit: a quiet room before a laptop's microphone
_PIECE = 60 * RATE


def write(path: Path, seconds: int) -> None:
    """Write a mono WAVE file of 16 bit and 48 kHz.

    Args:
        path: Where to.
        seconds: Its length.
    """
    source = resources.files("recorder.cli") / "demo_speech.flac"
    with resources.as_file(source) as shipped:
        spoken, rate = soundfile.read(shipped, dtype="int16")
    assert rate == RATE
    generator = np.random.default_rng(1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for begin in range(0, seconds * RATE, _PIECE):
            frames = min(_PIECE, seconds * RATE - begin)
            voice = np.resize(np.roll(spoken, -int(generator.integers(len(spoken)))), frames)
            noise = generator.integers(-_NOISE, _NOISE, frames)
            file.writeframes((voice.astype(np.int32) // 2 + noise).astype("<i2").tobytes())


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
