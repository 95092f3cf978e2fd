# SPDX-License-Identifier: EUPL-1.2
"""Sound files as a source, and as imports."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from studio import Studio, file_of

from recorder.capture.content import read_timeline
from recorder.capture.importing import check_importable, erase_source, hash_file, take_in
from recorder.capture.sound_file import SoundFile
from recorder.capture.source import Block, Ended
from recorder.clock import SystemClock
from recorder.durable import Kind, Moment, Operation, watch
from recorder.errors import SourceError
from recorder.identifiers import Sha256Hex
from recorder.lifecycle.events import Interrupted
from recorder.lifecycle.parts import Container


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "studio")


def sound(frames: int, channels: int, depth: int) -> np.ndarray:
    top = 1 << (depth - 1)
    values = np.random.default_rng(5).integers(-top, top, (frames, channels))
    return (values << (32 - depth)).astype(np.int32)


def pcm_of(samples: np.ndarray, depth: int) -> bytes:
    octets = np.ascontiguousarray(samples, dtype="<i4").view(np.uint8).reshape(-1, 4)
    return octets[:, 4 - depth // 8 :].tobytes()


def all_of(source: SoundFile) -> tuple[bytes, Ended]:
    source.start()
    pcm = b""
    while not isinstance(arrival := source.read(1.0), Ended):
        assert isinstance(arrival, Block)
        pcm += arrival.pcm
    return pcm, arrival


@pytest.mark.parametrize("suffix", ["wav", "flac", "aiff", "w64"])
@pytest.mark.parametrize("depth", [16, 24])
@pytest.mark.parametrize("shape", [(8000, 1), (44100, 2), (48000, 1), (96000, 2)])
def test_lossless_files_come_out_bit_for_bit(
    tmp_path: Path, suffix: str, depth: int, shape: tuple[int, int]
) -> None:
    rate, channels = shape
    path = tmp_path / f"a.{suffix}"
    samples = sound(int(rate * 0.7), channels, depth)
    soundfile.write(path, samples, rate, subtype=f"PCM_{depth}")
    pcm, ended = all_of(SoundFile(path, SystemClock(), fast=True))
    assert pcm == pcm_of(samples, depth)
    assert ended.problem == ""


@pytest.mark.parametrize(("depth", "kind"), [(16, "s16p"), (24, "s32p")])
def test_apple_lossless_comes_out_bit_for_bit(tmp_path: Path, depth: int, kind: str) -> None:
    path = tmp_path / "a.m4a"
    samples = sound(8000, 1, depth)
    wide = samples.T if depth == 24 else (samples.T >> 16).astype(np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("alac", rate=8000, layout="mono", format=kind)
        for start in range(0, 8000, 4000):
            chunk = np.ascontiguousarray(wide[:, start : start + 4000])
            frame = av.AudioFrame.from_ndarray(chunk, format=kind, layout="mono")
            frame.sample_rate = 8000
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert all_of(SoundFile(path, SystemClock(), fast=True))[0] == pcm_of(samples, depth)


@pytest.mark.parametrize(("suffix", "subtype"), [("ogg", "VORBIS"), ("mp3", "MPEG_LAYER_III")])
def test_lossy_files_come_out_as_16_bit(tmp_path: Path, suffix: str, subtype: str) -> None:
    path = tmp_path / f"a.{suffix}"
    tone = np.sin(np.arange(48_000) / 20).astype(np.float32) / 2
    soundfile.write(path, tone, 48_000, subtype=subtype)
    pcm, ended = all_of(SoundFile(path, SystemClock(), fast=True))
    assert len(pcm) == pytest.approx(96_000, rel=0.1)
    assert 0.45 < np.abs(np.frombuffer(pcm, "<i2")[5000:40_000]).max() / 32768 < 0.55
    assert ended.problem == ""


def video(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)


@pytest.mark.parametrize("kind", ["missing", "empty", "text", "video", "directory", "cut header"])
def test_what_is_no_sound_file_is_refused_with_a_sentence(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.mp4"
    match kind:
        case "empty":
            path.touch()
        case "text":
            path.write_text("this is no sound\n" * 100)
        case "video":
            video(path)
        case "directory":
            path.mkdir()
        case "cut header":
            buffer = io.BytesIO()
            soundfile.write(buffer, sound(100, 1, 16), 8000, format="WAV", subtype="PCM_16")
            path.write_bytes(buffer.getvalue()[:20])
        case _:
            pass
    with pytest.raises(SourceError) as caught:
        check_importable(path)
    assert caught.value.detail.endswith(".")


def test_a_file_that_breaks_off_is_recorded_until_there_and_said_so(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, sound(80_000, 1, 16), 8000, subtype="PCM_16")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    path.write_bytes(data)
    pcm, ended = all_of(SoundFile(path, SystemClock(), fast=True))
    assert pcm_of(sound(80_000, 1, 16), 16).startswith(pcm[:60_000])
    assert len(pcm) > 60_000
    assert ended.problem


@pytest.mark.parametrize(
    ("suffix", "subtype", "depth"),
    [("wav", "PCM_24", 24), ("flac", "PCM_16", 16), ("wav", "PCM_32", 32), ("wav", "FLOAT", 0)],
)
def test_an_import_keeps_every_byte(
    studio: Studio, tmp_path: Path, suffix: str, subtype: str, depth: int
) -> None:
    path = tmp_path / f"Møde med Åse.{suffix}"
    samples = sound(20_000, 2, depth or 24)
    soundfile.write(path, samples, 8000, subtype=subtype)
    with studio.plan() as entry:
        (part,) = take_in(entry, path, hash_file(path), studio.clock).parts
        assert file_of(entry, part) == path.read_bytes()
        assert (part.format.container, part.format.extension) == (Container.ORIGINAL, suffix)
        assert part.samples == 20_000
        if depth:
            assert part.format.depth == depth
            assert part.samples_sha256 == hashlib.sha256(pcm_of(samples, depth)).hexdigest()
            assert part.leaf_count == len(read_timeline(entry).leaves[0].stamps) == 3
        else:
            assert (part.format.depth, part.samples_sha256, part.leaf_root) == (0, None, None)


def test_an_import_cut_short_is_taken_in_again(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, sound(400_000, 1, 16), 8000, subtype="PCM_16")
    with studio.plan() as entry:
        take_in(entry, path, hash_file(path), studio.clock)
        log = entry.directory / "sound-1.00001"
    log.write_bytes(log.read_bytes()[:500_000])
    # The journal as it was before ``Recorded``: only the entry's first event is left.
    again = Studio(tmp_path / "again")
    with again.plan() as entry:
        entry.journal.append(Interrupted())
        writer = entry.sound_writer(0)
        writer.release()
        (part,) = take_in(entry, path, hash_file(path), again.clock).parts
        assert file_of(entry, part) == path.read_bytes()


def test_a_file_that_changes_while_it_is_imported_is_refused(
    studio: Studio, tmp_path: Path
) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, sound(20_000, 1, 16), 8000, subtype="PCM_16")

    def change(moment: Moment, operation: Operation) -> None:
        if operation.path.name.startswith("sound-") and operation.kind is Kind.SYNC:
            data = bytearray(path.read_bytes())
            data[-1] = (data[-1] + 1) % 256
            path.write_bytes(data)

    with studio.plan() as entry:
        watch(change)
        try:
            with pytest.raises(SourceError):
                take_in(entry, path, hash_file(path), studio.clock)
        finally:
            watch(None)
        assert entry.recording.recorded is None


def test_a_source_is_erased_only_if_it_is_what_was_archived(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"sound")
    with pytest.raises(SourceError):
        erase_source(path, Sha256Hex("0" * 64))
    assert path.read_bytes() == b"sound"
    link = tmp_path / "link.wav"
    link.symlink_to(path)
    right = Sha256Hex(hashlib.sha256(b"sound").hexdigest())
    with pytest.raises(SourceError):
        erase_source(link, right)
    erase_source(path, right)
    assert not path.exists()
