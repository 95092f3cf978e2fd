# SPDX-License-Identifier: EUPL-1.2
"""PyAV: the one border to it. ``decoding`` says what comes out, and loads this when it must."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

import av
import av.stream
import numpy as np

from recorder.capture.decoding import Decoded, DecodeError, Readable, Sound
from recorder.capture.flac import packed
from recorder.errors import SourceError
from recorder.words import _

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PCM_CODEC = re.compile(r"pcm_[su](8|16|24|32)(?:le|be)?(?:_planar)?")
_COUNTED = frozenset({"flac", "alac"})  # their headers tell the exact length
_FLAC_INFO, _ALAC_COOKIE = 34, 36  # bytes of their stream headers
_PLAIN = 16  # bits: by far the most frequent case


def decode_flac(file: Readable, depth: int) -> Iterator[Decoded]:
    """Decode the whole frames of a FLAC stream, whatever its header promises.

    Args:
        file: The stream; need not be seekable.
        depth: 16 or 24.

    Yields:
        One item per FLAC frame, until the end or the first that is not whole.
    """
    try:
        with av.open(file, mode="r", format="flac") as container:
            for packet in container.demux(audio=0):
                size = packet.size
                for frame in packet.decode():
                    yield Decoded(pcm_of(frame, depth), frame.samples, size)
    except av.FFmpegError:
        return


def probe(file: IO[bytes]) -> Sound:
    """Find out what the sound in a file is like, and that its beginning can be decoded.

    Args:
        file: Open for reading, seekable.

    Returns:
        What the first sound track is like.

    Raises:
        SourceError: If there is no sound, more than sound, or a codec that is not known here.
    """
    try:
        with av.open(file, mode="r") as container:
            if any(not _is_still(stream) for stream in container.streams.video):
                raise SourceError(_("The file has moving pictures; only sound is taken."))
            if not container.streams.audio:
                raise SourceError(_("There is no sound in the file."))
            sound = _sound(container.streams.audio[0])
            if next(container.decode(audio=0), None) is None:
                raise SourceError(_("There is no sound in the file."))
    except (av.FFmpegError, ValueError) as error:
        raise SourceError(_("The file is broken, or of a kind that is not known here.")) from error
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
    try:
        with av.open(file, mode="r") as container:
            stream = container.streams.audio[0]
            begun = (stream.codec_context.sample_rate, stream.codec_context.channels)
            promised, seen = _promised_frames(stream), 0
            for packet in container.demux(stream):
                size = packet.size
                for frame in packet.decode():
                    if (frame.sample_rate, len(frame.layout.channels)) != begun:
                        raise DecodeError
                    seen += frame.samples
                    yield Decoded(pcm_of(frame, depth), frame.samples, size)
            if seen < promised:
                raise DecodeError
    except (av.FFmpegError, ValueError) as error:
        raise DecodeError from error


def pcm_of(frame: av.AudioFrame, depth: int) -> bytes:
    """Take the samples of a decoded frame.

    Args:
        frame: Integers in the upper bits of their width, or floats (lossy codecs).
        depth: The width to hand on: 8, 16, 24 or 32; the frame's upper bits are taken.

    Returns:
        Interleaved, signed, little-endian PCM.
    """
    width = 8 * frame.format.bytes
    if width == depth == _PLAIN and not frame.format.is_planar:
        size = frame.samples * len(frame.layout.channels) * 2
        return bytes(memoryview(frame.planes[0])[:size])  # the plane is padded
    samples: NDArray[Any] = frame.to_ndarray()
    if frame.format.is_planar:
        samples = samples.T  # from (channels, frames)
    if samples.dtype.kind == "f":
        samples = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)
    elif samples.dtype == np.uint8:
        samples = (samples.astype(np.int16) - 128) << 8
    width = samples.dtype.itemsize * 8
    if depth == 24:  # noqa: PLR2004 - the width itself is the clearest name
        wide = samples.astype(np.int32) << (32 - width)
        return packed(wide.reshape(-1))
    kinds = {8: "<i1", 16: "<i2", 32: "<i4"}
    shifted = samples.astype(np.int64) << 32 >> (32 + width - depth) if width != depth else samples
    return np.ascontiguousarray(shifted, dtype=kinds[depth]).tobytes()


def _promised_frames(stream: av.AudioStream) -> int:
    """Say how many frames a file must have where its decoder skips what is broken in silence."""
    if stream.codec_context.name not in _COUNTED or not stream.duration or not stream.time_base:
        return 0
    return int(stream.duration * stream.time_base * stream.codec_context.sample_rate)


def _is_still(stream: av.VideoStream) -> bool:
    """Tell whether a picture is the cover that belongs to the sound."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _sound(stream: av.AudioStream) -> Sound:
    context = stream.codec_context
    if context is None:  # there is no decoder; PyAV's own type does not say that it may be none
        raise SourceError(_("The file is broken, or of a kind that is not known here."))
    depth = _depth(context.codec, context.extradata or b"")
    return Sound(context.sample_rate, context.channels, depth)


def _depth(codec: av.Codec, extradata: bytes) -> int:
    if not codec.lossless:
        return 0
    if match := _PCM_CODEC.fullmatch(codec.name):
        return int(match[1])
    if codec.name == "flac" and len(extradata) >= _FLAC_INFO:
        bits = ((extradata[12] & 1) << 4 | extradata[13] >> 4) + 1  # RFC 9639, section 8.2
        return -(-bits // 8) * 8
    if codec.name == "alac" and len(extradata) >= _ALAC_COOKIE:
        return -(-extradata[17] // 8) * 8
    return 0
