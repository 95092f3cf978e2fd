# SPDX-License-Identifier: EUPL-1.2
"""What is documented about a meeting before anything is captured."""

from recorder.meeting.model import (
    Guidance,
    Meeting,
    Participant,
    Permission,
    PermissionForm,
    Role,
)
from recorder.meeting.permission import check, missing
from recorder.meeting.reading import convert_meeting, read_meeting

__all__ = [
    "Guidance",
    "Meeting",
    "Participant",
    "Permission",
    "PermissionForm",
    "Role",
    "check",
    "convert_meeting",
    "missing",
    "read_meeting",
]
