# SPDX-License-Identifier: EUPL-1.2
"""Reads a meeting from JSON; what is wrong with its form and what is missing come as one list.

Rule: a meeting that cannot be read is refused like one without permission, with the same error,
since to the caseworker both mean: nothing is recorded until this is put right.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from recorder.errors import PermissionMissingError
from recorder.meeting.model import SCHEMA_NAME, Meeting
from recorder.meeting.permission import findings
from recorder.strict import DROP, Keys, Problem, convert_all, mended, parse_json

# A sound value in the place of a broken one lets the rest be checked. Its own findings are left
# out again, and the meeting that holds it never leaves this module.
_LONG_AGO: Final = "2000-01-01T00:00:00Z"
_GIVEN: Final = {"given": True, "how": "oral", "when": _LONG_AGO}
_SOMEBODY: Final = {"name": "-", "role": "other", "permission": _GIVEN}
_STAND_INS: Final[dict[str, object]] = {
    "schema": SCHEMA_NAME,
    "case_number": "-",
    "place": "-",
    "purpose": "-",
    "notes": "",
    "participants": [_SOMEBODY],
    "guidance": {"given": True, "when": _LONG_AGO, "by": "-"},
    "name": "-",
    "role": "other",
    "permission": _GIVEN,
    "given": True,
    "how": "oral",
    "when": _LONG_AGO,
    "by": "-",
}


def read_meeting(data: bytes, *, now: dt.datetime | None = None) -> Meeting:
    """Read a meeting from JSON.

    Args:
        data: UTF-8 in the form of ``docs/meeting.schema.json``.
        now: The present instant, with time zone; the system's where left out.

    Returns:
        The meeting, well-formed but not checked for permission (``permission.check`` does that).

    Raises:
        PermissionMissingError: If it is malformed; lists what is missing besides, too.
    """
    parsed = parse_json(data, name="meeting")
    if not parsed.is_json:
        raise PermissionMissingError(problems=[str(problem) for problem in parsed.problems])
    return _convert(parsed.value, parsed.problems, now)


def convert_meeting(value: object, *, now: dt.datetime | None = None) -> Meeting:
    """Take a meeting from a value that was read already.

    Args:
        value: Dictionaries, lists, texts and booleans as JSON gives them.
        now: The present instant, with time zone; the system's where left out.

    Returns:
        The meeting, well-formed but not checked for permission (``permission.check`` does that).

    Raises:
        PermissionMissingError: If it is malformed; lists what is missing besides, too.
    """
    return _convert(value, [], now)


def _convert(value: object, broken: Sequence[Problem], now: dt.datetime | None) -> Meeting:
    meeting, malformed = convert_all(value, Meeting)
    if meeting is not None and not broken:
        return meeting
    more = _missing_besides(value, malformed, now or dt.datetime.now(dt.UTC))
    problems = [str(problem) for problem in (*broken, *malformed)]
    raise PermissionMissingError(problems=problems + [finding.message for finding in more])


def _missing_besides(
    value: object, malformed: Sequence[Problem], now: dt.datetime
) -> list[Problem]:
    if not isinstance(value, dict):
        return []
    meeting, _unused = convert_all(mended(value, malformed, _stand_in), Meeting)
    if meeting is None:
        return []
    return [one for one in findings(meeting, now) if not _is_said(one, malformed)]


def _stand_in(problem: Problem) -> object:
    if problem.is_unknown_key or not problem.keys:
        return DROP
    last = problem.keys[-1]
    if isinstance(last, int):
        return _SOMEBODY
    return _STAND_INS.get(last, DROP)


def _is_said(finding: Problem, malformed: Sequence[Problem]) -> bool:
    if finding.keys == ("participants",):
        return any(_hides_a_role(problem.keys) for problem in malformed)
    return any(_overlap(finding.keys, problem.keys) for problem in malformed)


def _hides_a_role(keys: Keys) -> bool:
    """Whether the citizen or caseworker may well be there, but unreadable."""
    is_participant = len(keys) <= 2 or keys[2:] == ("role",)  # noqa: PLR2004 - list and index
    return keys[:1] == ("participants",) and is_participant


def _overlap(one: Keys, other: Keys) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]
