# SPDX-License-Identifier: EUPL-1.2
"""A run of recording with a source and a parent that the test plays."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from studio import Studio, file_of, form, noise, samples_of

from recorder.capture.content import read_timeline
from recorder.capture.protocol import (
    CaptureEvent,
    DeviceBack,
    DeviceLost,
    GapNoted,
    PartStarted,
    Resume,
    SetMarker,
    Stop,
    StoreFailed,
)
from recorder.capture.session import CaptureSession, Commands
from recorder.capture.source import Arrival, Block, BrokenOff, Ended
from recorder.capture.writer import RecordingWriter
from recorder.durable import Kind, Moment, Operation, watch
from recorder.lifecycle.parts import GapCause, PartFormat

SHAPE = form()


class Script:
    """A source that gives what the test wrote down; ``None`` lets time pass."""

    def __init__(self, studio: Studio, arrivals: list[Arrival | float]) -> None:
        self.studio = studio
        self.arrivals: Iterator[Arrival | float] = iter(arrivals)
        self.is_closed = False
        self.is_finishing = False
        self.queued: list[Arrival] = []

    def start(self) -> None: ...

    def read(self, timeout: float) -> Arrival | None:
        if self.is_finishing:
            return self.queued.pop(0) if self.queued else Ended()
        item = next(self.arrivals, Ended())
        if isinstance(item, float):
            self.studio.clock.seconds += item
            return None
        return item

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def finish(self) -> None:
        self.is_finishing = True

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "studio")


def blocks(studio: Studio, count: int, shape: PartFormat = SHAPE, seed: int = 1) -> list[Block]:
    """Blocks of 0.2 s, each a moment later than the one before."""
    result = []
    frames = shape.rate // 5
    pcm = noise(frames * count, shape, seed)
    size = len(pcm) // count
    start = studio.clock.seconds
    for index in range(count):
        studio.clock.seconds += 0.2
        part = pcm[index * size : (index + 1) * size]
        result.append(Block(part, frames, studio.clock.now(), shape, "mic"))
    studio.clock.seconds = start
    return result


def play(
    studio: Studio, writer: RecordingWriter, source: Script, commands: Commands
) -> tuple[CaptureSession, list[CaptureEvent]]:
    events: list[CaptureEvent] = []
    session = CaptureSession(
        source, writer, studio.clock, commands=commands, emit=events.append, vault=studio.directory
    )
    session.run()
    assert source.is_closed
    return session, events


def test_a_lost_device_is_told_and_becomes_a_gap(studio: Studio) -> None:
    first = blocks(studio, 5)
    lost = BrokenOff(GapCause.DEVICE_LOST, first[-1].at, "mic")
    studio.clock.seconds += 4
    second = blocks(studio, 5, seed=2)
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        source = Script(studio, [*first, lost, 0.5, *second])
        _, events = play(studio, writer, source, Commands())
        recorded = writer.close()
        (gap,) = read_timeline(entry).gaps
    kinds = [type(event) for event in events]
    order = (PartStarted, DeviceLost, DeviceBack, GapNoted)
    assert [kind for kind in kinds if kind in order] == list(order)
    assert (gap.at_sample, round(gap.seconds, 6), gap.detail) == (8000, 3.0, "mic")
    assert recorded.parts[0].samples == 16_000


def test_commands_that_make_no_sense_now_change_nothing(studio: Studio) -> None:
    commands = Commands()
    for command in (Resume(), Resume(), SetMarker("\u202eboo\n"), Stop()):
        commands.put(command)
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        play(studio, writer, Script(studio, [*blocks(studio, 20)]), commands)
        writer.close()
        (marker,) = read_timeline(entry).markers
    assert marker.text == "\N{REPLACEMENT CHARACTER}boo\N{REPLACEMENT CHARACTER}"


def test_what_was_queued_when_the_disk_became_full_is_still_stored(
    studio: Studio, tmp_path: Path
) -> None:
    given = blocks(studio, 12)
    with studio.plan() as entry:
        reserve = entry.directory / "reserve"
        writer = RecordingWriter(entry, studio.clock)
        source = Script(studio, [*given[:10]])
        source.queued = [*given[4:12]]
        written = 0

        def fill(moment: Moment, operation: Operation) -> None:
            nonlocal written
            is_sound = operation.path.name.startswith("sound-")
            if moment is Moment.BEFORE and operation.kind is Kind.WRITE and is_sound:
                written += 1
                if written > 3 and reserve.exists():
                    raise OSError(errno.ENOSPC, "No space left on device")

        watch(fill)
        try:
            session, events = play(studio, writer, source, Commands())
            recorded = writer.close(session.ended_early)
        finally:
            watch(None)
        (part,) = recorded.parts
        assert (recorded.gaps, recorded.ended_early) == (1, "store failed")
        (gap,) = read_timeline(entry).gaps
        assert (gap.cause, gap.at_sample) == (GapCause.STORE_FAILED, part.samples)
        assert [type(e) for e in events].count(StoreFailed) == 1
        assert session.problem
        samples = samples_of(file_of(entry, part), part, tmp_path)
        assert samples.endswith(b"".join(block.pcm for block in given[4:12]))


def test_a_source_that_breaks_off_says_why(studio: Studio) -> None:
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        given = blocks(studio, 3)
        source = Script(studio, [*given, 9.0, Ended("The sound file is broken.")])
        session, _ = play(studio, writer, source, Commands())
        assert session.problem == "The sound file is broken."
        recorded = writer.close(session.ended_early)
        (gap,) = read_timeline(entry).gaps
    assert recorded.parts[0].samples == 4800
    assert (recorded.gaps, recorded.ended_early) == (1, "source broke off")
    assert (gap.cause, gap.at_sample) == (GapCause.SOURCE_BROKE_OFF, 4800)
    assert (gap.began, gap.ended) == (given[-1].at, studio.clock.now())
    assert not gap.proven


def test_a_recording_that_ends_as_wanted_has_no_gap_at_its_end(studio: Studio) -> None:
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        session, _ = play(studio, writer, Script(studio, [*blocks(studio, 3)]), Commands())
        recorded = writer.close(session.ended_early)
        assert (recorded.gaps, recorded.ended_early) == (0, "")


def test_a_store_that_fails_before_the_lost_microphone_is_back_is_told_too(studio: Studio) -> None:
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        given = blocks(studio, 3)
        for block in given:
            writer.write(block)
        writer.break_off(BrokenOff(GapCause.DEVICE_LOST, given[-1].at, "mic"))
        studio.clock.seconds += 4
        writer.end_early(GapCause.STORE_FAILED, studio.clock.now())
        writer.close("store failed")
        causes = [(gap.cause, gap.seconds > 0) for gap in read_timeline(entry).gaps]
    assert causes == [(GapCause.DEVICE_LOST, True), (GapCause.STORE_FAILED, False)]
