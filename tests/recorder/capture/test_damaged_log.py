# SPDX-License-Identifier: EUPL-1.2
"""Going on behind damage: the damage stays known, and nothing that was stored is removed."""

from __future__ import annotations

from pathlib import Path

import pytest
from studio import Studio, file_of, form, noise, samples_of

from recorder.capture.content import read_timeline
from recorder.capture.recovery import close_interrupted, conclude
from recorder.capture.sound_log import encode_event
from recorder.capture.survey import survey
from recorder.capture.takeover import take_up
from recorder.capture.writer import Beginning, RecordingWriter
from recorder.lifecycle.events import Interrupted
from recorder.lifecycle.parts import GapCause, Marker
from recorder.vault.entry import Entry
from recorder.vault.log import LogEnd
from recorder.vault.segment import RecordType

SHAPE = form()
CAUSES = [GapCause.CONTINUED, GapCause.PROCESS_REPLACED]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "studio")


def take_over(entry: Entry, studio: Studio, cause: GapCause) -> RecordingWriter:
    """Do what the capture process does when it goes on."""
    if not entry.recording.recorded:
        entry.journal.append(Interrupted())
    found = survey(entry.sound_reader())
    return RecordingWriter(entry, studio.clock, take_up(found, cause, studio.clock.now()))


def leave_a_hole(studio: Studio) -> dict[Path, bytes]:
    """Record in two processes, then change one byte in the middle of what the first stored."""
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        studio.feed(writer, noise(20_000, SHAPE), SHAPE)
        writer.release()
        writer = take_over(entry, studio, GapCause.CONTINUED)
        studio.feed(writer, noise(20_000, SHAPE, 2), SHAPE)
        writer.release()
        first, *_ = files = sorted(entry.directory.glob("sound-*"))
        content = bytearray(first.read_bytes())
        content[len(content) * 2 // 3] ^= 1
        first.write_bytes(content)
        assert list(entry.sound_reader())
        assert survey(entry.sound_reader()).end is LogEnd.DAMAGED
        return {path: path.read_bytes() for path in files}


@pytest.mark.parametrize("cause", CAUSES)
def test_going_on_behind_damage_notes_it_and_removes_nothing(
    studio: Studio, tmp_path: Path, cause: GapCause
) -> None:
    stored = leave_a_hole(studio)
    third = noise(10_000, SHAPE, 3)
    with studio.open() as entry:
        writer = take_over(entry, studio, cause)
        studio.feed(writer, third, SHAPE)
        writer.close_parts()
        writer.release()
        recorded = conclude(entry, studio.clock)
        assert recorded.damaged
        assert samples_of(file_of(entry, recorded.parts[-1]), recorded.parts[-1], tmp_path) == third
        gaps = {gap.cause: gap for gap in read_timeline(entry).gaps}
    assert set(gaps) == {GapCause.DAMAGED, cause}
    first = recorded.parts[0]
    assert (gaps[GapCause.DAMAGED].part, gaps[GapCause.DAMAGED].at_sample) == (1, first.samples)
    assert {path: path.read_bytes() for path in stored} == stored


@pytest.mark.parametrize("cause", CAUSES)
def test_damage_is_known_even_if_the_next_process_dies_at_once(
    studio: Studio, cause: GapCause
) -> None:
    leave_a_hole(studio)
    with studio.open() as entry:
        writer = take_over(entry, studio, cause)
        assert writer._store._log.synced_sequence == writer._store.next_sequence  # no power cut
        writer.release()
    with studio.open() as entry:
        assert survey(entry.sound_reader()).end is not LogEnd.DAMAGED  # it is hidden from now on
        assert close_interrupted(entry, studio.clock).damaged


def test_what_is_taken_behind_a_segment_that_follows_the_closing_record_can_be_read(
    studio: Studio, tmp_path: Path
) -> None:
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        studio.feed(writer, noise(20_000, SHAPE), SHAPE)
        writer.close_parts()
        writer._store.append(RecordType.CLOSE, b"")
        writer._store.sync()
        writer.release()
        strange = entry.sound_writer(writer._store.next_sequence)
        strange.append(RecordType.EVENT, encode_event(Marker(1, 0, studio.clock.now())))
        strange.sync()
        strange.release()
        assert survey(entry.sound_reader()).end is LogEnd.DAMAGED
    more = noise(10_000, SHAPE, 2)
    with studio.open() as entry:
        writer = take_over(entry, studio, GapCause.CONTINUED)
        studio.feed(writer, more, SHAPE)
        writer.close_parts()
        writer.release()
        recorded = conclude(entry, studio.clock)
        assert recorded.damaged
        _, part = recorded.parts
        assert samples_of(file_of(entry, part), part, tmp_path) == more


def test_an_undamaged_log_is_taken_up_without_a_word_of_damage(studio: Studio) -> None:
    with studio.plan() as entry:
        writer = RecordingWriter(entry, studio.clock)
        studio.feed(writer, noise(20_000, SHAPE), SHAPE)
        writer.release()
        found = survey(entry.sound_reader())
    start = take_up(found, GapCause.CONTINUED, studio.clock.now())
    assert start == Beginning(found.append_at, 2, GapCause.CONTINUED, None)
