# SPDX-License-Identifier: EUPL-1.2
"""Standard output and standard error that may go away: a closed pipe or terminal ends no meeting.

Rule: what cannot be written is dropped, and the stream is led to the null device, so that neither
a later line nor Python's own last flush can fail. Whether that happened is remembered.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TextIO

import click

_gone: set[str] = set()


def put_line(text: str, *, is_error: bool) -> None:
    """Write a line.

    Args:
        text: Without its end.
        is_error: Whether it goes to standard error.
    """
    try:
        click.echo(text, err=is_error)
    except (OSError, ValueError):
        _fall_silent(sys.stderr if is_error else sys.stdout)


def draw(text: str) -> None:
    """Write to standard error as it stands, for a line that is written over.

    Args:
        text: May hold control sequences.
    """
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        _fall_silent(sys.stderr)


def is_answer_lost() -> bool:
    """Whether standard output went away before everything was written."""
    return "<stdout>" in _gone


def leave_quietly() -> None:
    """Let standard output go: whoever read it has ended."""
    _fall_silent(sys.stdout)


class Drawing:
    """Standard error as a file for progress bars; never fails."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        """Write."""
        draw(text)
        return len(text)

    def flush(self) -> None:
        """Everything was written already."""

    def isatty(self) -> bool:
        """Whether a terminal is there."""
        return is_terminal()


def is_terminal() -> bool:
    """Whether standard error is a terminal that is still there."""
    try:
        return sys.stderr.isatty()
    except ValueError:
        return False


def _fall_silent(stream: TextIO) -> None:
    _gone.add(stream.name)
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
