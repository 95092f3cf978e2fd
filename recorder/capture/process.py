# SPDX-License-Identifier: EUPL-1.2
"""The capture process: ``python -m recorder.capture``, driven over standard input and output.

Rules:

* It checks the permission again by itself: no microphone is opened before that, and none before
  the journal says ``Planned``.
* It ignores the signals of a terminal; its parent decides. When the parent is gone (end of
  input), the recording is ended properly.
* Where no sound can be taken at all, nothing stays behind.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
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
from recorder.capture.survey import PartTrace, Survey, survey
from recorder.capture.writer import Beginning, RecordingWriter
from recorder.clock import Clock, SystemClock
from recorder.errors import (
    EXIT_INTERNAL,
    BusyError,
    NotAllowedError,
    RecorderError,
    UsageError,
)
from recorder.lifecycle.events import Interrupted, Planned, Recorded
from recorder.lifecycle.parts import GapCause
from recorder.lifecycle.states import LIVE, State
from recorder.meeting.reading import read_meeting
from recorder.policy.conditions import require
from recorder.vault.choice import open_key_store
from recorder.vault.entry import Entry
from recorder.vault.vault import Vault
from recorder.words import _, use_language

OpenSource = Callable[[SourceChoice, Clock, int], Source]
"""Opens what was chosen; the number is how many seconds of a file are in the vault already."""

_LOCK_WAIT = 2.0  # seconds until a dead predecessor's lock must be free
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
    outbox = Outbox(sys.stdout.fileno())
    lines = read_lines(sys.stdin.fileno())
    code = _Capture(outbox, SystemClock()).run(lines)
    outbox.close()
    return code


class _Capture:
    """One run of the process."""

    def __init__(self, outbox: Outbox, clock: Clock, open_source: OpenSource | None = None) -> None:
        self._outbox = outbox
        self._clock = clock
        self._open_source = open_source or _source
        self._is_nothing_captured = True

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
        meeting = read_meeting(bytes(first.meeting))
        policy = require(meeting, self._clock.now().wall)
        source = self._open_source(first.source, self._clock, 0)
        commands = _listen(lines)
        with self._vault(first).create(first.id) as entry:
            try:
                software = f"modoptager {__version__}"
                entry.journal.append(Planned(first.meeting, policy.id, policy.version, software))
                writer = RecordingWriter(entry, self._clock)
                source.start()
            except RecorderError:
                entry.destroy()
                raise
            self._is_nothing_captured = False
            session = self._session(first, source, writer, commands)
            session.run()
            self._tell_end(writer.close(), session.problem)

    def _continue(self, first: Continue, lines: Iterator[bytes]) -> None:
        self._is_nothing_captured = False
        commands = _listen(lines)
        with self._opened(first) as entry:
            if entry.recording.state in LIVE:
                entry.journal.append(Interrupted())
            elif entry.recording.state is not State.INTERRUPTED:
                raise NotAllowedError
            with self._signs_of_life():
                entry.sync_sound()
                found = survey(entry.sound_reader())
            source = self._open_source(first.source, self._clock, _stored_seconds(found))
            writer = RecordingWriter(entry, self._clock, _take_up(found, first.cause))
            if not first.is_paused:
                source.start()
            session = self._session(
                first,
                source,
                writer,
                commands,
                seconds_before=_stored_seconds(found),
                is_paused=first.is_paused,
            )
            session.run()
            writer.close_parts()
            writer.release()
            with self._signs_of_life():
                recorded = recovery.conclude(entry, self._clock)
            self._tell_end(recorded, session.problem)

    def _close(self, first: Close) -> None:
        self._is_nothing_captured = False
        with self._opened(first) as entry, self._signs_of_life():
            recorded = recovery.close_interrupted(entry, self._clock)
        self._tell_end(recorded, "")

    def _session(
        self,
        first: Start | Continue,
        source: Source,
        writer: RecordingWriter,
        commands: Commands,
        *,
        seconds_before: int = 0,
        is_paused: bool = False,
    ) -> CaptureSession:
        seconds = first.seconds
        if seconds is not None and isinstance(first, Continue):
            is_same_wish = first.cause is GapCause.PROCESS_REPLACED
            seconds += 0 if is_same_wish else seconds_before
        return CaptureSession(
            source,
            writer,
            self._clock,
            commands=commands,
            emit=self._outbox.put,
            vault=Path(first.vault),
            seconds=seconds,
            seconds_before=seconds_before,
            is_paused=is_paused,
        )

    @contextlib.contextmanager
    def _signs_of_life(self) -> Iterator[None]:
        """Tell the parent that this process lives while it reads hours of sound."""
        is_done = threading.Event()

        def tell() -> None:
            while not is_done.wait(_SIGN_EVERY):
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
        vault = self._vault(first)
        deadline = time.monotonic() + _LOCK_WAIT
        while True:
            try:
                return vault.open(first.id)
            except BusyError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.02)  # the system lets go of a dead process's lock any moment

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
        self._outbox.put(failure(error, is_nothing_captured=self._is_nothing_captured))


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


def _stored_seconds(found: Survey) -> int:
    """Count the whole seconds that are surely in the vault; a file goes on from there."""
    return sum(map(_whole_seconds, found.sounding))


def _whole_seconds(trace: PartTrace) -> int:
    if trace.closed is not None:
        return trace.closed.samples // trace.closed.format.rate
    # A second is hashed before the encoder has let go of its end: the last one may be cut short.
    # What is played twice is no loss; a hole would be one.
    return max(0, len(trace.stamps) - 1)


def _take_up(found: Survey, cause: GapCause) -> Beginning:
    """Find where to go on; earlier parts are decoded only at the end, capture comes first."""
    last = max((trace.began.part for trace in found.sounding), default=0)
    return Beginning(found.append_at, last + 1, cause if last else None)
