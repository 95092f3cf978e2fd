# SPDX-License-Identifier: EUPL-1.2
"""From blocks to a recorded entry, and back to the same samples."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest
from studio import Studio, file_of, form, noise, samples_of

from recorder.capture.content import read_timeline
from recorder.capture.recovery import close_interrupted
from recorder.capture.source import BrokenOff, SamplesLost
from recorder.capture.writer import RecordingWriter
from recorder.durable import Kind, Moment, Operation, watch
from recorder.errors import DamagedError, VaultFullError
from recorder.lifecycle.parts import GapCause, PartFormat
from recorder.lifecycle.states import State
from recorder.vault.segment import HEADER_BYTES, OVERHEAD


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "studio")


@pytest.mark.parametrize(
    "shape", [form(), form(48000, 2, 16), form(44100, 1, 24), form(96000, 2, 24)], ids=str
)
def test_samples_come_back_bit_for_bit(studio: Studio, shape: PartFormat, tmp_path: Path) -> None:
    pcm = noise(int(shape.rate * 2.7), shape)
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        studio.feed(writer, pcm, shape)
        recorded = writer.close()
        (part,) = recorded.parts
        assert samples_of(file_of(entry, part), part, tmp_path) == pcm
        assert entry.recording.state is State.RECORDED
        (leaves,) = read_timeline(entry).leaves
        assert len(leaves.stamps) == part.leaf_count == 3
        assert [round(s.monotonic_ns / 1e9, 3) for s in leaves.stamps] == [1.0, 2.0, 2.7]


def test_gaps_and_markers_stand_where_they_happened(studio: Studio) -> None:
    shape = form()
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        writer.mark("before the first sound", studio.clock.now())
        studio.feed(writer, noise(8000, shape), shape)
        studio.clock.seconds += 0.1  # sound that is never delivered, then the key
        writer.pause(studio.clock.now())
        assert entry.recording.state is State.PAUSED
        studio.clock.seconds += 9.9
        writer.resume()
        studio.feed(writer, noise(4000, shape), shape)
        writer.mark("here", studio.clock.now())
        writer.break_off(BrokenOff(GapCause.DEVICE_LOST, studio.clock.now(), "mic"))
        studio.clock.seconds += 3
        studio.feed(writer, noise(4000, shape), shape)
        writer.lose(SamplesLost(0.5, studio.clock.now(), 800))
        recorded = writer.close()
        timeline = read_timeline(entry)
    assert [(g.cause, g.at_sample, round(g.seconds, 6)) for g in timeline.gaps] == [
        (GapCause.PAUSE, 8000, 10.0),
        (GapCause.DEVICE_LOST, 12000, 3.0),
        (GapCause.SAMPLES_LOST, 15200, 0.5),
    ]
    assert all(gap.proven for gap in timeline.gaps)
    assert [(m.text, m.at_sample) for m in timeline.markers] == [
        ("before the first sound", 0),
        ("here", 12000),
    ]
    assert (recorded.gaps, recorded.markers, len(recorded.parts)) == (3, 2, 1)
    assert recorded.gap_seconds == pytest.approx(13.5)


def test_another_format_begins_another_part(studio: Studio, tmp_path: Path) -> None:
    first, second = form(8000), form(16000, 2, 24)
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        studio.feed(writer, noise(9000, first), first)
        writer.break_off(BrokenOff(GapCause.DEVICE_LOST, studio.clock.now(), "mic"))
        studio.clock.seconds += 1
        studio.feed(writer, noise(9000, second), second)
        parts = writer.close().parts
        assert [part.number for part in parts] == [1, 2]
        for part, shape in zip(parts, (first, second), strict=True):
            assert samples_of(file_of(entry, part), part, tmp_path) == noise(9000, shape)
        (gap,) = read_timeline(entry).gaps
        assert (gap.part, gap.at_sample) == (2, 0)


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_less_than_a_second_is_missing_whenever_the_process_dies(studio: Studio, rate: int) -> None:
    shape = form(rate)
    pcm = noise(rate * 3, shape)
    worst = 0.0
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        step = rate // 20 * 2
        for number, start in enumerate(range(0, len(pcm), step)):
            studio.feed(writer, pcm[start : start + step], shape)
            if number % 7:
                continue
            copy = studio.clone(f"copy-{number}")
            with copy.open() as found:
                recorded = close_interrupted(found, copy.clock)
            kept = sum(part.samples for part in recorded.parts) / rate
            worst = max(worst, (number + 1) / 20 - kept)
            assert not recorded.damaged
    assert 0 < worst <= 0.4 + 0.15 + 0.05


def cut_points(path: Path) -> list[int]:
    """Lengths at which a segment file ends at or within a record."""
    data, ends, position = path.read_bytes(), [HEADER_BYTES], HEADER_BYTES
    while position < len(data):
        position += OVERHEAD + int.from_bytes(data[position : position + 4])
        ends.append(position)
    return sorted({p for end in ends for p in (end, end + 3, end + 30) if p <= len(data)})


def test_a_log_cut_anywhere_is_closed_at_its_last_whole_record(
    studio: Studio, tmp_path: Path
) -> None:
    shape = form(8000)
    pcm = noise(16_000, shape)
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        studio.feed(writer, pcm[:8000], shape)
        writer.pause(studio.clock.now())
        writer.resume()
        studio.feed(writer, pcm[8000:], shape)
        log = entry.directory / "sound-1.00001"
        kept = []
        whole = studio.clone("whole")
        writer.close_parts()
        closed = studio.clone("closed")
        for source in (whole, closed):
            for length in cut_points(source.vault.directory / entry.id / log.name):
                copy = source.clone(f"{source.directory.name}-{length}")
                path = copy.vault.directory / entry.id / log.name
                path.write_bytes(path.read_bytes()[:length])
                with copy.open() as found:
                    recorded = close_interrupted(found, copy.clock)
                    assert recorded.recovered
                    assert not recorded.damaged
                    got = b""
                    for part in recorded.parts:
                        got = samples_of(file_of(found, part), part, tmp_path)
                        leaves = read_timeline(found).leaves[0].stamps
                        assert len(leaves) == part.leaf_count
                    assert pcm.startswith(got)
                    kept.append(len(got))
    assert kept[0] == 0
    assert kept[-1] == len(pcm)


class _CrashError(BaseException):
    """Stands for a killed process: no code catches it."""


def test_recovery_may_be_cut_short_at_any_operation(studio: Studio, tmp_path: Path) -> None:
    shape = form()
    pcm = noise(20_000, shape)
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        studio.feed(writer, pcm, shape)
        base = studio.clone("base")
    with base.clone("reference").open() as found:
        wanted = close_interrupted(found, base.clock)
    for stop_at in range(1, 200):
        copy = base.clone(f"stop-{stop_at}")
        left = stop_at

        def crash(moment: Moment, operation: Operation) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise _CrashError

        entry = copy.open()
        watch(crash)
        try:
            close_interrupted(entry, copy.clock)
        except _CrashError:
            pass
        else:
            break
        finally:
            watch(None)
            entry.close()
        with copy.open() as found:
            done = found.recording.recorded or close_interrupted(found, copy.clock)
            assert [p.samples_sha256 for p in done.parts] == [
                p.samples_sha256 for p in wanted.parts
            ]
            assert [p.leaf_root for p in done.parts] == [p.leaf_root for p in wanted.parts]
            assert not done.damaged
            assert samples_of(file_of(found, done.parts[0]), done.parts[0], tmp_path)
    else:
        pytest.fail("recovery never came to its end")
    assert stop_at > 10


def refuse_from(number: int, reserve: Path) -> Callable[[Moment, Operation], None]:
    """Let the disk be full from a write of the sound log on, until the reserve is given up."""
    count = 0

    def fill(moment: Moment, operation: Operation) -> None:
        nonlocal count
        is_sound = operation.path.name.startswith("sound-")
        if moment is Moment.BEFORE and operation.kind is Kind.WRITE and is_sound:
            count += 1
            if count >= number and reserve.exists():
                raise OSError(errno.ENOSPC, "No space left on device")

    return fill


@pytest.mark.parametrize("number", range(3, 12))
def test_a_full_disk_ends_the_recording_with_what_it_holds(
    studio: Studio, tmp_path: Path, number: int
) -> None:
    shape = form()
    pcm = noise(40_000, shape)
    with studio.plan() as entry:
        watch(refuse_from(number, entry.directory / "reserve"))
        try:
            writer = RecordingWriter(entry, studio.clock)
            with pytest.raises(VaultFullError):
                studio.feed(writer, pcm, shape)
            (part,) = writer.close().parts
        finally:
            watch(None)
        assert pcm.startswith(samples_of(file_of(entry, part), part, tmp_path))
        assert part.samples == round(writer.seconds * shape.rate)


def test_nothing_is_lost_where_even_the_end_finds_no_room(studio: Studio) -> None:
    shape = form()
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        studio.feed(writer, noise(8000, shape), shape)

        def fill(moment: Moment, operation: Operation) -> None:
            if moment is Moment.BEFORE and operation.kind in {Kind.WRITE, Kind.CREATE}:
                raise OSError(errno.ENOSPC, "No space left on device")

        watch(fill)
        try:
            with pytest.raises(VaultFullError):
                studio.feed(writer, noise(8000, shape), shape)
            with pytest.raises(VaultFullError):
                writer.close()
        finally:
            watch(None)
    with studio.open() as entry:
        (part,) = close_interrupted(entry, studio.clock).parts
    assert part.samples >= 8000 - 0.55 * 8000


def test_changed_bytes_behind_much_stored_sound_are_damage_and_stay_known(
    studio: Studio,
) -> None:
    shape = form(48000, 2)
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        studio.feed(writer, noise(48_000 * 12, shape), shape)
        log = entry.directory / "sound-1.00001"
    data = bytearray(log.read_bytes())
    assert len(data) > 1_300_000
    data[100_000] ^= 1
    log.write_bytes(data)
    is_appended = False

    def crash_before_recorded(moment: Moment, operation: Operation) -> None:
        nonlocal is_appended
        is_appended |= operation.path.name.startswith("sound-") and operation.kind is Kind.SYNC
        if is_appended and operation.path.name.startswith("journal") and operation.data:
            raise _CrashError

    entry = studio.open()
    watch(crash_before_recorded)
    try:
        with pytest.raises(_CrashError):
            close_interrupted(entry, studio.clock)
    finally:
        watch(None)
        entry.close()
    with studio.open() as entry:
        recorded = close_interrupted(entry, studio.clock)
        assert recorded.damaged
        assert recorded.parts[0].samples > 0
        assert GapCause.DAMAGED in {gap.cause for gap in read_timeline(entry).gaps}


def test_a_log_that_lost_its_end_after_recording_is_refused(studio: Studio) -> None:
    shape = form()
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        studio.feed(writer, noise(8000, shape), shape)
        (part,) = writer.close().parts
        log = entry.directory / "sound-1.00001"
        log.write_bytes(log.read_bytes()[:3000])
        with pytest.raises(DamagedError):
            file_of(entry, part)
        with pytest.raises(DamagedError):
            read_timeline(entry)


def test_an_entry_without_sound_is_closed_without_parts(studio: Studio) -> None:
    with studio.plan() as entry:
        recorded = close_interrupted(entry, studio.clock)
    assert recorded.parts == ()
    assert not recorded.damaged
