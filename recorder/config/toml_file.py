# SPDX-License-Identifier: EUPL-1.2
"""Reads one TOML file of settings: bounded, with one sentence for whatever keeps it from being read.

A missing file is no problem. Limits: the reason for broken TOML is in the parser's English.
"""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from recorder.config.lines import Lines, find_lines
from recorder.words import _, printable

LARGEST_FILE = 256 << 10
"""Bytes that are read at most."""

# The parser needs the square of a key's depth; nobody writes such keys by hand.
_MOST_DOTS = 100
_PLACE = re.compile(r"\(at line (?P<line>\d+), column \d+\)|\(at end of document\)")


@dataclass(frozen=True)
class TomlFile:
    """What one file holds."""

    table: Mapping[str, object] = field(default_factory=dict)
    """The tables as ``tomllib`` gives them; empty if the file is missing or broken."""
    lines: Lines = field(default_factory=dict)
    """In which line each key stands."""
    problem: str = ""
    """What keeps it from being read, one translated sentence; empty if nothing does."""
    problem_line: int | None = None
    """In which line, where known."""


def read_toml(path: Path) -> TomlFile:
    """Read a file of settings.

    Args:
        path: The file; a missing one is like an empty one.

    Returns:
        Its content, or the problem that keeps it from being read.
    """
    try:
        data = _read(path)
    except FileNotFoundError:
        return TomlFile()
    except OSError as error:
        reason = printable(error.strerror or "")
        return TomlFile(problem=_("cannot be read: {reason}").format(reason=reason))
    if data is None:
        return TomlFile(problem=_("is not a file"))
    if len(data) > LARGEST_FILE:
        return TomlFile(problem=_("is larger than {most} bytes").format(most=LARGEST_FILE))
    try:
        text = data.decode("utf-8-sig")  # editors on Windows begin files with a byte order mark
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return TomlFile(problem=_("is not UTF-8 text"), problem_line=line)
    return _parse(text)


def _read(path: Path) -> bytes | None:
    if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
        return None
    with path.open("rb") as file:
        return file.read(LARGEST_FILE + 1)


def _parse(text: str) -> TomlFile:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.count(".") > _MOST_DOTS and not line.lstrip().startswith("#"):
            return TomlFile(problem=_("has a line with too many dots"), problem_line=number)
    try:
        table = tomllib.loads(text)
    except RecursionError:
        return TomlFile(problem=_("is nested too deep"))
    except ValueError as error:  # TOMLDecodeError, and numbers of thousands of digits
        reason = str(error)
        place = _PLACE.search(reason)
        at_end = text.rstrip().count("\n") + 1
        line_number = int(place["line"]) if place and place["line"] else at_end
        message = _("is not valid TOML: {reason}")
        shown = printable(_PLACE.sub("", reason).strip())
        return TomlFile(problem=message.format(reason=shown), problem_line=line_number)
    return TomlFile(table, find_lines(text))
