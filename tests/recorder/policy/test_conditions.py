# SPDX-License-Identifier: EUPL-1.2
"""The policy's conditions stand before every recording."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import pytest

from recorder.errors import PermissionMissingError
from recorder.meeting import read_meeting
from recorder.policy import in_force, require

EXAMPLE = Path(__file__).parents[3] / "docs" / "meeting.example.json"
NOW = dt.datetime(2026, 3, 2, 10, 15, tzinfo=dt.UTC)


def test_a_complete_meeting_gets_the_policy_in_force() -> None:
    policy = require(read_meeting(EXAMPLE.read_bytes()), NOW)
    assert policy == in_force()
    assert (policy.id, policy.version) == ("consent-of-all", "1")


def test_everything_that_is_missing_is_refused_at_once() -> None:
    meeting = read_meeting(EXAMPLE.read_bytes())
    first = msgspec.structs.replace(meeting.participants[0], permission=None)
    broken = msgspec.structs.replace(
        meeting, guidance=None, participants=(first, *meeting.participants[1:])
    )
    with pytest.raises(PermissionMissingError) as caught:
        require(broken, NOW)
    assert len(caught.value.problems) == 2
