# SPDX-License-Identifier: EUPL-1.2
"""Plain WAVE files (RIFF, 16 or 24 bit integer PCM), whose samples need no decoding.

Rule: only what is beyond doubt. A file whose sizes do not add up (cut short, still being written,
larger than 4 GiB) or that says anything but plain PCM is left to the decoder that knows such files.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

_RIFF = struct.Struct("<4sI4s")
_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHIIHH")  # tag, channels, rate, bytes a second, bytes a frame, depth
_PCM = 1
_DEPTHS = (16, 24)
_MOST_CHUNKS = 64
_BLOCK_FRAMES = 1 << 15


@dataclass(frozen=True)
class PlainWave:
    """Where the samples of a file lie, and what they are."""

    rate: int
    channels: int
    depth: int
    """16 or 24 bits, little-endian."""
    begin: int
    """Bytes before the first sample."""
    size: int
    """Bytes of samples: whole frames."""

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of every channel."""
        return self.channels * self.depth // 8

    def blocks(self, file: IO[bytes]) -> Iterator[bytes]:
        """Read the samples.

        Args:
            file: Open for reading, seekable.

        Yields:
            Whole frames; fewer than ``size`` bytes in all where the file was cut since.
        """
        file.seek(self.begin)
        missing = self.size
        while missing:
            block = file.read(min(missing, _BLOCK_FRAMES * self.frame_bytes))
            whole = len(block) - len(block) % self.frame_bytes
            if not whole:
                return
            yield block[:whole]
            missing -= len(block)


def plain_wave(file: IO[bytes]) -> PlainWave | None:
    """Find the samples of a plain WAVE file.

    Args:
        file: Open for reading, seekable; left at its beginning.

    Returns:
        Where they are, or none where this is not such a file.
    """
    try:
        return _found(file)
    finally:
        file.seek(0)


def _found(file: IO[bytes]) -> PlainWave | None:
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(_RIFF.size)
    if len(head) < _RIFF.size or (head[:4], head[8:]) != (b"RIFF", b"WAVE"):
        return None
    form: tuple[int, ...] | None = None
    for _number in range(_MOST_CHUNKS):
        chunk = file.read(_CHUNK.size)
        if len(chunk) < _CHUNK.size:
            return None
        name, size = _CHUNK.unpack(chunk)
        begin = file.tell()
        if name == b"data":
            return _described(form, begin, size) if form and 0 < size <= end - begin else None
        if name == b"fmt " and size >= _FORMAT.size:
            form = _FORMAT.unpack(file.read(_FORMAT.size).ljust(_FORMAT.size, b"\0"))
        file.seek(begin + size + size % 2)  # chunks are padded to even sizes
    return None


def _described(form: tuple[int, ...], begin: int, size: int) -> PlainWave | None:
    tag, channels, rate, _bytes_a_second, frame_bytes, depth = form
    is_plain = tag == _PCM and depth in _DEPTHS and channels > 0 and rate > 0
    if not is_plain or frame_bytes != channels * depth // 8 or size < frame_bytes:
        return None
    return PlainWave(rate, channels, depth, begin, size - size % frame_bytes)
