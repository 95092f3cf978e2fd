# SPDX-License-Identifier: EUPL-1.2
"""How a command speaks: to a person in words, to a machine in JSON lines."""

from __future__ import annotations

import datetime as dt
import enum
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec

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

    @property
    def is_live(self) -> bool:
        """Whether a person watches a terminal that can be written over."""
        return not self.is_json and not self.is_quiet and sys.stderr.isatty()

    def say(self, text: str) -> None:
        """Tell a person how it goes."""
        if not self.is_json and not self.is_quiet:
            click.echo(text, err=True)

    def result(self, text: str) -> None:
        """Give a person what was asked for."""
        if not self.is_json:
            click.echo(text)

    def event(self, name: str, **fields: object) -> None:
        """Tell a machine what happened.

        Args:
            name: Of the event.
            **fields: Anything that msgspec can encode.
        """
        if self.is_json:
            body = {"event": name, "time": dt.datetime.now(dt.UTC), **fields}
            click.echo(msgspec.json.encode(_plain(body)).decode("utf-8"))


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
        return command(*args, voice=voice, **kwargs)

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
