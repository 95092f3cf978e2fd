# SPDX-License-Identifier: EUPL-1.2
"""The capture process: ``python -m recorder.capture``, driven over standard input and output.

Rules:

* It checks the permission again by itself: no microphone is opened before that, and none before
  the journal says ``Planned``.
* It ignores the signals of a terminal; its parent decides. When the parent is gone (end of
  input), the recording is ended properly.
* Where no sound can be taken at all, nothing stays behind, and what was there stays as it was.
* It gives signs of life from the first moment on, but not for ever where it only begins.
"""

from __future__ import annotations

import contextlib
import gc
import math
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from recorder import __version__
from recorder.capture import recovery
from recorder.capture.outbox import Outbox, read_lines
from recorder.capture.protocol import (
    Busy,
    Close,
    Continue,
    FileChoice,
    FirstCommand,
    PartSummary,
    RecordingEnded,
    SourceChoice,
    Start,
    Stop,
    failure,
    first_command,
    later_command,
)
from recorder.capture.session import CaptureSession, Commands
from recorder.capture.sound_file import SoundFile
from recorder.capture.source import Source
from recorder.capture.survey import survey
from recorder.capture.takeover import clear_attempt, stored_seconds, take_up
from recorder.capture.writer import RecordingWriter
from recorder.clock import Clock, SystemClock
from recorder.errors import (
    EXIT_INTERNAL,
    DeviceError,
    MissingError,
    NotAllowedError,
    RecorderError,
    UsageError,
)
from recorder.lifecycle.events import Interrupted, Planned, Recorded
from recorder.lifecycle.parts import GapCause
from recorder.lifecycle.states import LIVE, State
from recorder.meeting.reading import read_meeting
from recorder.policy.conditions import require
from recorder.process_memory import shut_memory
from recorder.vault.choice import open_key_store
from recorder.vault.entry import Entry
from recorder.vault.vault import Vault
from recorder.words import _, use_language

OpenSource = Callable[[SourceChoice, Clock, int], Source]
"""Opens what was chosen; the number is how many seconds of a file are in the vault already."""

_LONGEST_START = 120.0  # seconds that a password prompt, a virus scanner or PortAudio may take
_SIGN_EVERY = 1.0
_IGNORED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGBREAK", "SIGPIPE")


def main() -> int:
    """Run one recording.

    Returns:
        The exit code: 0 where the recording was ended, else that of the error.
    """
    for name in _IGNORED:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    shut_memory()
    gc.freeze()  # the collector need not go through what was loaded again and again
    outbox = Outbox(sys.stdout.fileno())
    lines = read_lines(sys.stdin.fileno())
    code = _Capture(outbox, SystemClock()).run(lines)
    outbox.close()
    return code


@dataclass(frozen=True)
class _Ready:
    """What a session needs."""

    entry: Entry
    source: Source
    writer: RecordingWriter
    seconds_before: int = 0
    """Of sound that an earlier process stored."""


class _Capture:
    """One run of the process."""

    def __init__(self, outbox: Outbox, clock: Clock, open_source: OpenSource | None = None) -> None:
        self._outbox = outbox
        self._clock = clock
        self._open_source = open_source or _source
        self._is_nothing_captured = True
        self._writer: RecordingWriter | None = None

    def run(self, lines: Iterator[bytes]) -> int:
        """Obey the first command to its end."""
        try:
            self._obey(_first(lines), lines)
        except RecorderError as error:
            self._tell_failure(error)
            return error.exit_code
        except Exception as error:  # noqa: BLE001 - the one catch at the top: the parent must hear of it
            # The type alone: a message could hold personal data.
            self._tell_failure(RecorderError(type(error).__name__))
            return EXIT_INTERNAL
        return 0

    def _obey(self, first: FirstCommand, lines: Iterator[bytes]) -> None:
        if first.language:
            use_language(first.language)
        match first:
            case Start():
                self._start(first, lines)
            case Continue():
                self._continue(first, lines)
            case Close():
                self._close(first)

    def _start(self, first: Start, lines: Iterator[bytes]) -> None:
        with contextlib.ExitStack() as stack:
            with self._signs_of_life(_LONGEST_START):
                begun = self._begun(first, stack)
            if begun is not None:
                session = self._session(first, begun, _listen(lines))
                session.run()
                with self._signs_of_life():
                    recorded = begun.writer.close(session.ended_early)
                self._tell_end(recorded, session.problem)
                return
        again = Continue(first.id, first.source, first.vault, first.keys, first.seconds)
        self._continue(msgspec.structs.replace(again, cause=GapCause.PROCESS_REPLACED), lines)

    def _begun(self, first: Start, stack: contextlib.ExitStack) -> _Ready | None:
        """Make the entry and open the source; none if an attempt before this one has sound."""
        meeting = read_meeting(bytes(first.meeting))
        policy = require(meeting, self._clock.now().wall)
        vault = self._vault(first)
        if clear_attempt(vault, first.id):
            return None
        source = self._open_source(first.source, self._clock, 0)
        entry = stack.enter_context(vault.create(first.id))
        try:
            software = f"modoptager {__version__}"
            entry.journal.append(Planned(first.meeting, policy.id, policy.version, software))
            self._writer = RecordingWriter(entry, self._clock)
            source.start()
        except Exception:
            entry.destroy()
            raise
        self._is_nothing_captured = False
        return _Ready(entry, source, self._writer)

    def _continue(self, first: Continue, lines: Iterator[bytes]) -> None:
        self._is_nothing_captured = False
        with contextlib.ExitStack() as stack:
            ready = self._taken_over(first, stack)
            session = self._session(first, ready, _listen(lines))
            session.run()
            ready.writer.close_parts()
            ready.writer.release()
            with self._signs_of_life():
                recorded = recovery.conclude(
                    ready.entry,
                    self._clock,
                    missing_since=ready.writer.missing_since,
                    ended_early=session.ended_early,
                )
            self._tell_end(recorded, session.problem)

    def _taken_over(self, first: Continue, stack: contextlib.ExitStack) -> _Ready:
        """Open the source, then the log: without a source the recording stays as it was."""
        with self._signs_of_life(_LONGEST_START):
            entry = stack.enter_context(self._opened(first))
        if entry.recording.state not in LIVE | {State.INTERRUPTED}:
            raise NotAllowedError
        with self._signs_of_life():
            entry.sync_sound()
            found = survey(entry.sound_reader())
        with self._signs_of_life(_LONGEST_START):
            source = self._open_source(first.source, self._clock, stored_seconds(found))
            stack.callback(source.close)
            if not first.is_paused:
                _start_again(source, first.cause)
        if entry.recording.state in LIVE:
            entry.journal.append(Interrupted())
        beginning = take_up(found, first.cause, self._clock.now())
        self._writer = RecordingWriter(entry, self._clock, beginning)
        return _Ready(entry, source, self._writer, stored_seconds(found))

    def _close(self, first: Close) -> None:
        try:
            with self._signs_of_life(_LONGEST_START):
                entry = self._opened(first)
        except MissingError as error:
            raise MissingError(_("It was stopped before the recording had begun.")) from error
        self._is_nothing_captured = False
        with entry, self._signs_of_life():
            recorded = recovery.close_interrupted(entry, self._clock)
        self._tell_end(recorded, "")

    def _session(
        self, first: Start | Continue, ready: _Ready, commands: Commands
    ) -> CaptureSession:
        seconds, is_paused = first.seconds, False
        if isinstance(first, Continue):
            is_paused = first.is_paused
            if seconds is not None and first.cause is not GapCause.PROCESS_REPLACED:
                seconds += ready.seconds_before
        return CaptureSession(
            ready.source,
            ready.writer,
            self._clock,
            commands=commands,
            emit=self._outbox.put,
            vault=Path(first.vault),
            seconds=seconds,
            seconds_before=ready.seconds_before,
            is_paused=is_paused,
        )

    @contextlib.contextmanager
    def _signs_of_life(self, most: float = math.inf) -> Iterator[None]:
        """Tell the parent that this process lives while it does what may take long.

        Args:
            most: Seconds after which it no longer does: then it hangs.
        """
        is_done = threading.Event()
        until = time.monotonic() + most

        def tell() -> None:
            while not is_done.wait(_SIGN_EVERY) and time.monotonic() < until:
                self._outbox.put(Busy())

        teller = threading.Thread(target=tell, name="signs of life", daemon=True)
        teller.start()
        try:
            yield
        finally:
            is_done.set()
            teller.join()

    def _vault(self, first: FirstCommand) -> Vault:
        return Vault(Path(first.vault), open_key_store(first.keys), self._clock)

    def _opened(self, first: Continue | Close) -> Entry:
        return self._vault(first).open(first.id, is_own=True)

    def _tell_end(self, recorded: Recorded, problem: str) -> None:
        parts = tuple(
            PartSummary(
                p.number,
                p.format.rate,
                p.format.channels,
                p.format.depth,
                p.samples,
                p.samples_sha256,
            )
            for p in recorded.parts
        )
        self._outbox.put(
            RecordingEnded(
                parts,
                recorded.gaps,
                recorded.gap_seconds,
                recorded.markers,
                recorded.recovered,
                recorded.damaged,
                problem,
            )
        )

    def _tell_failure(self, error: RecorderError) -> None:
        took_sound = self._writer is not None and self._writer.seconds > 0
        self._outbox.put(
            failure(error, is_nothing_captured=self._is_nothing_captured, took_sound=took_sound)
        )


def _first(lines: Iterator[bytes]) -> FirstCommand:
    try:
        return first_command(next(lines, b""))
    except (msgspec.MsgspecError, ValueError) as error:
        raise UsageError(_("The capture process was given no command that it knows.")) from error


def _listen(lines: Iterator[bytes]) -> Commands:
    """Queue what the parent says from here on; its end is taken as ``stop``."""
    commands: Commands = Commands()

    def listen() -> None:
        for line in lines:
            try:
                commands.put(later_command(line))
            except ValueError:
                continue  # of a newer parent; what is not understood changes nothing
        commands.put(Stop())

    threading.Thread(target=listen, name="commands", daemon=True).start()
    return commands


def _source(choice: SourceChoice, clock: Clock, stored_seconds: int) -> Source:
    if isinstance(choice, FileChoice):
        return SoundFile(Path(choice.path), clock, fast=choice.fast, skip_seconds=stored_seconds)
    from recorder.capture.microphone import Microphone  # noqa: PLC0415 - loads the sound system

    return Microphone(choice, clock)


def _start_again(source: Source, cause: GapCause) -> None:
    """Start a source; where nobody asked for a new process, a lost microphone is waited for."""
    try:
        source.start()
    except DeviceError:
        if cause is not GapCause.PROCESS_REPLACED:
            raise
        source.resume()
