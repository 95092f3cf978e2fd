# SPDX-License-Identifier: EUPL-1.2
"""The meeting: case, place, purpose, participants with their permission, guidance.

Rules:

* The structs hold what was written down, complete or not; ``permission`` says what is missing.
* Instants carry their offset (RFC 3339): a time without one is another instant elsewhere.
* All of it is personal data: it stands in the vault and the case, in no log and no file name.

``docs/meeting.schema.json`` is made from this module (see ``schema``), its descriptions included.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

SCHEMA_NAME: Final = "modoptager.meeting/1"

MOST_PARTICIPANTS = 60
"""More is a public meeting, which has rules of its own."""

Instant = Annotated[
    dt.datetime, Meta(tz=True, description="Date and time with offset, as in RFC 3339.")
]


class Role(enum.Enum):
    """In which role a person takes part."""

    CITIZEN = "citizen"
    CASEWORKER = "caseworker"
    COMPANION = "companion"
    INTERPRETER = "interpreter"
    REPRESENTATIVE = "representative"
    LEADER = "leader"
    OTHER = "other"


class PermissionForm(enum.Enum):
    """How a person gave permission."""

    ORAL = "oral"
    WRITTEN = "written"
    DRAWN = "drawn"


class Permission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One person's answer to the question whether the meeting may be recorded."""

    given: Annotated[bool, Meta(description="Whether permission was given; silence is not.")]
    """Whether permission was given."""
    how: PermissionForm
    """In which form the answer was given."""
    when: Instant
    """When it was given."""


class Participant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One person in the room, or on the line."""

    name: Annotated[str, Meta(max_length=200, description="The person's name.")]
    """The person's name."""
    role: Role
    """In which role the person takes part."""
    permission: Permission | None = None
    """The answer; None as long as the person was not asked."""


class Guidance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The guidance on recording and its use that the participants are owed."""

    given: Annotated[bool, Meta(description="Whether the guidance was given.")]
    """Whether it was given."""
    when: Instant
    """When it was given."""
    by: Annotated[str, Meta(max_length=200, description="Who gave the guidance.")]
    """Who gave it."""


class Meeting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A meeting as it is documented before it is recorded."""

    case_number: Annotated[
        str, Meta(max_length=100, description="The case number as the case system shows it.")
    ]
    """The case number as the ESDH shows it."""
    place: Annotated[str, Meta(max_length=500, description="Where the meeting takes place.")]
    """Where the meeting takes place."""
    purpose: Annotated[str, Meta(max_length=500, description="What the meeting is about.")]
    """What the meeting is about."""
    participants: Annotated[
        tuple[Participant, ...],
        Meta(min_length=1, max_length=MOST_PARTICIPANTS, description="Everyone in the meeting."),
    ]
    """Everyone in the meeting, 1 to ``MOST_PARTICIPANTS``."""
    guidance: Guidance | None = None
    """The guidance; None as long as it was not given."""
    notes: Annotated[
        str,
        Meta(
            max_length=5000,
            description="Remarks; may have line breaks.",
            extra={"multiline": True},
        ),
    ] = ""
    """Remarks; may have line breaks."""
    schema: Literal["modoptager.meeting/1"] = SCHEMA_NAME
    """Name and version of this form."""
