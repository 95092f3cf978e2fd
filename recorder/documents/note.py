# SPDX-License-Identifier: EUPL-1.2
"""The minimal journal note, made by itself so that the case is never without one.

Limits: plain text, first cut; the guidelines piece brings the full note as PDF.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recorder.clock import Instant
from recorder.documents import phrases
from recorder.identifiers import RecordingId, Sha256Hex
from recorder.lifecycle.parts import Gap, Marker, Part
from recorder.meeting.model import Meeting, Participant
from recorder.words import _


@dataclass(frozen=True)
class NoteFacts:
    """What the note tells."""

    recording: RecordingId
    meeting: Meeting
    began: Instant
    parts: Sequence[Part]
    files: Sequence[tuple[str, Sha256Hex]]
    gaps: Sequence[Gap]
    markers: Sequence[Marker]
    recovered: bool
    damaged: bool


def journal_note(facts: NoteFacts) -> bytes:
    """Write the note in the language in use.

    Args:
        facts: What it tells.

    Returns:
        Plain text in UTF-8.
    """
    sections = [
        [_("Journal note: the meeting was recorded by the municipality")],
        list(_about(facts)),
        [_("Present, and their permission to record:"), *map(_present, facts.meeting.participants)],
        list(_guidance(facts.meeting)),
        list(_sound(facts)),
        list(_files(facts)),
    ]
    return ("\n\n".join("\n".join(s) for s in sections if s) + "\n").encode("utf-8")


def _about(facts: NoteFacts) -> Iterator[str]:
    meeting = facts.meeting
    yield _("Case: {case}").format(case=meeting.case_number)
    yield _("Recording: {id}").format(id=phrases.grouped(facts.recording))
    yield _("Began: {time}").format(time=phrases.moment(facts.began.wall))
    yield _("Place: {place}").format(place=meeting.place)
    yield _("Purpose: {purpose}").format(purpose=meeting.purpose)
    if meeting.notes:
        yield _("Remarks: {notes}").format(notes=meeting.notes)


def _present(participant: Participant) -> str:
    permission = participant.permission
    if permission is None or not permission.given:
        return _("- {name} ({role}): no permission").format(
            name=participant.name, role=phrases.role(participant.role)
        )
    return _("- {name} ({role}): gave permission {form} on {time}").format(
        name=participant.name,
        role=phrases.role(participant.role),
        form=phrases.form(permission.how),
        time=phrases.moment(permission.when),
    )


def _guidance(meeting: Meeting) -> Iterator[str]:
    if meeting.guidance is not None and meeting.guidance.given:
        yield _("Guidance on recording was given by {name} on {time}.").format(
            name=meeting.guidance.by, time=phrases.moment(meeting.guidance.when)
        )


def _sound(facts: NoteFacts) -> Iterator[str]:
    if not facts.parts:
        yield _("There is no sound in this recording.")
    for part in facts.parts:
        seconds = part.samples / part.format.rate if part.format.rate else 0.0
        yield _("Part {number}: {length}").format(
            number=part.number, length=phrases.length(seconds)
        )
    for gap in facts.gaps:
        yield _("Gap in part {part} on {time}, {length}: {cause}").format(
            part=gap.part,
            time=phrases.moment(gap.began.wall),
            length=phrases.length(gap.seconds),
            cause=phrases.cause(gap.cause),
        )
    if not facts.gaps and facts.parts:
        yield _("There are no gaps.")
    for marker in facts.markers:
        yield _("Marker in part {part} on {time}: {text}").format(
            part=marker.part, time=phrases.moment(marker.at.wall), text=marker.text or "-"
        )
    if facts.recovered:
        yield _("The recording was interrupted and closed at the next start of the program.")
    if facts.damaged:
        yield _("The local store was found damaged. What is here is its intact beginning.")


def _files(facts: NoteFacts) -> Iterator[str]:
    if not facts.files:
        return
    yield _("Files and their SHA-256 (how to check them is in VERIFY.txt):")
    for name, sha256 in facts.files:
        yield f"- {name}"
        yield f"  {phrases.grouped(sha256)}"
