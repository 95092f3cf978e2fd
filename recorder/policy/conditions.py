# SPDX-License-Identifier: EUPL-1.2
"""Checks that the policy's conditions are documented before a recording begins."""

from __future__ import annotations

import datetime as dt

from recorder.meeting import permission
from recorder.meeting.model import Meeting
from recorder.policy.model import PolicyInForce, in_force


def require(meeting: Meeting, now: dt.datetime) -> PolicyInForce:
    """Let a recording begin only if everything the policy asks for is documented.

    Args:
        meeting: What was documented.
        now: The present instant, with time zone.

    Returns:
        The policy whose conditions hold.

    Raises:
        PermissionMissingError: With everything that is missing.
    """
    permission.check(meeting, now)
    return in_force()
