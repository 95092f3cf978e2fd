# SPDX-License-Identifier: EUPL-1.2
"""Signals outside a recording: the work stops at the next safe place, and its result is told.

Rules: SIGINT, SIGTERM and SIGHUP are only noted; whoever works looks between two steps and while
one goes on. A second one ends the program at once, which loses nothing either. Signals that mean
something during a recording mean nothing here.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator

_STOPS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
_NOTHING = ("SIGUSR1", "SIGUSR2")
_TICK = 0.1


class StoppedError(BaseException):
    """Somebody wants the program to end; like an interrupt, no error of its own."""

    def __init__(self, number: int) -> None:
        """Remember why.

        Args:
            number: Of the signal.
        """
        super().__init__()
        self.exit_code = 128 + number


class Stopping:
    """Whether the program shall end."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self._number: int | None = None
        self._depth = 0

    @property
    def is_asked(self) -> bool:
        """Whether somebody has asked for the end."""
        return self._number is not None

    def check(self) -> None:
        """Go on, unless the end was asked for.

        Raises:
            StoppedError: If it was.
        """
        if self._number is not None:
            raise StoppedError(self._number)

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than until the end is asked for.

        Args:
            seconds: At most.
        """
        until = time.monotonic() + seconds
        while not self.is_asked and time.monotonic() < until:
            time.sleep(_TICK)

    @contextlib.contextmanager
    def guarded(self) -> Iterator[None]:
        """Note signals while the body runs, instead of dying of them; may be nested."""
        if self._depth:
            yield
            return
        self._depth += 1
        before = {}
        try:
            for name in (*_STOPS, *_NOTHING):
                number = getattr(signal, name, None)
                if number is not None and not is_left_alone(name, number):
                    before[number] = signal.signal(
                        number, self._note if name in _STOPS else _nothing
                    )
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self._depth -= 1

    def _note(self, number: int, _frame: object) -> None:
        if self._number is not None:
            raise StoppedError(number)
        self._number = number


def is_left_alone(name: str, number: int) -> bool:
    """Tell whether a signal stays ignored: ``nohup`` means it.

    SIGINT is ignored in every command that a shell script begins in the background, and means
    "stop" all the same.

    Args:
        name: Of the signal.
        number: Of the signal.

    Returns:
        Whether whoever began this process wants it ignored.
    """
    return name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN


def _nothing(_number: int, _frame: object) -> None:
    """Not SIG_IGN: a process that is begun meanwhile would inherit that."""
