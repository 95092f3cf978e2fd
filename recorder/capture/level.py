# SPDX-License-Identifier: EUPL-1.2
"""How loud samples are, in dBFS (0 is the largest number that fits)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from recorder.capture.flac import widened

FLOOR = -120.0
"""Shown for digital silence, whose level is minus infinity."""


@dataclass(frozen=True)
class Loudness:
    """Level of a stretch of samples, all channels together."""

    rms: float
    """dBFS, where a full-scale square wave is 0."""
    peak: float
    """dBFS."""


def loudness(pcm: bytes, depth: int) -> Loudness | None:
    """Measure samples.

    Args:
        pcm: Interleaved, signed, little-endian, at native width.
        depth: 16 or 24.

    Returns:
        Their level, or none without samples.
    """
    if not pcm:
        return None
    if depth == 16:  # noqa: PLR2004 - the width itself is the clearest name
        scaled = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / np.float32(1 << 15)
    else:
        scaled = widened(pcm).astype(np.float32) / np.float32(1 << 31)
    rms = math.sqrt(float(np.dot(scaled, scaled)) / len(scaled))
    return Loudness(_decibels(rms), _decibels(float(np.abs(scaled).max())))


def _decibels(value: float) -> float:
    return max(FLOOR, 20 * math.log10(value)) if value > 0 else FLOOR
