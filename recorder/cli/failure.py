# SPDX-License-Identifier: EUPL-1.2
"""The one place where errors end: words for the person, a code for the machine."""

from __future__ import annotations

import datetime as dt
import enum
import json
import os
import sys
import traceback
from collections.abc import Iterator, Mapping

import click

from recorder.cli.output import leave_quietly, put_line
from recorder.cli.stopping import StoppedError
from recorder.errors import EXIT_INTERNAL, RecorderError
from recorder.words import _, printable

_USAGE = 2
_STOPPED = 130


_NOTHING: Mapping[str, object] = {"id": None, "state": None}


def exit_code_for(error: BaseException, about: Mapping[str, object] = _NOTHING) -> int:
    """Tell the person, or the machine, what happened and choose the exit code.

    Args:
        error: What ended the command.
        about: ``id`` and ``state`` of the recording that it was about, where there was one.

    Returns:
        The exit code of the contract.
    """
    if isinstance(error, RecorderError):
        _tell(error, about)
        return error.exit_code
    if isinstance(error, click.ClickException):
        error.show()
        return _USAGE
    if isinstance(error, KeyboardInterrupt | click.exceptions.Abort | StoppedError):
        _print(_("Stopped."))
        return error.exit_code if isinstance(error, StoppedError) else _STOPPED
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1
    if isinstance(error, BrokenPipeError):
        leave_quietly()
        return 1
    _tell_defect(error, about)
    return EXIT_INTERNAL


def _tell(error: RecorderError, about: Mapping[str, object]) -> None:
    if wants_json():
        said = {
            "exit_code": error.exit_code,
            "title": _(error.title),
            "detail": error.detail,
            "problems": list(error.problems),
            "advice": _(error.advice),
            "retryable": error.is_retryable,
        }
        _print_json(said, about)
        return
    for line in lines_for(error):
        _print(line)


def lines_for(error: RecorderError) -> Iterator[str]:
    """Put an error into lines for a person.

    Args:
        error: What happened.

    Yields:
        What happened, what it means, what to do.
    """
    yield f"✖ {_(error.title)}"
    if error.detail:
        yield f"  {printable(error.detail)}"
    for problem in error.problems:
        yield f"  • {printable(problem)}"
    yield f"  → {_(error.advice)}"


def _tell_defect(error: BaseException, about: Mapping[str, object]) -> None:
    """Say that the program is wrong, without what its variables hold: that may be personal."""
    places = _places(error)
    if wants_json():
        _print_json(
            {
                "exit_code": EXIT_INTERNAL,
                "title": _("The program has a defect"),
                "defect": [type(error).__name__, *places],
            },
            about,
        )
        return
    for line in lines_for_defect(error):
        _print(line)


def lines_for_defect(error: BaseException) -> Iterator[str]:
    """Put an error that nobody foresaw into lines for a person.

    Args:
        error: What happened.

    Yields:
        That it is a defect, and where.
    """
    yield f"✖ {_('The program has a defect')} ({type(error).__name__})"
    yield f"  {_('Send these lines to IT:')}"
    for place in _places(error):
        yield f"    {place}"


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return [f"{os.path.basename(f.filename)}:{f.lineno} {f.name}" for f in frames]  # noqa: PTH119 - a name from a frame


def wants_json() -> bool:
    """Tell whether the command was asked to speak to a machine."""
    return "--json" in sys.argv[1:]


def _print(line: str) -> None:
    put_line(line, is_error=True)


def _print_json(said: dict[str, object], about: Mapping[str, object]) -> None:
    now = dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z")
    head = {"event": "error", "id": about["id"], "time": now, "state": about["state"]}
    put_line(json.dumps(head | said, ensure_ascii=False, default=_word), is_error=False)


def _word(value: object) -> object:
    return value.value if isinstance(value, enum.Enum) else str(value)
