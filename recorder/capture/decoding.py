# SPDX-License-Identifier: EUPL-1.2
"""Samples out of files: what they are like, and the samples themselves.

Rules: nothing is resampled or mixed. Integer samples of lossless codecs come bit-exact at their
native width; lossy codecs come as 16 bit. Decoding is streamed; where a decoder cannot go on, the
stream ends with an error, never silently.

Plain WAVE files are read as they are; everything else goes through PyAV, which takes a while to
load and is loaded only then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Protocol

from recorder.capture.wave_file import plain_wave
from recorder.errors import SourceError
from recorder.words import _

_MAX_RATE, _MAX_CHANNELS = 655_350, 8  # what FLAC can hold


class Readable(Protocol):
    """What a decoder reads from."""

    def read(self, size: int) -> bytes:
        """Read at most ``size`` bytes; none at the end."""


class DecodeError(Exception):
    """The data cannot be decoded any further."""


@dataclass(frozen=True)
class Sound:
    """What the sound in a file is like."""

    rate: int
    channels: int
    depth: int
    """Bits per sample (8, 16, 24 or 32) where the codec keeps integers without loss; else 0."""


@dataclass(frozen=True)
class Decoded:
    """Samples of one packet."""

    pcm: bytes
    """Interleaved, signed, little-endian, at the width asked for."""
    frames: int
    packet_bytes: int
    """Size of the packet they came from."""


def probe(file: IO[bytes]) -> Sound:
    """Find out what the sound in a file is like, and that its beginning can be decoded.

    Args:
        file: Open for reading, seekable.

    Returns:
        What the first sound track is like.

    Raises:
        SourceError: If there is no sound, more than sound, or a codec that is not known here.
    """
    wave = plain_wave(file)
    if wave is not None:
        sound = Sound(wave.rate, wave.channels, wave.depth)
    else:
        from recorder.capture import libav  # noqa: PLC0415 - slow to load, seldom needed

        sound = libav.probe(file)
    if not (0 < sound.rate <= _MAX_RATE and 0 < sound.channels <= _MAX_CHANNELS):
        raise SourceError(_("The file is broken, or of a kind that is not known here."))
    return sound


def decode_sound(file: IO[bytes], depth: int) -> Iterator[Decoded]:
    """Decode the first sound track of a file.

    Args:
        file: Open for reading, seekable.
        depth: The width to hand on: 8, 16, 24 or 32.

    Yields:
        The samples, packet by packet.

    Raises:
        DecodeError: Where the data cannot be decoded any further.
    """
    wave = plain_wave(file)
    if wave is None or wave.depth != depth:
        from recorder.capture import libav  # noqa: PLC0415 - slow to load, seldom needed

        yield from libav.decode_sound(file, depth)
        return
    missing = wave.size
    try:
        for pcm in wave.blocks(file):
            missing -= len(pcm)
            yield Decoded(pcm, len(pcm) // wave.frame_bytes, len(pcm))
    except OSError as error:
        raise DecodeError from error
    if missing:
        raise DecodeError  # cut since it was found whole


def decode_flac(file: Readable, depth: int) -> Iterator[Decoded]:
    """Decode the whole frames of a FLAC stream, whatever its header promises.

    Args:
        file: The stream; need not be seekable.
        depth: 16 or 24.

    Yields:
        One item per FLAC frame, until the end or the first that is not whole.
    """
    from recorder.capture import libav  # noqa: PLC0415 - slow to load, seldom needed

    yield from libav.decode_flac(file, depth)
