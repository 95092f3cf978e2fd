# SPDX-License-Identifier: EUPL-1.2
"""What the capture process does with what another one left, and with a source that is not there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from capture_desk import MEETING, Desk
from studio import RECORDING, form, noise

from recorder.capture.content import read_timeline
from recorder.capture.outbox import Outbox
from recorder.capture.process import _Capture
from recorder.capture.protocol import (
    Busy,
    CaptureEvent,
    Continue,
    DeviceLost,
    Failed,
    RecordingEnded,
    Start,
    encode_line,
    read_event,
)
from recorder.capture.source import Arrival, Block, BrokenOff, Ended, Source, earlier
from recorder.capture.writer import RecordingWriter
from recorder.clock import SystemClock
from recorder.errors import DeviceError
from recorder.lifecycle.events import Interrupted, Planned
from recorder.lifecycle.parts import GapCause
from recorder.lifecycle.states import State
from recorder.vault.choice import open_key_store
from recorder.vault.vault import Vault

SHAPE = form()
FRAMES = 1600
LEFT = 16_000 // 1152 * 1152
"""What is left of ten blocks: the encoder gives whole frames."""


def block(seed: int = 1) -> Block:
    return Block(noise(FRAMES, SHAPE, seed), FRAMES, SystemClock().now(), SHAPE, "mic")


class Plug:
    """A microphone that may not be there when it is started."""

    def __init__(self, *arrivals: Arrival, is_there: bool = True, opens_after: float = 0) -> None:
        self.arrivals = iter(arrivals)
        self.is_there = is_there
        self.opens_after = opens_after
        self.is_closed = False

    def start(self) -> None:
        time.sleep(self.opens_after)
        if not self.is_there:
            raise DeviceError

    def read(self, timeout: float) -> Arrival | None:
        del timeout
        return next(self.arrivals, Ended())

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def finish(self) -> None: ...

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def vault_of(desk: Desk) -> Vault:
    return Vault(desk.directory / "vault", open_key_store(desk.keys), SystemClock())


def leave_behind(desk: Desk, blocks: int) -> None:
    """Leave what a process leaves that died while it recorded."""
    clock = SystemClock()
    with vault_of(desk).create(RECORDING) as entry:
        meeting = msgspec.Raw(msgspec.json.encode(MEETING))
        entry.journal.append(Planned(meeting, "consent", "1", "test"))
        writer = RecordingWriter(entry, clock)
        for number in range(blocks):
            heard = earlier(clock.now(), 0.2 * (blocks - number))
            writer.write(replace(block(number), at=heard))
        if blocks:
            writer.store()
        writer.release()


def go_on(desk: Desk, cause: GapCause) -> Continue:
    first = desk.start()
    return Continue(first.id, first.source, first.vault, first.keys, cause=cause, language="en")


def run(desk: Desk, first: Start | Continue, source: Source) -> list[CaptureEvent]:
    """Run the process's own code here, with a source of the test."""
    is_done = threading.Event()

    def lines() -> Iterator[bytes]:
        yield encode_line(first)
        is_done.wait()

    said = desk.directory / "said"
    with said.open("wb", buffering=0) as out:
        outbox = Outbox(out.fileno())
        _Capture(outbox, SystemClock(), lambda *_unused: source).run(lines())
        is_done.set()
        outbox.close()
    return [read_event(line) for line in said.read_bytes().splitlines()]


def content(desk: Desk) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in (desk.directory / "vault" / RECORDING).iterdir()
    }


def test_a_microphone_that_is_unplugged_when_the_process_is_replaced_is_waited_for(
    desk: Desk,
) -> None:
    leave_behind(desk, 10)
    gone = BrokenOff(GapCause.DEVICE_LOST, SystemClock().now(), "mic")
    source = Plug(gone, block(70), block(71), is_there=False)
    events = run(desk, go_on(desk, GapCause.PROCESS_REPLACED), source)
    assert DeviceLost in [type(event) for event in events]
    ended = events[-1]
    assert isinstance(ended, RecordingEnded)
    assert [part.samples for part in ended.parts] == [LEFT, 3200]
    with desk.open() as entry:
        (gap,) = read_timeline(entry).gaps  # one: the loss lies within the replacement
    assert (gap.cause, gap.part) == (GapCause.PROCESS_REPLACED, 2)


def test_a_microphone_that_never_comes_back_leaves_a_gap_at_the_end(desk: Desk) -> None:
    leave_behind(desk, 10)
    gone = BrokenOff(GapCause.DEVICE_LOST, SystemClock().now(), "mic")
    events = run(desk, go_on(desk, GapCause.PROCESS_REPLACED), Plug(gone, is_there=False))
    ended = events[-1]
    assert isinstance(ended, RecordingEnded)
    assert ended.gaps == 1
    with desk.open() as entry:
        (gap,) = read_timeline(entry).gaps
    assert (gap.cause, gap.part, gap.at_sample) == (GapCause.PROCESS_REPLACED, 1, LEFT)
    assert gap.seconds > 0


@pytest.mark.parametrize("is_noted", [False, True], ids=["found dead", "known to be dead"])
def test_going_on_without_a_microphone_changes_nothing(desk: Desk, *, is_noted: bool) -> None:
    leave_behind(desk, 10)
    again = go_on(desk, GapCause.CONTINUED)
    if is_noted:
        with desk.open() as entry:
            entry.journal.append(Interrupted())
    before = content(desk)
    source = Plug(is_there=False)
    *_, failed = run(desk, again, source)
    assert isinstance(failed, Failed)
    assert (failed.exit_code, failed.took_sound) == (6, False)
    assert not failed.is_nothing_captured
    assert source.is_closed
    assert content(desk) == before
    *_, ended = run(desk, again, Plug(block(70), block(71)))
    assert isinstance(ended, RecordingEnded)
    assert len(ended.parts) == 2


def test_an_error_behind_the_first_sound_says_that_sound_was_taken(desk: Desk) -> None:
    class Broken(Plug):
        def read(self, timeout: float) -> Arrival | None:
            arrival = super().read(timeout)
            if isinstance(arrival, Ended):
                raise ZeroDivisionError
            return arrival

    leave_behind(desk, 10)
    *_, failed = run(desk, go_on(desk, GapCause.CONTINUED), Broken(block()))
    assert isinstance(failed, Failed)
    assert failed.took_sound


def test_a_source_that_breaks_off_after_going_on_leaves_a_gap(desk: Desk) -> None:
    leave_behind(desk, 10)
    source = Plug(block(70), block(71), Ended("It is broken."))
    *_, ended = run(desk, go_on(desk, GapCause.CONTINUED), source)
    assert isinstance(ended, RecordingEnded)
    assert ended.problem == "It is broken."
    with desk.open() as entry:
        assert entry.recording.recorded is not None
        assert entry.recording.recorded.ended_early == "source broke off"
        gaps = [(gap.cause, gap.at_sample) for gap in read_timeline(entry).gaps]
    assert sorted(gaps, key=str) == [(GapCause.CONTINUED, 0), (GapCause.SOURCE_BROKE_OFF, 3200)]


def _folder_alone(desk: Desk) -> None:
    entry = vault_of(desk).create(RECORDING)
    entry.close()
    (entry.directory / "record.slot").unlink()


@pytest.mark.parametrize(
    "leave", [_folder_alone, lambda desk: leave_behind(desk, 0)], ids=["no journal", "no sound"]
)
def test_a_second_start_clears_what_the_first_left(
    desk: Desk, leave: Callable[[Desk], None]
) -> None:
    leave(desk)
    *_, ended = run(desk, desk.start(), Plug(block(1), block(2)))
    assert isinstance(ended, RecordingEnded)
    assert ([part.samples for part in ended.parts], ended.gaps) == ([3200], 0)


def test_a_second_start_goes_on_behind_sound_that_the_first_stored(desk: Desk) -> None:
    leave_behind(desk, 10)
    *_, ended = run(desk, desk.start(), Plug(block(70), block(71)))
    assert isinstance(ended, RecordingEnded)
    assert [part.samples for part in ended.parts] == [LEFT, 3200]
    assert ended.gaps == 1


def test_a_start_never_touches_a_recording_that_has_ended(desk: Desk) -> None:
    run(desk, desk.start(), Plug(block(1), block(2)))
    before = content(desk)
    source = Plug(block(3))
    *_, failed = run(desk, desk.start(), source)
    assert isinstance(failed, Failed)
    assert failed.exit_code == 15
    assert content(desk) == before
    with desk.open() as entry:
        assert entry.recording.state is State.RECORDED


@pytest.mark.parametrize("is_first", [True, False], ids=["start", "continue"])
def test_a_slow_beginning_gives_signs_of_life(desk: Desk, *, is_first: bool) -> None:
    if not is_first:
        leave_behind(desk, 10)
    first = desk.start() if is_first else go_on(desk, GapCause.CONTINUED)
    events = run(desk, first, Plug(block(), opens_after=1.3))
    assert isinstance(events[0], Busy)
    assert isinstance(events[-1], RecordingEnded)


def test_an_error_of_the_program_while_it_begins_leaves_nothing(desk: Desk) -> None:
    class Defect(Plug):
        def start(self) -> None:
            raise ZeroDivisionError

    (failed,) = run(desk, desk.start(), Defect())
    assert isinstance(failed, Failed)
    assert (failed.exit_code, failed.is_nothing_captured) == (1, True)
    assert not (desk.directory / "vault" / RECORDING).exists()
