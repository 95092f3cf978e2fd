# SPDX-License-Identifier: EUPL-1.2
"""Finds the line in which a TOML key stands, which ``tomllib`` does not tell.

Rule: only for text that ``tomllib`` has accepted. Limits: keys inside inline tables and entries of
arrays are not found one by one; ``line_of`` answers with the line of the key they belong to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from recorder.strict import Keys

Lines = Mapping[Keys, int]
"""Line numbers from 1, by key."""

# Possessive throughout, so that no text makes the scan slow.
_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_KEY = rf"{_PART}(?:[ \t]*+\.[ \t]*+{_PART})*+"
_BLANK = re.compile(r"(?:[ \t\r\n]|\#[^\n]*+)++")
_HEADER = re.compile(rf"\[(?P<array>\[)?[ \t]*+(?P<key>{_KEY})[ \t]*+\]\]?")
_ASSIGNMENT = re.compile(rf"(?P<key>{_KEY})[ \t]*+=")
_PARTS = re.compile(_PART)
# Closing marks are optional: an unclosed text is passed once, not once per mark inside it.
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+"{0,5}'
    r"|'''(?:[^']|'(?!''))*+'{0,5}"
    r'|"(?:[^"\\\n]|\\.)*+"?'
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+"
    r"|(?P<open>[\[{])|(?P<close>[\]}])|(?P<end>\n)|.",
    re.DOTALL,
)


def find_lines(text: str) -> Lines:
    """Find the line of every table header and key.

    Args:
        text: Valid TOML.

    Returns:
        Where each stands. Incomplete if something was not understood, never wrong on purpose.
    """
    lines: dict[Keys, int] = {}
    arrays: dict[Keys, int] = {}
    table: Keys = ()
    place, line = 0, 1
    while place < len(text):
        start = place
        if blank := _BLANK.match(text, place):
            place = blank.end()
        elif header := _HEADER.match(text, place):
            table = _names(header["key"])
            if header["array"]:
                arrays[table] = arrays.get(table, -1) + 1
                lines.setdefault(table, line)
                table = (*table, arrays[table])
            lines[table] = line
            place = header.end()
        elif assignment := _ASSIGNMENT.match(text, place):
            _note(lines, table, _names(assignment["key"]), line)
            place = _end_of_value(text, assignment.end())
        else:
            break
        line += text.count("\n", start, place)
    return lines


def line_of(lines: Lines, keys: Keys) -> int | None:
    """Look up the line of a key, or of the nearest one around it.

    Args:
        lines: What ``find_lines`` found.
        keys: The place.

    Returns:
        The line number, or None where it cannot be told.
    """
    for length in range(len(keys), 0, -1):
        if keys[:length] in lines:
            return lines[keys[:length]]
    return None


def _names(key: str) -> Keys:
    return tuple(part.strip("\"'") for part in _PARTS.findall(key))


def _note(lines: dict[Keys, int], table: Keys, names: Keys, line: int) -> None:
    for length in range(1, len(names) + 1):
        lines.setdefault((*table, *names[:length]), line)


def _end_of_value(text: str, place: int) -> int:
    depth = 0
    while token := _TOKEN.match(text, place):
        place = token.end()
        depth += bool(token["open"]) - bool(token["close"])
        if token["end"] and depth <= 0:
            break
    return place
