# SPDX-License-Identifier: EUPL-1.2
"""The papers of the first delivery: permissions, note, instructions, manifest, checksums."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from recorder.archive.ledger import Reservation
from recorder.capture.content import Timeline
from recorder.clock import Instant
from recorder.documents import checksums, consent, instructions, note
from recorder.evidence import manifest as manifests
from recorder.identifiers import RecordingId, Sha256Hex
from recorder.lifecycle.events import FrozenDocument, Planned, Recorded
from recorder.lifecycle.parts import Container
from recorder.meeting.model import Meeting
from recorder.vault.documents import described
from recorder.vault.journal import Journal
from recorder.words import _

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"

Paper = tuple[FrozenDocument, bytes]


@dataclass(frozen=True)
class SealedFacts:
    """All that the papers tell."""

    recording: RecordingId
    planned: Planned
    planned_at: Instant
    recorded: Recorded
    sealed_at: Instant
    reservation: Reservation
    files: Sequence[FrozenDocument]
    """The sound files."""
    timeline: Timeline
    custody: list[manifests.CustodyEvent]

    @property
    def meeting(self) -> Meeting:
        """The meeting that was planned."""
        return meeting_of(self.planned)

    @property
    def began(self) -> Instant:
        """When the first sample was taken; without sound, when it was planned."""
        return self.recorded.parts[0].began if self.recorded.parts else self.planned_at


def meeting_of(planned: Planned) -> Meeting:
    """Read the meeting that a recording was planned with.

    Args:
        planned: From the journal.

    Returns:
        The meeting.
    """
    return msgspec.json.decode(planned.meeting, type=Meeting)


def first_delivery(facts: SealedFacts) -> tuple[list[Paper], Sha256Hex]:
    """Write all papers.

    Args:
        facts: What they tell.

    Returns:
        The papers in the order of delivery, and the manifest's hash.
    """
    record, text, verify = _consent(facts), _note(facts), _instructions(facts)
    papers = [
        (described("consent", "consent.json", _("Permissions"), JSON, record), record),
        (described("note", "journal-note.txt", _("Journal note"), TEXT, text), text),
        (described("verify", instructions.NAME, _("How to check"), TEXT, verify), verify),
    ]
    body = manifests.encode(_manifest(facts, papers))
    papers.append((described("manifest", "manifest.json", _("Manifest"), JSON, body), body))
    listed = [*facts.files, *(document for document, _content in papers)]
    sums = checksums.encode([(document.name, document.sha256) for document in listed])
    papers.append((described("checksums", checksums.NAME, _("Checksums"), TEXT, sums), sums))
    return papers, Sha256Hex(hashlib.sha256(body).hexdigest())


def custody(journal: Journal) -> list[manifests.CustodyEvent]:
    """Write down a journal without its personal content.

    Args:
        journal: The recording's.

    Returns:
        One row per entry.
    """
    return [
        manifests.CustodyEvent(
            number=entry.number,
            kind=str(type(entry.event).__struct_config__.tag),
            at=entry.at,
            sha256=sha256,
        )
        for entry, sha256 in zip(journal.entries, journal.hashes, strict=True)
    ]


def _consent(facts: SealedFacts) -> bytes:
    return consent.encode(
        consent.ConsentRecord(
            format=consent.FORMAT,
            recording=facts.recording,
            documented=facts.planned_at,
            policy_id=facts.planned.policy_id,
            policy_version=facts.planned.policy_version,
            meeting=facts.meeting,
        )
    )


def _note(facts: SealedFacts) -> bytes:
    return note.journal_note(
        note.NoteFacts(
            recording=facts.recording,
            meeting=facts.meeting,
            began=facts.began,
            parts=facts.recorded.parts,
            files=[(d.name, d.sha256) for d in facts.files],
            gaps=facts.timeline.gaps,
            markers=facts.timeline.markers,
            recovered=facts.recorded.recovered,
            damaged=facts.recorded.damaged,
        )
    )


def _instructions(facts: SealedFacts) -> bytes:
    containers = {part.format.container for part in facts.recorded.parts}
    return instructions.encode(has_flac=Container.FLAC in containers)


def _manifest(facts: SealedFacts, papers: list[Paper]) -> manifests.Manifest:
    reservation, previous = facts.reservation, None
    if reservation.previous_manifest is not None:
        previous = manifests.Predecessor(
            reservation.previous_sequence, reservation.previous_manifest
        )
    documents = [*facts.files, *(document for document, _content in papers)]
    return manifests.Manifest(
        format=manifests.FORMAT,
        recording=facts.recording,
        case_number=facts.meeting.case_number,
        device_sequence=reservation.sequence,
        previous=previous,
        software=facts.planned.software,
        policy=manifests.PolicyReference(facts.planned.policy_id, facts.planned.policy_version),
        planned=facts.planned_at,
        sealed=facts.sealed_at,
        recovered=facts.recorded.recovered,
        damaged=facts.recorded.damaged,
        parts=[_part(facts, document) for document in facts.files],
        gaps=list(facts.timeline.gaps),
        markers=list(facts.timeline.markers),
        documents=[manifests.manifest_document(document) for document in documents],
        custody=facts.custody,
    )


def _part(facts: SealedFacts, document: FrozenDocument) -> manifests.ManifestPart:
    (part,) = (p for p in facts.recorded.parts if p.number == document.part)
    stamps = [s for own in facts.timeline.leaves if own.part == document.part for s in own.stamps]
    return manifests.manifest_part(
        manifests.PartEvidence(
            part=part,
            document=document,
            leaves=[stamp.leaf for stamp in stamps],
            instants=[(stamp.monotonic_ns, stamp.wall_us) for stamp in stamps],
        )
    )
