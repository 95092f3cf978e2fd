# SPDX-License-Identifier: EUPL-1.2
"""What a source of sound gives: blocks of samples, and what happens between them.

A source hands over one ``Arrival`` after the other, in the order in which things happened: a
block, or that the sound broke off, or that the source has ended. It never waits longer than it
is allowed to, so that commands are obeyed at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from recorder.clock import Instant
from recorder.lifecycle.parts import GapCause, PartFormat


@dataclass(frozen=True)
class Block:
    """Samples that arrived together."""

    pcm: bytes
    """Interleaved, signed, little-endian, at native width."""
    frames: int
    at: Instant
    """When it arrived: the instant of its last sample."""
    format: PartFormat
    source_name: str
    """Name of the device; empty for files."""

    @property
    def began(self) -> Instant:
        """The instant of its first sample."""
        return earlier(self.at, self.frames / self.format.rate)


@dataclass(frozen=True)
class BrokenOff:
    """The sound broke off; it goes on with the next block, if ever."""

    cause: GapCause
    at: Instant
    """Since when there are no samples."""
    source_name: str = ""


@dataclass(frozen=True)
class SamplesLost:
    """Samples are missing although the device went on."""

    seconds: float
    at: Instant
    """When it was certain."""
    frames_ago: int
    """How many frames have come since the place where they are missing."""


@dataclass(frozen=True)
class Ended:
    """There will be no more blocks."""

    problem: str = ""
    """A translated sentence where it ended too early."""


Arrival = Block | BrokenOff | SamplesLost | Ended
"""What a source can hand over."""


class Source(Protocol):
    """A microphone or a file."""

    def start(self) -> None:
        """Begin to take sound.

        Raises:
            DeviceError: If there is no microphone that can be used.
            SourceError: If the file cannot be used.
        """

    def read(self, timeout: float) -> Arrival | None:
        """Wait for what comes next.

        Args:
            timeout: Seconds to wait at most.

        Returns:
            What came, or none if nothing did.
        """

    def pause(self) -> None:
        """Take no sound until ``resume``."""

    def resume(self) -> None:
        """Take sound again. A device that is gone meanwhile shows as ``BrokenOff``."""

    def finish(self) -> None:
        """Take no more sound than has reached the device by now; ``read`` yields what is left."""

    def close(self) -> None:
        """Let go of the device or file. May be called more than once."""


Progress = Callable[[int, int], None]
"""Is told how many bytes are done, and of how many."""


def unheard(done: int, total: int) -> None:
    """Tell nobody of progress."""


def earlier(instant: Instant, seconds: float) -> Instant:
    """Go back from an instant.

    Args:
        instant: From where.
        seconds: How far.

    Returns:
        The earlier instant.
    """
    return Instant(
        instant.wall - dt.timedelta(seconds=seconds),
        instant.monotonic_ns - round(seconds * 1e9),
        instant.boot,
    )
