# SPDX-License-Identifier: EUPL-1.2
"""Going on behind what another process left, and what no crash explains."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from studio import Studio, file_of, form, noise, samples_of

from recorder.capture.content import read_timeline
from recorder.capture.flac import FlacEncoder
from recorder.capture.recovery import close_interrupted, conclude
from recorder.capture.sound_log import encode_audio, encode_part
from recorder.capture.survey import survey
from recorder.capture.takeover import take_up
from recorder.capture.writer import RecordingWriter
from recorder.durable import Kind, Moment, Operation, watch
from recorder.errors import DamagedError
from recorder.lifecycle.events import Interrupted, Recorded
from recorder.lifecycle.parts import GapCause
from recorder.lifecycle.states import State
from recorder.vault.entry import Entry
from recorder.vault.log import LogEnd
from recorder.vault.segment import RecordType

pytestmark = pytest.mark.slow  # whole processes, or every operation of a store

SHAPE = form()


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "studio")


def go_on(entry: Entry, studio: Studio, pcm: bytes) -> Recorded:
    """Do what the capture process does on ``continue``."""
    entry.journal.append(Interrupted())
    beginning = take_up(survey(entry.sound_reader()), GapCause.CONTINUED, studio.clock.now())
    writer = RecordingWriter(entry, studio.clock, beginning)
    studio.feed(writer, pcm, SHAPE)
    writer.close_parts()
    writer.release()
    return conclude(entry, studio.clock)


@pytest.mark.parametrize("end", ["dead", "part closed", "log closed", "empty part"])
def test_a_second_process_adds_a_part_behind_whatever_the_first_left(
    studio: Studio, tmp_path: Path, end: str
) -> None:
    first, second = noise(20_000, SHAPE, 1), noise(10_000, SHAPE, 2)
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        studio.feed(writer, first, SHAPE)
        match end:
            case "part closed":
                writer.close_parts()
            case "log closed":
                writer.close_parts()
                writer._store.append(RecordType.CLOSE, b"")
                writer._store.sync()
            case "empty part":
                writer.close_parts()
                began = survey(entry.sound_reader()).parts[0].began
                log = entry.sound_writer(writer._store.next_sequence)
                fields = {f: getattr(began, f) for f in began.__struct_fields__}
                log.append(RecordType.PART, encode_part(type(began)(**{**fields, "part": 2})))
                log.sync()
                log.release()
            case _:
                pass
        writer.release()
    studio.clock.seconds += 30
    with studio.open() as entry:
        recorded = go_on(entry, studio, second)
        assert [part.number for part in recorded.parts] == [1, 2]
        assert (recorded.recovered, recorded.damaged) == (True, False)
        samples = [samples_of(file_of(entry, p), p, tmp_path) for p in recorded.parts]
        assert first.startswith(samples[0])
        assert samples[1] == second
        (gap,) = read_timeline(entry).gaps
        assert (gap.cause, gap.part, gap.at_sample) == (GapCause.CONTINUED, 2, 0)
        lost = (20_000 - recorded.parts[0].samples) / 8000
        assert gap.seconds == pytest.approx(30 + lost, abs=0.06)
        assert gap.proven
        reader = entry.sound_reader()
        assert sum(1 for _ in reader) + 1 == recorded.sound_records
        assert reader.end is LogEnd.CLOSED


def test_a_gap_across_a_restart_of_the_computer_is_not_proven(studio: Studio) -> None:
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        studio.feed(writer, noise(20_000, SHAPE), SHAPE)
        writer.release()
    studio.clock.seconds += 600
    studio.clock.boot = "boot-2"
    with studio.open() as entry:
        go_on(entry, studio, noise(8000, SHAPE))
        (gap,) = read_timeline(entry).gaps
    assert not gap.proven
    assert gap.seconds == pytest.approx(600.5, abs=0.6)


def test_a_log_that_was_closed_before_the_crash_only_needs_the_journal(studio: Studio) -> None:
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        studio.feed(writer, noise(9000, SHAPE), SHAPE)
        writer.close_parts()
        writer._store.append(RecordType.CLOSE, b"")
        writer._store.sync()
        writer.release()
        files = sorted(path.name for path in entry.directory.glob("sound-*"))
    with studio.open() as entry:
        recorded = close_interrupted(entry, studio.clock)
        assert recorded.parts[0].samples == 9000
        assert sorted(path.name for path in entry.directory.glob("sound-*")) == files


def test_a_stored_frame_that_is_not_whole_is_cut_off_and_called_damage(
    studio: Studio, tmp_path: Path
) -> None:
    pcm = noise(20_000, SHAPE)
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        studio.feed(writer, pcm, SHAPE)
        stored = survey(entry.sound_reader()).parts[0].content_bytes
        twin = FlacEncoder(SHAPE)
        twin.write(pcm + noise(5000, SHAPE, 9))
        more = twin.drain()[stored:-20]  # some whole frames, and one that is not
        writer._store.append(RecordType.AUDIO, encode_audio(1, more))
        writer._store.sync()
        writer.release()
    with studio.open() as entry:
        recorded = close_interrupted(entry, studio.clock)
        assert recorded.damaged
        (part,) = recorded.parts
        assert stored < part.content_bytes < stored + len(more)
        samples = samples_of(file_of(entry, part), part, tmp_path)
        assert (pcm + noise(5000, SHAPE, 9)).startswith(samples)
        assert GapCause.DAMAGED in {gap.cause for gap in read_timeline(entry).gaps}


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (RecordType.AUDIO, b"\0"),
        (RecordType.AUDIO, encode_audio(7, b"x")),
        (RecordType.PART, b"{}"),
        (RecordType.EVENT, b"[]"),
        (RecordType.DIGEST, bytes(9)),
        (RecordType.HEADER, b"null"),
        (RecordType.CONTENT, b""),
    ],
)
def test_a_genuine_record_that_is_not_what_the_format_says_is_damage(
    studio: Studio, kind: RecordType, payload: bytes
) -> None:
    with studio.plan() as entry:
        log = entry.sound_writer(0)
        log.append(kind, payload)
        log.sync()
        with pytest.raises(DamagedError):
            survey(entry.sound_reader())


def test_a_store_that_fails_twice_and_then_works_loses_nothing(
    studio: Studio, tmp_path: Path
) -> None:
    pcm = noise(30_000, SHAPE)
    refusals = 0

    def refuse(moment: Moment, operation: Operation) -> None:
        nonlocal refusals
        is_due = refusals < 2 and operation.path.name.startswith("sound-")
        if moment is Moment.BEFORE and is_due and operation.kind in {Kind.SYNC, Kind.CREATE}:
            refusals += 1
            raise OSError(errno.EIO, "Input/output error")

    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        studio.feed(writer, pcm[:20_000], SHAPE)
        watch(refuse)
        try:
            studio.feed(writer, pcm[20_000:25_600], SHAPE)  # as much as is stored once
        finally:
            watch(None)
        log = writer._store._log
        assert log.synced_sequence == log.next_sequence
        studio.feed(writer, pcm[25_600:], SHAPE)
        (part,) = writer.close().parts
        assert refusals == 2
        assert samples_of(file_of(entry, part), part, tmp_path) == pcm
        assert entry.recording.state is State.RECORDED
