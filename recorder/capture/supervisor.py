# SPDX-License-Identifier: EUPL-1.2
"""The parent's side of the capture process: begin it, command it, replace it when it dies.

Rules: a process that ends without ``recorded`` or ``error``, that ends by an error of the program's
own, or that gives no sign of life for ``SILENCE`` seconds, is replaced by one that goes on with the
recording as a new part; after ``MOST_REPLACEMENTS`` within ``REPLACEMENT_WINDOW`` seconds that is
given up, and what is in the vault waits for recovery. One that dies before it said that there is a
recording is begun again, ``MOST_STARTS`` times in all. Once ``stop`` was said, a dead process is
only closed, not replaced.

    supervisor = CaptureSupervisor(Start(...))
    supervisor.start()
    for event in supervisor.events():
        ...
"""

from __future__ import annotations

import collections
import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from recorder.capture.protocol import (
    Busy,
    CaptureEvent,
    Close,
    Continue,
    Failed,
    FirstCommand,
    LaterCommand,
    PartStarted,
    Pause,
    RecordingEnded,
    Replaced,
    Resume,
    Start,
    Stop,
    encode_line,
    failure,
    read_event,
)
from recorder.errors import EXIT_INTERNAL, MissingError, RecorderError, WaitingError
from recorder.lifecycle.parts import GapCause
from recorder.words import _

SILENCE = 10.0
"""Seconds without a sign of life after which a process counts as hung."""
FIRST_SIGN = 45.0
"""Seconds that it has for its first one: a virus scanner may look at every file it loads."""
MOST_STARTS = 3
MOST_BARREN = 3
"""Processes in a row that may end without having recorded anything."""
STOP_PATIENCE = 3.0
"""Seconds that a start which hangs has left once ``stop`` was said."""
MOST_REPLACEMENTS = 5
REPLACEMENT_WINDOW = 60.0
# -P: a folder named "recorder" where the user stands must not be run in its place.
_COMMAND = (sys.executable, "-P", "-m", "recorder.capture")
# numpy would begin a thread for each processor, which measuring a level never needs.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}
_OWN_ERRORS = frozenset({RecorderError.exit_code, EXIT_INTERNAL})
_GRACE = 2.0  # seconds that a process has to end after its last word


class CaptureSupervisor:
    """Keeps one recording going."""

    def __init__(
        self,
        first: FirstCommand,
        *,
        command: Sequence[str] = _COMMAND,
        silence: float = SILENCE,
        first_sign: float = FIRST_SIGN,
    ) -> None:
        """Prepare a recording; nothing runs before ``start``.

        Args:
            first: What the process is told first.
            command: How it is begun.
            silence: Seconds without a sign of life after which it counts as hung.
            first_sign: Seconds that it has for its first one.
        """
        self._first = first
        self._command = tuple(command)
        self._silence = silence
        self._first_sign = max(silence, first_sign)
        self._events: queue.SimpleQueue[CaptureEvent | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._replaced_at: collections.deque[float] = collections.deque(maxlen=MOST_REPLACEMENTS)
        self._is_paused = isinstance(first, Continue) and first.is_paused
        self._is_stopping = False
        self._is_fruitful = False
        self._has_tried_to_close = False
        self._barren = 0
        self._has_begun = isinstance(first, Close)
        self._took_sound = False
        self._own_error: Failed | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="capture supervisor", daemon=True)

    def start(self) -> None:
        """Begin the process."""
        self._thread.start()

    def send(self, command: LaterCommand) -> None:
        """Pass a command on.

        Args:
            command: Pause, resume, marker or stop.
        """
        with self._lock:
            match command:
                case Pause():
                    self._is_paused = True
                case Resume():
                    self._is_paused = False
                case Stop():
                    self._is_stopping = True
                case _:
                    pass
            if self._process is not None:
                _say(self._process, encode_line(command))
        if self._is_stopping and self._is_unbegun_start:
            self._limit_start()

    @property
    def _is_unbegun_start(self) -> bool:
        return isinstance(self._first, Start) and not self._has_begun

    def _limit_start(self) -> None:
        """End a process that was told to stop and has not even begun: it waits for something."""

        def end() -> None:
            if not self._has_begun and waiting is not None:
                waiting.kill()

        waiting = self._process
        timer = threading.Timer(STOP_PATIENCE, end)
        timer.daemon = True
        timer.start()

    def stop(self) -> None:
        """Ask for the end of the recording; the events tell when it has come."""
        self.send(Stop())

    def next_event(self, timeout: float) -> CaptureEvent | None:
        """Wait for an event.

        Args:
            timeout: Seconds to wait at most.

        Returns:
            The event; none if nothing happened, or nothing will any more (``is_over``).
        """
        with contextlib.suppress(queue.Empty):
            return self._events.get(timeout=timeout)
        return None

    def events(self) -> Iterator[CaptureEvent]:
        """Wait for all events.

        Yields:
            Every event; the last is ``RecordingEnded`` or ``Failed``.
        """
        while (event := self._events.get()) is not None:
            yield event

    @property
    def is_over(self) -> bool:
        """Whether the process has ended for good; events may still be waiting."""
        return not self._thread.is_alive()

    @property
    def process_id(self) -> int | None:
        """Of the process that captures now; none before there is one."""
        return None if self._process is None else self._process.pid

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the process has ended for good.

        Args:
            timeout: Seconds to wait at most; none for ever.

        Returns:
            Whether it has.
        """
        self._thread.join(timeout)
        return self.is_over

    def _run(self) -> None:
        try:
            self._keep_going()
        except OSError as error:
            self._give_up(RecorderError(error.strerror or ""))
        finally:
            self._events.put(None)

    def _keep_going(self) -> None:
        for attempt in range(sys.maxsize):
            if attempt and not self._may_replace(attempt):
                return
            with self._lock:
                # In one piece: a command is either known to the successor or sent to it.
                first = self._successor() if attempt else self._first
                self._process = process = _begin(self._command)
                _say(process, encode_line(first))
                if isinstance(first, Close) and self._is_unbegun_start:
                    self._has_tried_to_close = True
                    self._limit_start()
                if attempt and self._is_paused and isinstance(first, Start):
                    _say(process, encode_line(Pause()))
            self._is_fruitful = False
            if self._listen(process, is_last=isinstance(first, Close)):
                return
            self._barren = 0 if self._is_fruitful else self._barren + 1

    def _may_replace(self, attempt: int) -> bool:
        if self._has_tried_to_close and self._is_unbegun_start:
            self._give_up(_stopped_early())
            return False
        if self._barren >= MOST_BARREN:
            return self._give_up_replacing()
        now = time.monotonic()
        is_full = len(self._replaced_at) == MOST_REPLACEMENTS
        if is_full and now - self._replaced_at[0] < REPLACEMENT_WINDOW:
            return self._give_up_replacing()
        if not self._has_begun and attempt >= MOST_STARTS:
            return self._give_up_replacing()
        self._replaced_at.append(now)
        self._events.put(Replaced(attempt))
        return True

    def _successor(self) -> FirstCommand:
        first = self._first
        if self._is_stopping or isinstance(first, Close):
            return Close(first.id, first.vault, first.keys, first.language)
        if not self._has_begun:
            # There may be nothing to continue; the process finds out what its predecessor left.
            return first if isinstance(first, Start) else replace(first, is_paused=self._is_paused)
        return Continue(
            id=first.id,
            source=first.source,
            vault=first.vault,
            keys=first.keys,
            seconds=first.seconds,
            cause=GapCause.PROCESS_REPLACED,
            is_paused=self._is_paused,
            language=first.language,
        )

    def _listen(self, process: subprocess.Popen[bytes], *, is_last: bool) -> bool:
        """Pass on what one process says until it ends; tell whether it ended as it should."""
        self._own_error = None
        heard: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        reader = threading.Thread(target=_read, args=(process, heard), daemon=True)
        reader.start()
        is_done, grace, silence = False, 0.0, self._first_sign
        try:
            # It says something several times a second; an empty queue means that it hangs.
            while (line := heard.get(timeout=silence)) is not None:
                is_done |= self._pass_on(line, is_last=is_last)
                silence = self._silence
            grace = _GRACE
        except queue.Empty:
            pass
        finally:
            _end(process, grace)
            reader.join()
            assert process.stdout is not None
            process.stdout.close()
        return is_done

    def _pass_on(self, line: bytes, *, is_last: bool) -> bool:
        try:
            event = read_event(line)
        except ValueError:
            return False
        if isinstance(event, Failed):
            event = replace(event, took_sound=event.took_sound or self._took_sound)
            is_missing = event.exit_code == MissingError.exit_code
            if is_missing and self._is_stopping and self._is_unbegun_start:
                event = failure(_stopped_early(), is_nothing_captured=True, took_sound=False)
                is_last = True
            if event.exit_code in _OWN_ERRORS and not is_last:
                self._own_error = event  # told only if no successor does better
                return False
        elif not isinstance(event, Busy):
            self._has_begun = self._is_fruitful = True
            self._took_sound |= isinstance(event, PartStarted)
        self._events.put(event)
        return isinstance(event, RecordingEnded | Failed)

    def _give_up_replacing(self) -> bool:
        reason = _("The capture process ended again and again.")
        if self._own_error is not None:
            self._events.put(self._own_error)
        elif self._has_begun or isinstance(self._first, Continue):
            self._give_up(WaitingError(reason))
        else:
            self._give_up(RecorderError(reason))
        return False

    def _give_up(self, error: RecorderError) -> None:
        is_nothing_captured = isinstance(self._first, Start) and not self._has_begun
        self._events.put(
            failure(error, is_nothing_captured=is_nothing_captured, took_sound=self._took_sound)
        )


def _stopped_early() -> RecorderError:
    return RecorderError(_("It was stopped before the recording had begun."))


def _begin(command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    # A session of its own: a terminal's Ctrl-C is for the parent, which then says "stop".
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # sound systems write there; the process itself never does
        env={**os.environ, **_ENVIRONMENT},
        start_new_session=sys.platform != "win32",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def _say(process: subprocess.Popen[bytes], line: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError, ValueError):  # it died: whoever listens finds out
        process.stdin.write(line)
        process.stdin.flush()


def _read(process: subprocess.Popen[bytes], heard: queue.SimpleQueue[bytes | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        heard.put(line)
    heard.put(None)


def _end(process: subprocess.Popen[bytes], grace: float) -> None:
    """See a process off: one that has said its last word gets a moment, one that hangs none."""
    try:
        process.wait(timeout=grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
