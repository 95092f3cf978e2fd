# SPDX-License-Identifier: EUPL-1.2
"""Runs one recording from its first command to its result; ``record`` and ``demo`` share it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from recorder.archive.outcome import Outcome, outcome_of
from recorder.archive.workplace import Workplace
from recorder.capture.protocol import (
    CaptureEvent,
    Continue,
    Failed,
    FileChoice,
    LaterCommand,
    RecordingEnded,
    Start,
    Stop,
)
from recorder.capture.supervisor import CaptureSupervisor
from recorder.cli.controls import Controls, Key, Pressed, toggled
from recorder.cli.homecoming import finish, tell_result
from recorder.cli.recording_view import RecordingView
from recorder.cli.voice import Voice
from recorder.errors import RecorderError, VaultFullError, error_for
from recorder.words import _

_TICK = 0.1


@dataclass(frozen=True)
class Wishes:
    """How the recording is to go."""

    is_archived: bool = True
    """Whether it is brought home at once."""
    takes_lines: bool = False
    """Whether commands come as JSON lines on standard input."""
    takes_keys: bool = False
    """Whether commands come as single keys."""
    was_begun_by_line: bool = False
    """Whether the meeting came over standard input, too."""


def run_recording(
    first: Start | Continue, wishes: Wishes, place: Workplace, voice: Voice
) -> Outcome:
    """Record until it ends, then bring it home.

    Args:
        first: What the capture process is told.
        wishes: How it is to go.
        place: The workplace.
        voice: Tells.

    Returns:
        What became of it.

    Raises:
        RecorderError: If nothing could be recorded, or it could not be brought home yet.
    """
    failed = _capture(first, wishes, voice)
    if failed is not None and failed.is_nothing_captured:
        with contextlib.suppress(RecorderError):
            place.sweep()  # what a full disk left of an entry that was never whole
        raise _error_of(failed)
    with place.vault.open(first.id) as entry:
        if failed is not None:
            error = _error_of(failed)
            voice.say(f"✖ {_(error.title)} {failed.detail}")
        if not wishes.is_archived and failed is None:
            outcome = outcome_of(entry.id, entry.recording)
            tell_result(outcome, voice)
            return outcome
        return finish(entry, place, voice)


def _error_of(failed: Failed) -> RecorderError:
    if failed.title == VaultFullError.title:  # it shares its exit code with its base
        return VaultFullError(failed.detail, problems=failed.problems)
    return error_for(failed.exit_code, failed.detail, failed.problems)


def _capture(first: Start | Continue, wishes: Wishes, voice: Voice) -> Failed | None:
    """Record; returns how it failed, or nothing."""
    controls, view = Controls(), RecordingView(voice, first.id)
    supervisor = CaptureSupervisor(first)
    ends_with_input = (
        wishes.was_begun_by_line
        and first.seconds is None
        and not isinstance(first.source, FileChoice)
    )
    with contextlib.ExitStack() as stack:
        stack.enter_context(controls.signals())
        if wishes.takes_keys:
            stack.enter_context(controls.keys())
        if wishes.takes_lines:
            controls.listen_to_lines()
        supervisor.start()
        last = _follow(supervisor, controls, view, ends_with_input=ends_with_input)
    view.clear()
    return last if isinstance(last, Failed) else None


def _follow(
    supervisor: CaptureSupervisor,
    controls: Controls,
    view: RecordingView,
    *,
    ends_with_input: bool,
) -> CaptureEvent | None:
    last: CaptureEvent | None = None
    while True:
        was_over = supervisor.is_over
        event = supervisor.next_event(_TICK)
        for pressed in controls.waiting():
            command = _command(pressed, view, ends_with_input=ends_with_input)
            if command is not None:
                supervisor.send(command)
        if event is not None:
            view.show(event)
            last = event if isinstance(event, RecordingEnded | Failed) else last
        elif was_over:
            return last


def _command(
    pressed: Pressed, view: RecordingView, *, ends_with_input: bool
) -> LaterCommand | None:
    match pressed:
        case Key.TOGGLE_PAUSE:
            return toggled(is_paused=view.is_paused)
        case Key.STOP_ASKED:
            view.say(_("Press s once more to stop."))
            return None
        case Key.INPUT_ENDED:
            return Stop() if ends_with_input else None
        case Key.NOT_UNDERSTOOD:
            view.say(_("A line on standard input was not understood."))
            return None
        case _:
            return pressed
