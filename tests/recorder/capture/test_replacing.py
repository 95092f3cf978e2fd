# SPDX-License-Identifier: EUPL-1.2
"""When the supervisor begins another process, and what it tells that one first."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from capture_desk import Desk, rest, until

from recorder.capture.protocol import (
    Busy,
    CaptureEvent,
    Close,
    Continue,
    Failed,
    Pause,
    RecordingEnded,
    Replaced,
    Resumed,
    Start,
    Stop,
    encode_line,
    failure,
    first_command,
)
from recorder.capture.supervisor import (
    MOST_BARREN,
    MOST_REPLACEMENTS,
    MOST_STARTS,
    CaptureSupervisor,
)
from recorder.errors import DeviceError, MissingError, RecorderError
from recorder.lifecycle.parts import GapCause

pytestmark = pytest.mark.slow  # whole processes, or every operation of a store

ENDED = RecordingEnded((), 0, 0.0, 0, recovered=False, damaged=False)
OWN_ERROR = failure(RecorderError("ZeroDivisionError"), is_nothing_captured=False)
BEGUN = Resumed()
"""Any event that only a recording can have."""
HANGS = 0.7
"""Seconds of silence that count as hung here."""


class Actors:
    """Processes that say what the test wrote down; the last part is played again and again."""

    def __init__(self, directory: Path, *parts: list[CaptureEvent]) -> None:
        self._directory = directory / "actors"
        self._directory.mkdir()
        for number, part in enumerate(parts):
            script = b"".join(map(encode_line, part))
            (self._directory / f"part-{number}").write_bytes(script)
        code = self._directory / "actor.py"
        # It hangs where its part has no last word; what it hears is kept as it comes.
        code.write_text(
            "import pathlib, sys\n"
            "here = pathlib.Path(__file__).parent\n"
            "number = len(list(here.glob('heard-*')))\n"
            "heard = here / f'heard-{number}'\n"
            f"part = here / f'part-{{min(number, {len(parts) - 1})}}'\n"
            "heard.write_text(sys.stdin.readline())\n"
            "said = part.read_bytes()\n"
            "sys.stdout.buffer.write(said)\n"
            "sys.stdout.flush()\n"
            "is_over = b'\"recorded\"' in said or b'\"error\"' in said\n"
            "while not is_over and (line := sys.stdin.readline()):\n"
            "    with heard.open('a') as file: file.write(line)\n"
        )
        self.command = (sys.executable, "-I", str(code))

    def heard(self) -> list[list[bytes]]:
        """Lines that each of them was told."""
        files = sorted(self._directory.glob("heard-*"), key=lambda path: int(path.name[6:]))
        return [path.read_bytes().splitlines() for path in files]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def supervise(
    desk: Desk, actors: Actors, first: Start | Continue | None = None
) -> CaptureSupervisor:
    first = first or desk.start()
    return CaptureSupervisor(first, command=actors.command, silence=HANGS, first_sign=HANGS * 5)


def play(desk: Desk, actors: Actors) -> list[CaptureEvent]:
    supervisor = supervise(desk, actors)
    supervisor.start()
    return rest(supervisor)


def firsts(actors: Actors) -> list[type]:
    return [type(first_command(lines[0])) for lines in actors.heard()]


def test_an_error_of_the_program_itself_is_no_end(desk: Desk) -> None:
    actors = Actors(desk.directory, [BEGUN, OWN_ERROR], [BEGUN, ENDED])
    assert play(desk, actors) == [BEGUN, Replaced(1), BEGUN, ENDED]
    assert firsts(actors) == [Start, Continue]


def test_an_error_of_the_program_itself_is_told_when_nobody_does_better(desk: Desk) -> None:
    actors = Actors(desk.directory, [BEGUN, OWN_ERROR])
    events = play(desk, actors)
    assert [event for event in events if isinstance(event, Failed)] == [OWN_ERROR]
    assert events[-1] == OWN_ERROR
    assert len(actors.heard()) == MOST_REPLACEMENTS + 1


def test_any_other_error_ends_it(desk: Desk) -> None:
    failed = failure(DeviceError(), is_nothing_captured=True)
    assert play(desk, Actors(desk.directory, [failed], [ENDED])) == [failed]


def test_who_dies_before_a_recording_exists_is_begun_again(desk: Desk) -> None:
    actors = Actors(desk.directory, [Busy()], [BEGUN], [BEGUN, ENDED])
    assert play(desk, actors)[-1] == ENDED
    assert firsts(actors) == [Start, Start, Continue]
    again = first_command(actors.heard()[2][0])
    assert isinstance(again, Continue)
    assert again.cause is GapCause.PROCESS_REPLACED


def test_a_beginning_that_never_succeeds_is_given_up_as_that(desk: Desk) -> None:
    actors = Actors(desk.directory, [Busy()])
    events = play(desk, actors)
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert (failed.exit_code, failed.is_nothing_captured, failed.took_sound) == (1, True, False)
    assert firsts(actors) == [Start] * MOST_STARTS


def test_a_person_who_goes_on_is_told_that_the_recording_waits(desk: Desk) -> None:
    first = desk.start()
    again = Continue(first.id, first.source, first.vault, first.keys)
    actors = Actors(desk.directory, [Busy()])
    supervisor = supervise(desk, actors, again)
    supervisor.start()
    failed = rest(supervisor)[-1]
    assert isinstance(failed, Failed)
    assert (failed.exit_code, failed.is_nothing_captured, failed.took_sound) == (5, False, False)
    commands = [first_command(lines[0]) for lines in actors.heard()]
    assert commands == [again] * MOST_STARTS


def test_a_pause_before_the_recording_exists_holds_for_the_next_attempt(desk: Desk) -> None:
    actors = Actors(desk.directory, [Busy()], [BEGUN], [ENDED])
    supervisor = supervise(desk, actors)
    supervisor.start()
    until(supervisor, lambda event: isinstance(event, Busy))
    supervisor.send(Pause())
    until(supervisor, lambda event: event == BEGUN)
    supervisor.stop()
    rest(supervisor)
    pause, stop = encode_line(Pause()).strip(), encode_line(Stop()).strip()
    assert actors.heard()[1][1:] == [pause, stop]


def test_who_was_stopped_before_a_recording_exists_is_closed(desk: Desk) -> None:
    missing = failure(MissingError(), is_nothing_captured=True)
    actors = Actors(desk.directory, [Busy()], [missing])
    supervisor = supervise(desk, actors)
    supervisor.start()
    until(supervisor, lambda event: isinstance(event, Busy))
    supervisor.stop()
    last = rest(supervisor)[-1]
    assert isinstance(last, Failed)
    assert last.is_nothing_captured
    assert "stopped before the recording had begun" in last.detail
    assert firsts(actors) == [Start, Close]


def test_a_closing_that_fails_is_not_repeated(desk: Desk) -> None:
    actors = Actors(desk.directory, [BEGUN], [OWN_ERROR])
    supervisor = supervise(desk, actors)
    supervisor.start()
    until(supervisor, lambda event: event == BEGUN)
    supervisor.stop()
    assert rest(supervisor)[-1] == OWN_ERROR
    assert firsts(actors) == [Start, Close]


def test_processes_that_record_nothing_are_not_replaced_for_ever(desk: Desk) -> None:
    events = play(desk, Actors(desk.directory, [BEGUN], [Busy()]))
    assert isinstance(events[-1], Failed)
    assert sum(isinstance(event, Replaced) for event in events) == MOST_BARREN


def test_a_start_that_hangs_ends_soon_after_stop(desk: Desk) -> None:
    silent = (sys.executable, "-c", "import time; time.sleep(600)")
    supervisor = CaptureSupervisor(desk.start(), command=silent)
    supervisor.start()
    supervisor.stop()
    assert supervisor.wait(30)
    last = rest(supervisor)[-1]
    assert isinstance(last, Failed)
    assert "stopped before the recording had begun" in last.detail
