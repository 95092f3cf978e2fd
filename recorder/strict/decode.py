# SPDX-License-Identifier: EUPL-1.2
"""Reads JSON from outside: bounded, without duplicate keys, with line and column of what is broken.

RFC 8259; beyond it, duplicate keys are refused (two readers of one file would see two meetings),
and ``NaN`` and ``Infinity``, which Python would take.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Never, TypeVar

from recorder.strict.problem import MOST_PROBLEMS, Problem, show_path
from recorder.strict.walk import convert_all
from recorder.words import _, printable

T = TypeVar("T")

LARGEST_JSON = 1 << 20
"""Bytes that are read at most."""

_DEEPEST = 64
# Possessive: an unclosed text of a megabyte is passed once, not once per quotation mark.
_TEXTS_AND_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


@dataclass(frozen=True)
class Parsed:
    """What was read from JSON."""

    value: object
    """The value; None where it was no JSON."""
    problems: list[Problem] = field(default_factory=list)
    """What is wrong with it as JSON."""
    is_json: bool = True
    """Whether there is a value at all; duplicate keys are a problem, but leave one."""


def parse_json(data: bytes, *, name: str = "") -> Parsed:
    """Read JSON strictly.

    Args:
        data: UTF-8, at most ``LARGEST_JSON`` bytes; a byte order mark is forgiven.
        name: What the whole is called in problems.

    Returns:
        The value, or the problem that kept it from being read.
    """
    if len(data) > LARGEST_JSON:
        return _broken(name, _("is larger than {most} bytes").format(most=LARGEST_JSON))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _broken(name, _("is not UTF-8 text (byte {place})").format(place=error.start))
    if _is_too_deep(text):
        return _broken(name, _("is nested more than {most} levels deep").format(most=_DEEPEST))
    return _parse(text, name)


def decode_all(data: bytes, type_: type[T], *, name: str = "") -> tuple[T | None, list[Problem]]:
    """Read JSON and convert it, or list everything that is wrong with it.

    Args:
        data: UTF-8, at most ``LARGEST_JSON`` bytes.
        type_: What it should be.
        name: What the whole is called in front of each path; may be empty.

    Returns:
        The converted value and no problem, or None and at least one problem.
    """
    parsed = parse_json(data, name=name)
    if not parsed.is_json:
        return None, parsed.problems
    value, problems = convert_all(parsed.value, type_, name=name)
    if parsed.problems:
        return None, [*parsed.problems, *problems]
    return value, problems


def _parse(text: str, name: str) -> Parsed:
    twice: list[Problem] = []

    def unite(pairs: list[tuple[str, object]]) -> dict[str, object]:
        united = dict(pairs)
        if len(united) != len(pairs):
            counts = Counter(key for key, _value in pairs)
            doubled = [key for key, count in counts.items() if count > 1]
            for key in doubled[: MOST_PROBLEMS - len(twice)]:
                path = show_path((key,))  # how deep it stands is not known here
                twice.append(Problem(path, _("stands twice; leave one of the two")))
        return united

    try:
        value = json.loads(text, object_pairs_hook=unite, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        return _broken(
            name,
            _("is not valid JSON: line {line}, column {column}: {reason}").format(
                line=error.lineno, column=error.colno, reason=printable(error.msg)
            ),
        )
    except (ValueError, RecursionError):  # NaN, or a number of thousands of digits
        return _broken(name, _("holds a number that cannot be used"))
    return Parsed(value, twice)


def _refuse_constant(constant: str) -> Never:
    raise ValueError(constant)


def _is_too_deep(text: str) -> bool:
    depth = 0
    for token in _TEXTS_AND_BRACKETS.finditer(text):
        first = token.group()[0]
        depth += (first in "[{") - (first in "]}")
        if depth > _DEEPEST:
            return True
    return False


def _broken(name: str, message: str) -> Parsed:
    return Parsed(None, [Problem(name, message)], is_json=False)
