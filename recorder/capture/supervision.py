# SPDX-License-Identifier: EUPL-1.2
"""Whether samples are missing: the count of frames against the monotonic clock.

Sound systems lose samples without a flag. What arrives is compared with the time that has passed:
a block's *lateness* is its arrival less the length of all sound until then. Blocks that come late
in a burst are late for a moment only; lost samples make all that follow late for good. A
microphone whose own clock is up to ``DRIFT`` off makes the lateness creep, which is followed.

Limits: less than ``STEP`` seconds is not seen at once (it is followed as if it were drift).
"""

from __future__ import annotations

from dataclasses import dataclass

STEP = 0.3
"""Seconds of lateness, against the usual, from which on samples count as lost."""
STAYS = 2.0
"""Seconds that the lateness must stay: a burst has caught up by then."""
DRIFT = 2000e-6
"""Fraction by which a microphone's clock may differ from the computer's."""


@dataclass(frozen=True)
class Loss:
    """Samples that are missing."""

    seconds: float
    frames_ago: int
    """How many frames have come since the place where they are missing."""


@dataclass
class _Suspicion:
    """Blocks are late; whether for good is not known yet."""

    since: float
    frames: int
    """Seen before the first late block."""
    least: float
    """Least lateness since, in seconds."""


class FrameClock:
    """Watches one stream."""

    def __init__(self, rate: int) -> None:
        """Begin with a new stream.

        Args:
            rate: Frames per second, as the device promises.
        """
        self._rate = rate
        self._frames = 0
        self._usual: float | None = None
        self._last = 0.0
        self._suspicion: _Suspicion | None = None

    def take(self, frames: int, at: float) -> Loss | None:
        """Take note of a block.

        Args:
            frames: How many came.
            at: When, in seconds on a monotonic clock.

        Returns:
            What is missing, once it is certain; else none.
        """
        before = self._frames
        self._frames += frames
        lateness = at - self._frames / self._rate
        if self._usual is None:
            self._usual, self._last = lateness, at
            return None
        passed, self._last = max(0.0, at - self._last), at
        if lateness < self._usual + STEP:
            self._suspicion = None
            # Early is believed at once (a backlog was delivered), late only as fast as a clock
            # can drift: it may as well be a busy moment.
            self._usual = min(lateness, self._usual + DRIFT * passed)
            return None
        return self._suspect(lateness, at, before)

    def _suspect(self, lateness: float, at: float, before: int) -> Loss | None:
        assert self._usual is not None
        if self._suspicion is None:
            self._suspicion = _Suspicion(at, before, lateness)
        suspicion = self._suspicion
        suspicion.least = min(suspicion.least, lateness)
        if at - suspicion.since < STAYS:
            return None
        seconds = suspicion.least - self._usual
        self._usual, self._suspicion = suspicion.least, None
        return Loss(seconds, self._frames - suspicion.frames)
