# SPDX-License-Identifier: EUPL-1.2
"""Plain WAVE files are read as they are; what is not beyond doubt goes to the decoder."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studio import Studio, form, noise

from recorder.capture import libav
from recorder.capture.content import read_part, read_timeline
from recorder.capture.decoding import DecodeError, Sound, decode_sound, probe
from recorder.capture.wave_file import plain_wave
from recorder.capture.writer import RecordingWriter
from recorder.lifecycle.parts import Part


def wave_file(pcm: bytes, *, rate: int = 8000, channels: int = 1, width: int = 2) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(pcm)
    return buffer.getvalue()


def taken(data: bytes, depth: int) -> bytes:
    return b"".join(d.pcm for d in decode_sound(io.BytesIO(data), depth))


@given(
    st.binary(min_size=6, max_size=400),
    st.sampled_from([8000, 44_100, 96_000]),
    st.integers(1, 3),
    st.sampled_from([2, 3]),
)
def test_samples_come_out_as_the_decoder_gives_them(
    octets: bytes, rate: int, channels: int, width: int
) -> None:
    pcm = (octets * 20)[: 20 * len(octets) // 36 * 36]  # whole frames of every shape
    data = wave_file(pcm, rate=rate, channels=channels, width=width)
    found = plain_wave(io.BytesIO(data))
    assert found is not None
    assert (found.rate, found.channels, found.depth) == (rate, channels, 8 * width)
    assert probe(io.BytesIO(data)) == Sound(rate, channels, 8 * width)
    by_decoder = libav.decode_sound(io.BytesIO(data), 8 * width)
    assert taken(data, 8 * width) == b"".join(d.pcm for d in by_decoder) == pcm


@pytest.mark.parametrize("depth", [8, 24, 32])
def test_another_width_than_the_files_own_is_left_to_the_decoder(depth: int) -> None:
    samples = (1, -1, 256, -32_768, 32_767)
    data = wave_file(struct.pack("<5h", *samples) * 100)
    assert len(taken(data, depth)) == 500 * depth // 8


def test_chunks_before_the_samples_are_passed_over() -> None:
    plain = wave_file(b"\1\2" * 50)
    odd = b"LIST" + struct.pack("<I", 5) + b"noise" + b"\0"
    data = plain[:36] + odd + plain[36:]
    assert taken(data, 16) == b"\1\2" * 50


def test_what_follows_the_samples_is_no_sound() -> None:
    assert taken(wave_file(b"\1\2" * 50) + b"LIST\4\0\0\0name", 16) == b"\1\2" * 50


def with_size(data: bytes, size: int) -> bytes:
    return data[:40] + struct.pack("<I", size) + data[44:]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"RIFX" + wave_file(b"\0" * 100)[4:],
        with_size(wave_file(b"\0" * 100), 0),  # still being written
        with_size(wave_file(b"\0" * 100), 0xFFFF_FFFF),  # streamed, or larger than 4 GiB
        wave_file(b"\0" * 100)[:-1],  # cut short
        wave_file(b"\0" * 100, width=1),
        wave_file(b"\0" * 100, width=4),
        wave_file(b"\0" * 100).replace(b"\x01\x00\x01\x00", b"\x03\x00\x01\x00", 1),  # floats
        wave_file(b"\0" * 100).replace(b"\x02\x00\x10\x00", b"\x04\x00\x10\x00", 1),
        wave_file(b"\0" * 100)[:36] + b"junk\0\0\0\0" * 100,
    ],
)
def test_a_file_that_does_not_add_up_is_not_plain(data: bytes) -> None:
    file = io.BytesIO(data)
    assert plain_wave(file) is None
    assert file.tell() == 0


@given(st.binary(max_size=200), st.integers(0, 60))
def test_no_bytes_make_it_fail(octets: bytes, at: int) -> None:
    data = wave_file(b"\0" * 40)
    plain_wave(io.BytesIO(data[:at] + octets + data[at:]))


def test_a_file_that_is_cut_while_it_is_read_ends_with_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wave_file(b"\1\2" * 200_000))
    with path.open("r+b") as file:
        decoded = decode_sound(file, 16)
        next(decoded)
        file.truncate(200_000)
        with pytest.raises(DecodeError):
            list(decoded)


def test_a_plain_file_needs_no_decoder_to_be_loaded(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wave_file(b"\1\2" * 50))
    script = (
        "import sys; from recorder.capture.decoding import probe;"
        " probe(open(sys.argv[1], 'rb')); assert 'av' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script, path], check=True)


def test_files_that_pass_with_the_timeline_are_the_ones_that_are_delivered(
    tmp_path: Path,
) -> None:
    studio = Studio(tmp_path / "studio")
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        for shape in (form(), form(channels=2)):
            studio.feed(writer, noise(3 * 8000, shape), shape)
        recorded = writer.close()
        files: dict[int, bytes] = {}

        def take(part: Part, content: bytes) -> None:
            files[part.number] = files.get(part.number, b"") + content

        read_timeline(entry, take)
        assert files == {p.number: b"".join(read_part(entry, p)) for p in recorded.parts}
        assert len(files) == 2
