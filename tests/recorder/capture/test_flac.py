# SPDX-License-Identifier: EUPL-1.2
"""FLAC that can only be appended to."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from studio import form, noise

from recorder.capture.decoding import decode_flac
from recorder.capture.flac import FlacEncoder, packed, patched_header, widened
from recorder.lifecycle.parts import PartFormat

FORMATS = [
    form(rate, channels, depth)
    for rate in (8000, 16000, 22050, 44100, 48000, 96000, 192000)
    for channels in (1, 2)
    for depth in (16, 24)
]


def name(shape: PartFormat) -> str:
    return f"{shape.rate}-{shape.channels}-{shape.depth}"


class Bytes:
    """A stream that cannot seek."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, size: int) -> bytes:
        taken, self.data = self.data[:size], self.data[size:]
        return taken


@pytest.mark.parametrize("shape", FORMATS, ids=name)
def test_every_drained_prefix_is_whole_frames_and_little_is_held_back(shape: PartFormat) -> None:
    encoder = FlacEncoder(shape)
    first_header = encoder.header
    frame_bytes = shape.channels * shape.depth // 8
    pcm = noise(shape.rate * 2, shape)
    content, given = b"", 0
    block = shape.rate // 20 * frame_bytes
    for start in range(0, len(pcm), block):
        encoder.write(pcm[start : start + block])
        given += len(pcm[start : start + block])
        content += encoder.drain()
    decoded = list(decode_flac(Bytes(first_header + content), shape.depth))
    got = b"".join(item.pcm for item in decoded)
    assert pcm.startswith(got)
    assert sum(item.packet_bytes for item in decoded) == len(content)
    held_back = (given - len(got)) / frame_bytes / shape.rate
    assert held_back <= 0.15
    content += encoder.close()
    final = b"".join(d.pcm for d in decode_flac(Bytes(encoder.header + content), shape.depth))
    assert final == pcm
    assert len(encoder.header) == len(first_header)


@pytest.mark.parametrize("shape", [form(), form(48000, 2, 24)], ids=name)
def test_patched_header_equals_the_one_that_the_encoder_writes(shape: PartFormat) -> None:
    encoder = FlacEncoder(shape)
    first_header = encoder.header
    pcm = noise(10_000, shape)
    encoder.write(pcm)
    encoder.close()
    patched = patched_header(first_header, 10_000, hashlib.md5(pcm).digest())
    # The least and most frame size stay unknown, which RFC 9639 allows.
    assert patched[:12] + patched[18:] == encoder.header[:12] + encoder.header[18:]
    assert patched[12:18] == bytes(6)


def test_24_bit_samples_survive_the_detour_over_32() -> None:
    pcm = np.random.default_rng(0).integers(0, 256, 3000, dtype=np.uint8).tobytes()
    assert packed(widened(pcm)) == pcm
    assert list(widened(b"\xff\xff\xff\x01\x00\x00")) == [-256, 256]


def test_a_file_without_samples_is_valid(tmp_path: Path) -> None:
    encoder = FlacEncoder(form())
    content = encoder.close()
    assert content == b""
