# SPDX-License-Identifier: EUPL-1.2
"""Gets the meeting: from a file, from standard input, or by asking on the terminal."""

from __future__ import annotations

import datetime as dt
import sys

import click

from recorder.cli.asked import confirmed, read_bounded
from recorder.documents import phrases
from recorder.errors import PermissionMissingError, UsageError
from recorder.meeting.model import (
    Guidance,
    Meeting,
    Participant,
    Permission,
    PermissionForm,
    Role,
)
from recorder.meeting.reading import read_meeting
from recorder.policy.conditions import require
from recorder.words import _


def documented_meeting(name: str | None) -> Meeting:
    """Get a meeting whose permissions are complete; nothing is recorded before that.

    Args:
        name: A path, ``-`` for standard input, or none to ask.

    Returns:
        The meeting.

    Raises:
        PermissionMissingError: With everything that is missing.
        UsageError: If nobody can be asked.
    """
    if name is not None:
        meeting = read_meeting(read_bounded(name, PermissionMissingError))
    elif sys.stdin.isatty():
        meeting = _asked_meeting()
    else:
        raise UsageError(_("Give the meeting with --meeting FILE, or '-' for standard input."))
    require(meeting, dt.datetime.now(dt.UTC))
    return meeting


def _asked_meeting() -> Meeting:
    case = _ask(_("Case number"))
    place = _ask(_("Place"))
    purpose = _ask(_("Purpose of the meeting"))
    participants = [
        _asked_participant(Role.CITIZEN),
        _asked_participant(Role.CASEWORKER),
    ]
    while confirmed(_("Is anybody else taking part?")):
        participants.append(_asked_participant(_asked_role()))
    caseworker = participants[1].name
    given = confirmed(_("Was guidance on recording given?"))
    guidance = Guidance(given=given, when=_now(), by=caseworker)
    return Meeting(case, place, purpose, tuple(participants), guidance)


def _asked_participant(role: Role) -> Participant:
    name = _ask(_("Name of the {role}").format(role=phrases.role(role)))
    given = confirmed(_("Does {name} give permission to record?").format(name=name))
    forms = {phrases.form(form): form for form in PermissionForm}
    how = PermissionForm.ORAL
    if given:
        how = forms[
            click.prompt(
                _("How"), type=click.Choice(list(forms)), default=next(iter(forms)), err=True
            )
        ]
    return Participant(name, role, Permission(given=given, how=how, when=_now()))


def _asked_role() -> Role:
    roles = {phrases.role(role): role for role in Role}
    return roles[click.prompt(_("Role"), type=click.Choice(list(roles)), err=True)]


def _ask(question: str) -> str:
    answer: str = click.prompt(question, err=True)
    return answer.strip()


def _now() -> dt.datetime:
    return dt.datetime.now().astimezone().replace(microsecond=0)
