# SPDX-License-Identifier: EUPL-1.2
"""The consent record: who was there, and who agreed when and how, as it was before recording."""

from __future__ import annotations

import msgspec

from recorder.clock import Instant
from recorder.identifiers import RecordingId
from recorder.meeting.model import Meeting

FORMAT = "modoptager.consent/1"


class ConsentRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The meeting with its permissions."""

    format: str
    recording: RecordingId
    documented: Instant
    """When it was written down: before any sound."""
    policy_id: str
    policy_version: str
    meeting: Meeting


def encode(record: ConsentRecord) -> bytes:
    """Give the record its bytes.

    Args:
        record: The content.

    Returns:
        Indented JSON in UTF-8.
    """
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"
