# SPDX-License-Identifier: EUPL-1.2
"""Reading a meeting: its form and what is missing, in one list."""

from __future__ import annotations

import copy
import datetime as dt
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.errors import PermissionMissingError
from recorder.meeting import Meeting, Role, convert_meeting, missing, read_meeting
from recorder.meeting.schema import schema_text

DOCS = Path(__file__).parents[3] / "docs"
EXAMPLE = (DOCS / "meeting.example.json").read_bytes()
NOW = dt.datetime(2026, 3, 2, 10, 15, tzinfo=dt.UTC)


def example() -> dict[str, Any]:
    value: dict[str, Any] = json.loads(EXAMPLE)
    return value


def problems_of(value: object) -> list[str]:
    with pytest.raises(PermissionMissingError) as caught:
        convert_meeting(value, now=NOW)
    return list(caught.value.problems)


def test_the_published_example_is_valid_and_complete() -> None:
    meeting = read_meeting(EXAMPLE)
    assert missing(meeting, NOW) == []
    assert {participant.role for participant in meeting.participants} >= {
        Role.CITIZEN,
        Role.CASEWORKER,
    }


def test_the_published_schema_is_the_one_of_the_program() -> None:
    assert (DOCS / "meeting.schema.json").read_text("utf-8") == schema_text()


def test_the_published_schema_requires_what_recording_requires() -> None:
    definitions = json.loads(schema_text())["$defs"]
    assert "guidance" in definitions["Meeting"]["required"]
    assert "permission" in definitions["Participant"]["required"]
    assert definitions["Participant"]["additionalProperties"] is False


def test_a_meeting_survives_being_written_and_read() -> None:
    meeting = read_meeting(EXAMPLE)
    assert read_meeting(msgspec.json.encode(meeting)) == meeting
    assert read_meeting(json.dumps(msgspec.to_builtins(meeting)).encode()) == meeting


def test_a_meeting_in_preparation_may_lack_permission_and_guidance() -> None:
    value = example()
    del value["guidance"]
    value["participants"][0]["permission"] = None
    meeting = convert_meeting(value)
    assert len(missing(meeting, NOW)) == 2


def test_form_and_missing_permission_come_together() -> None:
    value = example()
    value["participants"][0]["role"] = "citisen"
    value["participants"][1]["permission"] = None
    value["participants"][2]["permission"]["given"] = False
    value["guidance"] = None
    value["place"] = "  "
    value["prupose"] = value.pop("purpose")
    meeting_keys = Meeting.__struct_fields__
    roles = ", ".join(role.value for role in Role)
    assert problems_of(value) == [
        'prupose: is not known; did you mean "purpose"? Allowed: ' + ", ".join(meeting_keys),
        "purpose: is missing; it must be text",
        f'participants[0].role: must be one of: {roles}; did you mean "citizen"?',
        "The place of the meeting is missing.",
        "Participant 2 (caseworker): no permission is documented.",
        "Participant 3 (companion) has not given permission.",
        "No guidance to the participants is documented.",
    ]


def test_nothing_is_said_twice() -> None:
    value = example()
    value["participants"][0]["permission"] = {"given": "yes", "how": "oral", "when": "10:15"}
    value["guidance"]["by"] = 3
    value["case_number"] = None
    assert [problem.split(":")[0] for problem in problems_of(value)] == [
        "case_number",
        "participants[0].permission.given",
        "participants[0].permission.when",
        "guidance.by",
    ]


def test_no_participants_is_one_problem() -> None:
    value = {**example(), "participants": []}
    assert problems_of(value) == ["participants: has 0 entries; allowed: at least 1"]


def test_a_missing_caseworker_is_told_beside_other_problems_of_form() -> None:
    value = example()
    del value["participants"][1]
    value["notes"] = 3
    assert problems_of(value) == ["notes: must be text", "No participant is the caseworker."]


def test_an_unknown_key_that_is_known_elsewhere_is_still_unknown() -> None:
    value = {**example(), "role": "citizen", "guidance": None}
    role, guidance = problems_of(value)
    assert role.startswith("role: is not known")
    assert guidance == "No guidance to the participants is documented."


def test_too_many_participants_are_refused() -> None:
    value = example()
    value["participants"] = value["participants"] * 21
    assert problems_of(value) == ["participants: has 63 entries; allowed: at most 60"]


def test_direction_characters_in_a_name_are_refused() -> None:
    value = example()
    value["participants"][0]["name"] = "Bo\u202e nesneS"
    (problem,) = problems_of(value)
    assert problem.startswith("participants[0].name: ")
    assert "U+202E" in problem


def test_another_version_of_the_form_is_refused() -> None:
    (problem,) = problems_of({**example(), "schema": "modoptager.meeting/2"})
    assert problem.startswith("schema: must be one of: modoptager.meeting/1")


def test_duplicate_keys_are_refused_even_in_a_good_meeting() -> None:
    doubled = EXAMPLE.replace(b'"place"', b'"place": "x", "place"', 1)
    with pytest.raises(PermissionMissingError) as caught:
        read_meeting(doubled)
    assert caught.value.problems == ("place: stands twice; leave one of the two",)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'"x"', b"[" * 100_000])
def test_what_is_no_meeting_at_all_is_one_sentence(data: bytes) -> None:
    with pytest.raises(PermissionMissingError) as caught:
        read_meeting(data)
    assert len(caught.value.problems) == 1


@given(st.data())
def test_a_damaged_meeting_is_refused_or_read_but_never_fails_otherwise(
    data: st.DataObject,
) -> None:
    value = copy.deepcopy(example())
    junk = st.none() | st.booleans() | st.integers() | st.text() | st.just([]) | st.just({})
    place: Any = value
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else [0, 1, 2]))
        if isinstance(place[key], dict | list) and data.draw(st.booleans()):
            place = place[key]
            continue
        place[key] = data.draw(junk)
        break
    refusals: list[PermissionMissingError] = []
    try:
        convert_meeting(value, now=NOW)
    except PermissionMissingError as error:
        refusals.append(error)
    assert all(refusal.problems for refusal in refusals)
