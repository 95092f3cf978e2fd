# SPDX-License-Identifier: EUPL-1.2
"""A sound file as a source: for demos, tests and recordings made elsewhere.

Rules: the file is probed before anything is captured, and never written to. Rate and channels are
the file's own; lossless files come out bit-exact (16 bit, or 24 where the codec has more), lossy
ones as 16 bit (of 32-bit files, the upper 24 bits). By default the samples come in real time; ``fast`` gives them at once.

Limits: the first sound track only; files with a picture that moves are refused.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recorder.capture.decoding import DecodeError, Sound, decode_sound, probe
from recorder.capture.source import Arrival, Block, Ended
from recorder.clock import Clock
from recorder.errors import SourceError
from recorder.lifecycle.parts import Container, PartFormat
from recorder.words import _

_NARROW = 16
_BLOCK_SECONDS = 0.05
_FAST_BLOCK_SECONDS = 0.4


@dataclass
class _Pace:
    """When the next block is due, so that a file takes as long as it sounds."""

    began: float
    seconds: float = 0.0

    def wait(self, timeout: float) -> bool:
        """Wait until the block is due, at most ``timeout`` seconds; tell whether it is."""
        missing = self.began + self.seconds - time.monotonic()
        if missing > 0:
            time.sleep(min(missing, timeout))
        return missing <= timeout


class SoundFile:
    """Gives the samples of a file."""

    def __init__(
        self, path: Path, clock: Clock, *, fast: bool = False, skip_seconds: int = 0
    ) -> None:
        """Probe a file.

        Args:
            path: The file.
            clock: For the instants of its blocks.
            fast: Whether to give the samples without waiting.
            skip_seconds: How much of its beginning to leave out: it was recorded already.

        Raises:
            SourceError: If it cannot be used as a source.
        """
        self._path = path
        self._clock = clock
        self._sound = probe_file(path)
        depth = 24 if self._sound.depth > _NARROW else _NARROW
        self._format = PartFormat(Container.FLAC, self._sound.rate, self._sound.channels, depth)
        self._fast = fast
        self._skip_seconds = skip_seconds
        self._pace = _Pace(0.0)
        self._chunks: Iterator[bytes] = iter(())
        self._next: bytes | None = None
        self._is_started = False
        self._is_paused = False
        self._is_finishing = False

    def start(self) -> None:
        """Begin to play."""
        self._is_started = True
        self._chunks = self._decode()
        self._pace = _Pace(time.monotonic())

    def read(self, timeout: float) -> Arrival | None:
        """Wait for the next block."""
        if self._is_finishing:
            return Ended()
        if self._is_paused:
            return None
        if self._next is None:
            try:
                self._next = next(self._chunks, None)
            except DecodeError:
                return Ended(_("The sound file is broken from here on."))
            if self._next is None:
                return Ended()
        frames = len(self._next) // self._frame_bytes
        due = _Pace(self._pace.began, self._pace.seconds + frames / self._format.rate)
        if not self._fast and not due.wait(timeout):
            return None
        pcm, self._next, self._pace = self._next, None, due
        return Block(pcm, frames, self._clock.now(), self._format, "")

    def pause(self) -> None:
        """Stop playing."""
        self._is_paused = True

    def resume(self) -> None:
        """Play on from where it was."""
        self._is_paused = False
        if not self._is_started:  # the recording went on in a pause
            self.start()
        self._pace = _Pace(time.monotonic())

    def finish(self) -> None:
        """Play no more."""
        self._is_finishing = True

    def close(self) -> None:
        """Let go of the file."""
        self._chunks = iter(())

    @property
    def _frame_bytes(self) -> int:
        return self._format.channels * self._format.depth // 8

    def _decode(self) -> Iterator[bytes]:
        seconds = _FAST_BLOCK_SECONDS if self._fast else _BLOCK_SECONDS
        size = max(1, int(self._format.rate * seconds)) * self._frame_bytes
        waiting = bytearray()
        skip = self._skip_seconds * self._format.rate * self._frame_bytes
        with self._path.open("rb") as file:
            for decoded in decode_sound(file, self._format.depth):
                waiting += decoded.pcm[skip:]
                skip = max(0, skip - len(decoded.pcm))
                while len(waiting) >= size:
                    yield bytes(waiting[:size])
                    del waiting[:size]
        if waiting:
            yield bytes(waiting)


def probe_file(path: Path) -> Sound:
    """Find out what is in a file.

    Args:
        path: The file.

    Returns:
        What its sound is like.

    Raises:
        SourceError: If it is missing, empty, unreadable, has no sound, more than sound, or a
            codec that is not known here.
    """
    try:
        if path.stat().st_size == 0:
            raise SourceError(_("The file is empty."))
        with path.open("rb") as file:
            return probe(file)
    except FileNotFoundError as error:
        raise SourceError(_("There is no such file.")) from error
    except OSError as error:
        raise SourceError(_("The file cannot be read.")) from error
