# SPDX-License-Identifier: EUPL-1.2
"""What must be documented before a meeting may be recorded, and what of it is missing.

Rules: everybody in the room gave permission, each with form and time; guidance was given; case,
place and purpose are stated; a citizen and a caseworker take part. An instant later than now is
refused beyond a small tolerance: either it is wrong or this computer's clock is, and a recording
dated by a wrong clock is poor evidence.

Limits: whether the words were really said cannot be known here. Sentences name persons by number
and role, not by name, so that they may be shown anywhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from recorder.errors import PermissionMissingError
from recorder.meeting.model import Meeting, Participant, Role
from recorder.strict import Keys, Problem, show_path
from recorder.words import N_, _

TOLERANCE = dt.timedelta(minutes=5)
"""How far clocks may differ without remark."""

_ROLE_NAMES = {
    Role.CITIZEN: N_("citizen"),
    Role.CASEWORKER: N_("caseworker"),
    Role.COMPANION: N_("companion"),
    Role.INTERPRETER: N_("interpreter"),
    Role.REPRESENTATIVE: N_("representative"),
    Role.LEADER: N_("leader"),
    Role.OTHER: N_("other participant"),
}


def role_name(role: Role) -> str:
    """Name a role for a person.

    Args:
        role: The role.

    Returns:
        A translated noun in lower case.
    """
    return _(_ROLE_NAMES[role])


def missing(meeting: Meeting, now: dt.datetime) -> list[str]:
    """List what is missing before the meeting may be recorded.

    Args:
        meeting: What was documented.
        now: The present instant, with time zone.

    Returns:
        One translated sentence for each thing that is missing; empty if nothing is.
    """
    return [finding.message for finding in findings(meeting, now)]


def check(meeting: Meeting, now: dt.datetime) -> None:
    """Refuse a meeting that may not be recorded yet.

    Args:
        meeting: What was documented.
        now: The present instant, with time zone.

    Raises:
        PermissionMissingError: With everything that is missing.
    """
    problems = missing(meeting, now)
    if problems:
        raise PermissionMissingError(problems=problems)


def findings(meeting: Meeting, now: dt.datetime) -> list[Problem]:
    """List what is missing, and where.

    Args:
        meeting: What was documented.
        now: The present instant, with time zone.

    Returns:
        One problem for each thing that is missing; its message stands without its path.
    """
    found = [*_of_the_case(meeting), *_of_the_roles(meeting.participants)]
    for index, participant in enumerate(meeting.participants):
        found += _of_a_participant(index, participant, now)
    return found + _of_the_guidance(meeting, now)


def _finding(keys: Keys, message: str) -> Problem:
    return Problem(show_path(keys), message, keys)


def _of_the_case(meeting: Meeting) -> list[Problem]:
    texts = (
        ("case_number", meeting.case_number, _("The case number is missing.")),
        ("place", meeting.place, _("The place of the meeting is missing.")),
        ("purpose", meeting.purpose, _("The purpose of the meeting is missing.")),
    )
    return [_finding((key,), message) for key, text, message in texts if not text.strip()]


def _of_the_roles(participants: Sequence[Participant]) -> list[Problem]:
    roles = {participant.role for participant in participants}
    needed = (
        (Role.CITIZEN, _("No participant is the citizen.")),
        (Role.CASEWORKER, _("No participant is the caseworker.")),
    )
    return [_finding(("participants",), message) for role, message in needed if role not in roles]


def _of_a_participant(index: int, participant: Participant, now: dt.datetime) -> list[Problem]:
    here: Keys = ("participants", index)
    who = {"number": index + 1, "role": role_name(participant.role)}
    permission = participant.permission
    found = []
    if not participant.name.strip():
        message = _("Participant {number} ({role}) has no name.").format(**who)
        found.append(_finding((*here, "name"), message))
    if permission is None:
        message = _("Participant {number} ({role}): no permission is documented.").format(**who)
        found.append(_finding((*here, "permission"), message))
        return found
    if not permission.given:
        message = _("Participant {number} ({role}) has not given permission.").format(**who)
        found.append(_finding((*here, "permission", "given"), message))
    what = _("The permission of participant {number} ({role})").format(**who)
    return found + _of_the_time((*here, "permission", "when"), what, permission.when, now)


def _of_the_guidance(meeting: Meeting, now: dt.datetime) -> list[Problem]:
    guidance = meeting.guidance
    if guidance is None:
        return [_finding(("guidance",), _("No guidance to the participants is documented."))]
    found = []
    if not guidance.given:
        message = _("Guidance to the participants has not been given.")
        found.append(_finding(("guidance", "given"), message))
    if not guidance.by.strip():
        message = _("It is not documented who gave the guidance.")
        found.append(_finding(("guidance", "by"), message))
    return found + _of_the_time(("guidance", "when"), _("The guidance"), guidance.when, now)


def _of_the_time(keys: Keys, what: str, when: dt.datetime, now: dt.datetime) -> list[Problem]:
    if when <= now + TOLERANCE:
        return []
    message = _(
        "{what} is dated {when}, which is later than now. This computer's clock says {now}: "
        "if that is wrong, set the clock right; else correct the date."
    ).format(what=what, when=_shown(when, now), now=_shown(now, now))
    return [_finding(keys, message)]


def _shown(instant: dt.datetime, like: dt.datetime) -> str:
    """Both instants in one zone, or nobody sees which is later."""
    return instant.astimezone(like.tzinfo).isoformat(sep=" ", timespec="minutes")
