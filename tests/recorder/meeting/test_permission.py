# SPDX-License-Identifier: EUPL-1.2
"""What must be documented before a meeting may be recorded."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from recorder.errors import PermissionMissingError
from recorder.meeting import (
    Guidance,
    Meeting,
    Participant,
    Permission,
    PermissionForm,
    Role,
    check,
    missing,
)
from recorder.meeting.permission import TOLERANCE, role_name

NOW = dt.datetime(2026, 3, 2, 10, 15, tzinfo=dt.UTC)
BEFORE = NOW - dt.timedelta(minutes=10)


def permission(when: dt.datetime = BEFORE, *, given: bool = True) -> Permission:
    return Permission(given=given, how=PermissionForm.ORAL, when=when)


CITIZEN = Participant(name="Åse Opdigtet", role=Role.CITIZEN, permission=permission())
CASEWORKER = Participant(name="Bo Eksempelsen", role=Role.CASEWORKER, permission=permission())
GUIDANCE = Guidance(given=True, when=BEFORE, by="Bo Eksempelsen")
COMPLETE = Meeting(
    case_number="1-2-3",
    place="Rådhuset",
    purpose="Samtale",
    participants=(CITIZEN, CASEWORKER),
    guidance=GUIDANCE,
)


def with_third(**changes: object) -> Meeting:
    third = Participant(name="Cæcilie Prøve", role=Role.INTERPRETER, permission=permission())
    changed = msgspec.structs.replace(third, **changes)
    return msgspec.structs.replace(COMPLETE, participants=(CITIZEN, CASEWORKER, changed))


def test_nothing_is_missing_in_a_complete_meeting() -> None:
    assert missing(COMPLETE, NOW) == []
    check(COMPLETE, NOW)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"case_number": " "}, "The case number is missing."),
        ({"place": ""}, "The place of the meeting is missing."),
        ({"purpose": "\u00a0"}, "The purpose of the meeting is missing."),
        ({"guidance": None}, "No guidance to the participants is documented."),
        ({"participants": (CASEWORKER,)}, "No participant is the citizen."),
        ({"participants": (CITIZEN,)}, "No participant is the caseworker."),
        (
            {"guidance": msgspec.structs.replace(GUIDANCE, given=False)},
            "Guidance to the participants has not been given.",
        ),
        (
            {"guidance": msgspec.structs.replace(GUIDANCE, by=" ")},
            "It is not documented who gave the guidance.",
        ),
    ],
)
def test_each_missing_thing_of_the_meeting_is_one_sentence(
    change: dict[str, object], said: str
) -> None:
    assert missing(msgspec.structs.replace(COMPLETE, **change), NOW) == [said]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": " "}, "Participant 3 (interpreter) has no name."),
        ({"permission": None}, "Participant 3 (interpreter): no permission is documented."),
        (
            {"permission": permission(given=False)},
            "Participant 3 (interpreter) has not given permission.",
        ),
    ],
)
def test_each_missing_thing_of_a_participant_is_one_sentence(
    change: dict[str, object], said: str
) -> None:
    assert missing(with_third(**change), NOW) == [said]


def test_everything_missing_is_listed_at_once() -> None:
    nothing = Meeting(
        case_number="",
        place="",
        purpose="",
        participants=(Participant(name="", role=Role.OTHER),),
    )
    assert len(missing(nothing, NOW)) == 8


def test_one_refusal_among_many_is_enough() -> None:
    with pytest.raises(PermissionMissingError) as caught:
        check(with_third(permission=permission(given=False)), NOW)
    assert caught.value.exit_code == 4
    assert len(caught.value.problems) == 1


def test_clocks_may_differ_a_little() -> None:
    assert missing(with_third(permission=permission(NOW + TOLERANCE)), NOW) == []


def test_a_clock_two_hours_slow_is_suspected_by_permission_and_guidance() -> None:
    slow = BEFORE - dt.timedelta(hours=2)
    said = missing(COMPLETE, slow)
    assert len(said) == 3
    assert all("clock says 2026-03-02 08:05" in sentence for sentence in said)
    assert "2026-03-02 10:05" in said[0]


def test_instants_are_compared_across_time_zones() -> None:
    same = NOW.astimezone(dt.timezone(dt.timedelta(hours=9)))
    assert missing(with_third(permission=permission(same)), NOW) == []


def test_sentences_hold_no_names() -> None:
    broken = with_third(permission=permission(NOW + dt.timedelta(days=1), given=False))
    said = missing(msgspec.structs.replace(broken, case_number="", guidance=None), NOW)
    assert len(said) == 4
    assert not any("Prøve" in sentence or "Opdigtet" in sentence for sentence in said)


def test_every_role_has_a_name() -> None:
    assert len({role_name(role) for role in Role}) == len(Role)
