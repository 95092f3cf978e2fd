# SPDX-License-Identifier: EUPL-1.2
"""Pieces of recording a file, each alone: ``python -m benchmarks.pieces source|encoder FILE``.

Prints the seconds of processor time, without those for starting Python.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from recorder.capture.flac import FlacEncoder
from recorder.capture.sound_file import SoundFile
from recorder.capture.source import Block, Ended
from recorder.clock import SystemClock


def measure(piece: str, path: Path) -> float:
    """Go through a file.

    Args:
        piece: ``source`` takes its samples; ``encoder`` makes FLAC of them, too.
        path: A sound file.

    Returns:
        Seconds of processor time.
    """
    began = time.process_time()
    source = SoundFile(path, SystemClock(), fast=True)
    source.start()
    encoder: FlacEncoder | None = None
    while not isinstance(arrival := source.read(1.0), Ended):
        if isinstance(arrival, Block) and piece == "encoder":
            encoder = encoder or FlacEncoder(arrival.format)
            encoder.write(arrival.pcm)
            encoder.drain()
    if encoder is not None:
        encoder.close()
    return time.process_time() - began


if __name__ == "__main__":
    print(measure(sys.argv[1], Path(sys.argv[2])))
