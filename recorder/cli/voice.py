# SPDX-License-Identifier: EUPL-1.2
"""How a command speaks: to a person in words, to a machine in JSON lines.

Rules: every JSON line has ``event``, ``id``, ``time`` and ``state`` (the last two of a recording,
``null`` where it is about none). Of a command that handles one recording the last line is
``result``, however it went: an error is told before it.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec

from recorder.cli import output
from recorder.cli.failure import exit_code_for
from recorder.cli.stopping import Stopping
from recorder.words import _

_F = TypeVar("_F", bound=Callable[..., Any])


class Voice:
    """Says things to whoever runs the command."""

    def __init__(self, *, is_json: bool, is_quiet: bool, is_verbose: bool) -> None:
        """Choose how to speak.

        Args:
            is_json: JSON lines on standard output, nothing else.
            is_quiet: Only results and errors.
            is_verbose: More than usual.
        """
        self.is_json = is_json
        self.is_quiet = is_quiet
        self.is_verbose = is_verbose
        self.stopping = Stopping()
        self._about: dict[str, object] = {"id": None, "state": None}
        self._result: dict[str, object] | None = None

    @property
    def is_live(self) -> bool:
        """Whether a person watches a terminal that can be written over."""
        return not self.is_json and not self.is_quiet and output.is_terminal()

    def say(self, text: str) -> None:
        """Tell a person how it goes."""
        if not self.is_json and not self.is_quiet:
            output.put_line(text, is_error=True)

    def result(self, text: str) -> None:
        """Give a person what was asked for."""
        if not self.is_json:
            output.put_line(text, is_error=False)

    def event(self, name: str, **fields: object) -> None:
        """Tell a machine what happened.

        Args:
            name: Of the event.
            **fields: Anything that msgspec can encode.
        """
        if self.is_json:
            self._let_go()
            self._emit(name, fields)

    def promise_result(self) -> None:
        """Say that this command ends with a ``result``, even where nothing could be recorded."""
        self._result = {"folder": "", "parts": [], "gaps": 0}

    def keep_result(self, **fields: object) -> None:
        """Tell a recording's ``result``, but let an error that belongs to it go first.

        Args:
            **fields: Anything that msgspec can encode.
        """
        self._let_go()
        self._result = fields

    def end(self, error: BaseException | None) -> None:
        """Say the last words.

        Args:
            error: What ended the command, if anything did.

        Raises:
            SystemExit: With the code for the error, which a machine has been told; with 1 if all
                went well, but what was asked for could not be written.
        """
        code = 0
        if self.is_json and error is not None:
            code = exit_code_for(error, self._about)
        result, self._result = self._result, None
        if self.is_json and result is not None:
            self._emit("result", self._about | result)
        if code or (error is None and output.is_answer_lost()):
            raise SystemExit(code or 1) from error

    def _let_go(self) -> None:
        """Tell a kept result, now that it is known that no error belongs to it."""
        result, self._result = self._result, None
        if result is None or not self.is_json:
            return
        if "id" in result:
            self._emit("result", result)
        else:
            self._result = result  # promised only: it is due at the end

    def _emit(self, name: str, fields: dict[str, object]) -> None:
        about = {key: fields.pop(key, None) for key in ("id", "state")}
        if about["id"] is not None:
            self._about = {key: about[key] or self._about[key] for key in about}
        time = dt.datetime.now(dt.UTC)
        body = {"event": name, "id": about["id"], "time": time, "state": about["state"], **fields}
        output.put_line(msgspec.json.encode(_plain(body)).decode("utf-8"), is_error=False)


def _plain(value: object) -> object:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value


def speaking(command: _F) -> _F:
    """Give a command ``--json``, ``--quiet`` and ``--verbose``, and a ``voice`` argument."""

    def with_voice(*args: Any, as_json: bool, quiet: bool, verbose: bool, **kwargs: Any) -> object:
        voice = Voice(is_json=as_json, is_quiet=quiet, is_verbose=verbose)
        try:
            answer = command(*args, voice=voice, **kwargs)
        except click.exceptions.Exit:
            raise
        except BaseException as error:
            voice.end(error)
            raise
        voice.end(None)
        return answer

    # Click takes a command's name from its function's.
    with_voice.__name__ = command.__name__
    with_voice.__doc__ = command.__doc__
    for option in (
        click.option("--json", "as_json", is_flag=True, help=_("JSON lines for machines.")),
        click.option("-q", "--quiet", is_flag=True, help=_("Only results and errors.")),
        click.option("-v", "--verbose", is_flag=True, help=_("More than usual.")),
    ):
        with_voice = option(with_voice)
    if hasattr(command, "__click_params__"):
        params = getattr(with_voice, "__click_params__", [])
        with_voice.__click_params__ = [*params, *command.__click_params__]  # type: ignore[attr-defined]  # click keeps options there
    return with_voice  # type: ignore[return-value]  # same command, more options
