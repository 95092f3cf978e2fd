# SPDX-License-Identifier: EUPL-1.2
"""FLAC (RFC 9639) made while recording, for a store that can only append.

libsndfile writes the header first, then every finished frame in one piece, and at the end goes
back into the header only. So the sink keeps the header apart and hands on the frames: what it
handed on until any instant is whole frames, and the file is header + frames.

Rules: nothing is raised inside libsndfile's callbacks (cffi would print it and go on); a write
that does not fit the rule above is noted and raised after the call. At low rates a lower
compression level is used, whose frames are shorter, because the encoder holds back up to one
frame, which a crash loses.

Limits: 1 to 8 channels, 16 or 24 bit, up to 655 350 Hz, 2^36 - 1 samples (8 days at 96 kHz).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from recorder.errors import VaultError
from recorder.lifecycle.parts import PartFormat

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUBTYPES = {16: "PCM_16", 24: "PCM_24"}
"""The depths that can be recorded, with libsndfile's names."""

_LONG_FRAMES_FROM = 40_000
"""Frames of 4096 samples are at most 100 ms long from this rate on (measured: 85 ms at 48 kHz)."""
_LEVEL_LONG, _LEVEL_SHORT = 5 / 8, 2 / 8  # libsndfile counts FLAC's 0..8 as 0..1
_STREAMINFO = 8  # offset of its content: behind "fLaC" and the block's own 4 bytes
_TOTAL = _STREAMINFO + 13  # the low 36 bits of the 5 bytes from here are the total of samples
_MD5 = _STREAMINFO + 18
MD5_BYTES = 16
NO_MD5 = bytes(MD5_BYTES)
"""STREAMINFO's way to say that there is none."""


class _Sink:
    """What libsndfile takes for a file."""

    def __init__(self) -> None:
        self.header = bytearray()
        self.frames = bytearray()
        self.header_size: int | None = None  # none: everything is header
        self.is_broken = False
        self._position = 0
        self._drained = 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._end}
        self._position = base.get(whence, 0) + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def write(self, data: bytes) -> int:
        start, end = self._position, self._position + len(data)
        if self.header_size is None or end <= self.header_size:
            self.header[start:end] = data
        elif start == self._end:
            self.frames += data
        else:
            self.is_broken = True
        self._position = end
        return len(data)

    def drain(self) -> bytes:
        content = bytes(self.frames)
        self._drained += len(content)
        self.frames.clear()
        return content

    @property
    def _end(self) -> int:
        return len(self.header) + self._drained + len(self.frames)


class FlacEncoder:
    """Encodes the samples of one part."""

    def __init__(self, form: PartFormat) -> None:
        """Begin a file.

        Args:
            form: Rate, channels and depth (16 or 24).

        Raises:
            VaultError: If libsndfile cannot make such a file.
        """
        self._depth = form.depth
        self._sink = _Sink()
        try:
            first_header = _first_header(form)
            self._file = _open(self._sink, form)
        except (soundfile.SoundFileError, KeyError) as error:
            raise VaultError from error
        self._sink.header += first_header
        self._sink.header_size = len(first_header)

    @property
    def header(self) -> bytes:
        """The header as it is now: final after ``close``."""
        return bytes(self._sink.header)

    def write(self, pcm: bytes) -> None:
        """Encode samples.

        Args:
            pcm: Whole frames, interleaved, signed, little-endian, at native width.

        Raises:
            VaultError: If libsndfile cannot.
        """
        try:
            if self._depth == 16:  # noqa: PLR2004 - the width itself is the clearest name
                self._file.buffer_write(pcm, dtype="int16")
            else:
                self._file.buffer_write(widened(pcm).tobytes(), dtype="int32")
        except soundfile.SoundFileError as error:
            raise VaultError from error
        self._check()

    def drain(self) -> bytes:
        """Hand on the frames that were finished since the last call."""
        return self._sink.drain()

    def close(self) -> bytes:
        """End the file.

        Returns:
            The last frames; ``header`` is final now.

        Raises:
            VaultError: If libsndfile cannot.
        """
        try:
            self._file.close()
        except soundfile.SoundFileError as error:
            raise VaultError from error
        self._check()
        return self._sink.drain()

    def _check(self) -> None:
        if self._sink.is_broken:
            raise VaultError


def _open(sink: _Sink, form: PartFormat) -> soundfile.SoundFile:
    return soundfile.SoundFile(
        sink,
        "w",
        form.rate,
        form.channels,
        SUBTYPES[form.depth],
        format="FLAC",
        compression_level=_LEVEL_LONG if form.rate >= _LONG_FRAMES_FROM else _LEVEL_SHORT,
    )


def _first_header(form: PartFormat) -> bytes:
    """Learn the header that libsndfile writes with the first sample, by giving one to a twin.

    It must be in the vault before the sound, so that the sound can be read after a crash.
    """
    sink = _Sink()
    with _open(sink, form) as twin:
        twin.buffer_write(bytes(4 * form.channels), dtype="int32")
        return bytes(sink.header)


def widened(pcm: bytes) -> NDArray[np.int32]:
    """Put packed 24-bit samples into the upper bits of 32.

    Args:
        pcm: 3 bytes each, little-endian.

    Returns:
        One number per sample, shape (samples,).
    """
    packed = np.frombuffer(pcm, dtype=np.uint8).reshape(-1, 3)
    wide = np.zeros((len(packed), 4), dtype=np.uint8)
    wide[:, 1:] = packed
    return wide.view("<i4").reshape(-1)


def packed(wide: NDArray[np.int32]) -> bytes:
    """Take the upper 24 of 32 bits: the reverse of ``widened``.

    Args:
        wide: Samples, any shape.

    Returns:
        3 bytes each, little-endian.
    """
    octets = np.ascontiguousarray(wide, dtype="<i4").view(np.uint8).reshape(-1, 4)
    return octets[:, 1:].tobytes()


def patched_header(header: bytes, samples: int, md5: bytes = NO_MD5) -> bytes:
    """Complete the header of a file whose encoder died (RFC 9639, section 8.2).

    Args:
        header: As it was written first.
        samples: Frames in the file.
        md5: Of the PCM, 16 bytes; zeros mean "unknown".

    Returns:
        The header with both.
    """
    total = int.from_bytes(header[_TOTAL : _TOTAL + 5]) & ~((1 << 36) - 1) | samples
    patched = bytearray(header)
    patched[_TOTAL : _TOTAL + 5] = total.to_bytes(5)
    patched[_MD5 : _MD5 + MD5_BYTES] = md5
    return bytes(patched)
