# SPDX-License-Identifier: EUPL-1.2
"""Commands during a recording: by key, by signal, or as JSON lines on standard input.

Rules: everything ends in one queue. A key that stops must be pressed twice, so that no elbow ends
a meeting. End of input stops a recording only where whoever drives it is gone and nothing else
could: driven by lines from its beginning, from a microphone, without a fixed length.
"""

from __future__ import annotations

import contextlib
import enum
import functools
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator

import msgspec

from recorder.capture.outbox import read_lines
from recorder.capture.protocol import (
    LaterCommand,
    Pause,
    Resume,
    SetMarker,
    Stop,
    later_command,
)
from recorder.cli.stopping import is_left_alone
from recorder.errors import PermissionMissingError
from recorder.words import _

_TWICE_WITHIN = 3.0


class Key(enum.Enum):
    """What a key or a signal means that depends on the moment."""

    TOGGLE_PAUSE = "toggle pause"
    STOP_ASKED = "stop asked"
    INPUT_ENDED = "input ended"
    NOT_UNDERSTOOD = "not understood"


Pressed = LaterCommand | Key


class StartLine(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="cmd", tag="start"
):
    """The first JSON line."""

    meeting: msgspec.Raw


def read_start() -> StartLine:
    """Read the first line of standard input.

    Returns:
        The start command.

    Raises:
        PermissionMissingError: If it is none.
    """
    line = next(_standard_input(), b"")
    try:
        return msgspec.json.decode(line, type=StartLine)
    except msgspec.DecodeError as error:
        raise PermissionMissingError(
            _("The first line must be {example}").format(example='{"cmd":"start","meeting":{…}}')
        ) from error


class Controls:
    """Collects commands from every direction."""

    def __init__(self) -> None:
        """Start with none."""
        self._pressed: queue.SimpleQueue[Pressed] = queue.SimpleQueue()
        self._stop_asked_at = float("-inf")

    def waiting(self) -> Iterator[Pressed]:
        """Give what has come, without waiting."""
        with contextlib.suppress(queue.Empty):
            while True:
                yield self._pressed.get_nowait()

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """Take signals as commands while the body runs."""
        meanings: dict[str, Pressed] = {
            "SIGINT": Stop(),
            "SIGTERM": Stop(),
            "SIGHUP": Stop(),
            "SIGBREAK": Stop(),
            "SIGUSR1": Key.TOGGLE_PAUSE,
            "SIGUSR2": SetMarker(),
        }
        before = {}
        for name, meaning in meanings.items():
            number = getattr(signal, name, None)
            if number is not None and not is_left_alone(name, number):
                # SimpleQueue.put may be called from a signal handler; most else may not.
                before[number] = signal.signal(
                    number, lambda *_frame, meaning=meaning: self._pressed.put(meaning)
                )
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def listen_to_lines(self) -> None:
        """Take JSON lines from standard input, in the background."""
        threading.Thread(target=self._read_lines, daemon=True).start()

    def _read_lines(self) -> None:
        for line in _standard_input():
            try:
                self._pressed.put(later_command(line))
            except ValueError:
                self._pressed.put(Key.NOT_UNDERSTOOD)
        self._pressed.put(Key.INPUT_ENDED)

    @contextlib.contextmanager
    def keys(self) -> Iterator[None]:
        """Take single keys from the terminal while the body runs."""
        from recorder.cli.keyboard import single_keys  # noqa: PLC0415 - differs by platform

        with single_keys(self._press):
            yield

    def _press(self, key: str) -> None:
        match key.lower():
            case "p" | " ":
                self._pressed.put(Key.TOGGLE_PAUSE)
            case "m":
                self._pressed.put(SetMarker())
            case "s":
                now = time.monotonic()
                is_sure = now - self._stop_asked_at <= _TWICE_WITHIN
                self._stop_asked_at = now
                self._pressed.put(Stop() if is_sure else Key.STOP_ASKED)
            case _:
                pass


@functools.cache
def _standard_input() -> Iterator[bytes]:
    """The one reader of standard input: what it has read ahead must not be lost between two.

    It does without ``sys.stdin``: a thread that waits in Python's buffered reader when the program
    ends makes the interpreter abort.
    """
    return read_lines(sys.stdin.fileno())


def toggled(*, is_paused: bool) -> LaterCommand:
    """Turn a toggle into a command.

    Args:
        is_paused: As it stands.

    Returns:
        The opposite.
    """
    return Resume() if is_paused else Pause()
