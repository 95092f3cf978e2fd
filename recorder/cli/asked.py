# SPDX-License-Identifier: EUPL-1.2
"""Personal words come in by prompt or by file, never through arguments."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click
import msgspec
from msgspec import inspect

from recorder.errors import RecorderError, UsageError
from recorder.strict.leaf import leaf_problem
from recorder.words import _

_LIMIT = 1 << 20
_YES = frozenset({"j", "ja", "y", "yes"})
_NO = frozenset({"", "n", "nej", "no"})


@dataclass(frozen=True)
class Question:
    """What is asked, and what an answer may be: it goes into a document of the case."""

    text: str
    """Message id."""
    limit: int
    """Most characters."""
    is_multiline: bool = False
    """Whether it may have line breaks."""


def read_bounded(name: str, error: type[RecorderError] = UsageError) -> bytes:
    """Read a small file, or standard input.

    Args:
        name: A path, or ``-``.
        error: What to raise.

    Returns:
        Its bytes.

    Raises:
        RecorderError: Of the class given: if it cannot be read or is larger than 1 MiB.
    """
    try:
        if name == "-":
            data = sys.stdin.buffer.read(_LIMIT + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(_LIMIT + 1)
    except OSError as problem:
        raise error(
            _("The file cannot be read: {why}").format(why=problem.strerror or "?")
        ) from problem
    if len(data) > _LIMIT:
        raise error(_("The file is larger than 1 MiB."))
    return data


def answers(name: str | None, questions: dict[str, Question]) -> dict[str, str]:
    """Get answers from a JSON file, from standard input, or by asking.

    Args:
        name: A path or ``-`` for a JSON object with texts; none to ask on the terminal.
        questions: By key.

    Returns:
        The answers by key; a key that the file does not have is empty.

    Raises:
        UsageError: If the file is no such object, nobody can be asked, or an answer is too long
            or has characters that cannot be seen.
    """
    given = _given(name, questions)
    problems = [
        f"{key}: {problem}"
        for key, question in questions.items()
        if (problem := _problem(given[key], question))
    ]
    if problems:
        raise UsageError(problems=problems)
    return given


def _problem(answer: str, question: Question) -> str | None:
    kind = inspect.StrType(max_length=question.limit)
    return leaf_problem(answer, kind, is_multiline=question.is_multiline)


def _given(name: str | None, questions: dict[str, Question]) -> dict[str, str]:
    if name is not None:
        try:
            given = msgspec.json.decode(read_bounded(name), type=dict[str, str])
        except msgspec.DecodeError as error:
            raise UsageError(_("Not a JSON object of texts: {why}").format(why=error)) from error
        unknown = sorted(set(given) - set(questions))
        if unknown:
            known = ", ".join(questions)
            raise UsageError(
                problems=[
                    _("Unknown: {key}. Known are: {known}").format(key=key, known=known)
                    for key in unknown
                ]
            )
        return {key: given.get(key, "") for key in questions}
    if not sys.stdin.isatty():
        raise UsageError(_("Give the answers with --input FILE, or '-' for standard input."))
    return {
        key: click.prompt(_(question.text), default="", show_default=False, err=True)
        for key, question in questions.items()
    }


def confirmed(question: str) -> bool:
    """Ask a question that is answered with yes or no; no answer means no.

    Args:
        question: Translated.

    Returns:
        Whether the answer was yes, in Danish or English.

    Raises:
        click.Abort: If the terminal is closed.
    """
    while True:
        answer: str = click.prompt(
            f"{question} {_('[y = yes, Enter = no]')}", default="", show_default=False, err=True
        )
        if is_yes(answer):
            return True
        if answer.strip().casefold() in _NO:
            return False
        click.echo(_("Please answer yes or no."), err=True)


def is_yes(answer: str) -> bool:
    """Tell whether an answer means yes.

    Args:
        answer: As it was typed.

    Returns:
        Whether it is a Danish or English yes.
    """
    return answer.strip().casefold() in _YES
