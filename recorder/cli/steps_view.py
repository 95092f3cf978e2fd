# SPDX-License-Identifier: EUPL-1.2
"""Shows the steps after a recording as they happen, each with its time and its proof."""

from __future__ import annotations

import time
from typing import IO, TYPE_CHECKING, cast

from recorder.archive.progress import Step
from recorder.cli import output
from recorder.cli.failure import lines_for
from recorder.cli.voice import Voice
from recorder.errors import RecorderError
from recorder.identifiers import RecordingId
from recorder.lifecycle.fold import Recording
from recorder.words import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress, TaskID

_EVERY_NS = 200_000_000


class StepsView:
    """An observer of the archive steps that speaks through a voice."""

    def __init__(
        self, voice: Voice, recording_id: RecordingId, current: Callable[[], Recording]
    ) -> None:
        """Watch one recording.

        Args:
            voice: How to speak.
            recording_id: Whose steps.
            current: Gives the recording as it stands now.
        """
        self._voice = voice
        self._id = recording_id
        self._current = current
        self._began_ns = 0
        self._told_ns = 0
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def started(self, step: Step) -> None:
        """Show that a step begins.

        Raises:
            StoppedError: If the end was asked for.
        """
        self._voice.stopping.check()
        self._began_ns = self._told_ns = time.monotonic_ns()
        self._event("step_started", step)

    def progress(self, step: Step, done: int, total: int) -> None:
        """Show how far a step has come, at most five times a second.

        Raises:
            StoppedError: If the end was asked for.
        """
        self._voice.stopping.check()
        now = time.monotonic_ns()
        if now - self._told_ns < _EVERY_NS:
            return
        self._told_ns = now
        self._event("step_progress", step, done=done, total=total)
        if self._voice.is_live:
            self._draw(step, done, total)

    def finished(self, step: Step, proof: str) -> None:
        """Show that a step has ended well, and on what that rests."""
        seconds = self._ended()
        self._event("step_finished", step, seconds=round(seconds, 3), proof=proof)
        self._voice.say(f"✔ {_(step.title)}  ({seconds:.2f} s)\n    {proof}")

    def failed(self, step: Step, error: RecorderError) -> None:
        """Show that a step could not be done; the command tells why."""
        seconds = self._ended()
        self._event("step_failed", step, seconds=round(seconds, 3), title=_(error.title))
        self._voice.say(f"✖ {_(step.title)}")
        if self._voice.is_verbose:
            for line in lines_for(error):
                self._voice.say(f"    {line}")

    def _event(self, name: str, step: Step, **fields: object) -> None:
        state = self._current().state
        self._voice.event(name, id=self._id, state=state, step=step, **fields)

    def _ended(self) -> float:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        return (time.monotonic_ns() - self._began_ns) / 1e9

    def _draw(self, step: Step, done: int, total: int) -> None:
        if self._bar is None:
            from rich.console import Console  # noqa: PLC0415 - slow, and only long steps need it
            from rich.progress import Progress  # noqa: PLC0415

            self._bar = Progress(
                console=Console(file=cast("IO[str]", output.Drawing())),
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,  # its stand-in would be what Drawing writes to
            )
            self._bar.start()
            self._task = self._bar.add_task(_(step.title), total=total)
        assert self._task is not None
        self._bar.update(self._task, completed=done, total=total)
