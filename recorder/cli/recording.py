# SPDX-License-Identifier: EUPL-1.2
"""Runs one recording from its first command to its result; ``record`` and ``demo`` share it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import msgspec

from recorder.archive.outcome import Outcome, outcome_of
from recorder.archive.workplace import Workplace
from recorder.capture.protocol import (
    CaptureEvent,
    Continue,
    Failed,
    FileChoice,
    LaterCommand,
    Pause,
    RecordingEnded,
    Resume,
    Start,
    Stop,
)
from recorder.capture.supervisor import CaptureSupervisor
from recorder.cli.controls import Controls, Key, Pressed, toggled
from recorder.cli.failure import lines_for
from recorder.cli.homecoming import finish, tell_result
from recorder.cli.recording_view import RecordingView
from recorder.cli.stopping import Stopping
from recorder.cli.voice import Voice
from recorder.errors import (
    RecorderError,
    SourceError,
    VaultError,
    VaultFullError,
    error_for,
)
from recorder.identifiers import RecordingId
from recorder.lifecycle.states import LIVE, State
from recorder.vault.entry import Entry
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
    is_driven: bool = False
    """Whether all that can end it comes as lines, the first one included."""


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
        RecorderError: If nothing could be recorded, if it ended before its time (what there is
            was brought home, if that was wanted), or if it could not be brought home yet.
        StoppedError: If a signal came after the recording had ended.
    """
    with voice.stopping.guarded(), place.vault.watch_over(first.id):
        view = RecordingView(voice, first.id, _state_before(first))
        ended = _capture(first, wishes, view, voice.stopping)
        error = _error_of(ended, view)
        if error is not None and _took_nothing(first, ended, view):
            _tell_untouched(ended, first.id, place, voice)
            raise error
        try:
            entry = place.vault.open(first.id, is_own=True)
        except RecorderError as gone:
            raise error or gone from gone
        with entry:
            outcome = _brought_home(entry, wishes, place, voice, error)
    if error is not None:
        raise error
    return outcome


def _brought_home(
    entry: Entry, wishes: Wishes, place: Workplace, voice: Voice, error: RecorderError | None
) -> Outcome:
    if error is not None:
        voice.say(f"✖ {_(error.title)} {error.detail}")
    if not wishes.is_archived:
        outcome = outcome_of(entry.id, entry.recording)
        tell_result(outcome, voice)
        return outcome
    try:
        return finish(entry, place, voice)
    except RecorderError as waiting:
        if error is None:
            raise
        # That it is incomplete is told last, and by the exit code: no later run says it again.
        for line in lines_for(waiting):
            voice.say(line)
        raise error from waiting


def _state_before(first: Start | Continue) -> State:
    return State.PLANNED if isinstance(first, Start) else State.INTERRUPTED


def _took_nothing(first: Start | Continue, ended: CaptureEvent | None, view: RecordingView) -> bool:
    """Whether the recording is as it was before the command."""
    if not isinstance(ended, Failed):
        return False
    is_new = isinstance(first, Start)
    return ended.is_nothing_captured or not (is_new or ended.took_sound or view.has_sound)


def _tell_untouched(
    ended: CaptureEvent | None, recording: RecordingId, place: Workplace, voice: Voice
) -> None:
    with contextlib.suppress(RecorderError):
        if isinstance(ended, Failed) and ended.is_nothing_captured:
            place.sweep()  # what a full disk left of an entry that was never whole
        else:
            outcome = outcome_of(recording, place.vault.peek(recording))
            if outcome.state in LIVE:  # as its process left it; this command's is gone, too
                outcome = msgspec.structs.replace(outcome, state=State.INTERRUPTED)
            tell_result(outcome, voice)


def _error_of(ended: CaptureEvent | None, view: RecordingView) -> RecorderError | None:
    """Say why a recording ended before its time, if it did."""
    match ended:
        case Failed(title=title) if _is_full(title):  # it shares its exit code with its base
            return VaultFullError(ended.detail, problems=ended.problems)
        case Failed():
            return error_for(ended.exit_code, ended.detail, ended.problems)
        case RecordingEnded(problem=problem) if problem:
            detail = _("The recording is incomplete: it ended before its time.")
            if not view.store_failure:
                return SourceError(detail, problems=[problem])
            kind = VaultFullError if _is_full(view.store_failure) else VaultError
            return kind(detail, problems=[problem])
        case _:
            return None


def _is_full(title: str) -> bool:
    return title in {VaultFullError.title, _(VaultFullError.title)}


def _capture(
    first: Start | Continue, wishes: Wishes, view: RecordingView, stopping: Stopping
) -> CaptureEvent | None:
    """Record; returns how it ended."""
    controls = Controls()
    conversation = _Conversation(
        CaptureSupervisor(first),
        view,
        ends_with_input=wishes.is_driven
        and first.seconds is None
        and not isinstance(first.source, FileChoice),
    )
    with contextlib.ExitStack() as stack:
        stack.enter_context(controls.signals())
        stopping.check()  # from here on a signal ends the recording, not the program
        if wishes.takes_keys:
            stack.enter_context(controls.keys())
        if wishes.takes_lines:
            controls.listen_to_lines()
        last = conversation.hold(controls)
    view.clear()
    return last


class _Conversation:
    """Passes commands to the capture process, and its events to the view."""

    def __init__(
        self, supervisor: CaptureSupervisor, view: RecordingView, *, ends_with_input: bool
    ) -> None:
        self._supervisor = supervisor
        self._view = view
        self._ends_with_input = ends_with_input
        self._is_to_pause = False  # what was said last; the view lags behind

    def hold(self, controls: Controls) -> CaptureEvent | None:
        last: CaptureEvent | None = None
        self._supervisor.start()
        while True:
            was_over = self._supervisor.is_over
            event = self._supervisor.next_event(_TICK)
            for pressed in controls.waiting():
                self._obey(pressed)
            if event is not None:
                self._view.show(event)
                last = event if isinstance(event, RecordingEnded | Failed) else last
            elif was_over:
                return last

    def _obey(self, pressed: Pressed) -> None:
        match pressed:
            case Key.TOGGLE_PAUSE:
                self._send(toggled(is_paused=self._is_to_pause))
            case Key.STOP_ASKED:
                self._view.say(_("Press s once more to stop."))
            case Key.INPUT_ENDED:
                if self._ends_with_input:
                    self._send(Stop())
            case Key.NOT_UNDERSTOOD:
                self._view.say(_("A line on standard input was not understood."))
            case _:
                self._send(pressed)

    def _send(self, command: LaterCommand) -> None:
        if isinstance(command, Pause | Resume):
            self._is_to_pause = isinstance(command, Pause)
        self._supervisor.send(command)
