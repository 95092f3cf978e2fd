# SPDX-License-Identifier: EUPL-1.2
"""What became of a recording, for whoever asked: the ``result`` of the contract."""

from __future__ import annotations

import msgspec

from recorder.identifiers import RecordingId, Sha256Hex
from recorder.lifecycle.fold import Recording
from recorder.lifecycle.states import State


class PartOutcome(msgspec.Struct, frozen=True):
    """One part's file."""

    file: str
    sha256: Sha256Hex
    samples_sha256: Sha256Hex | None
    samples: int
    rate: int
    channels: int
    depth: int


class Outcome(msgspec.Struct, frozen=True):
    """Where a recording ended up."""

    id: RecordingId
    state: State
    folder: str
    """Where the case folder is, as far as the archive can say; else empty."""
    parts: tuple[PartOutcome, ...]
    gaps: int
    receipt: str = ""
    """The receipt's text once there is one."""


def outcome_of(
    recording_id: RecordingId, recording: Recording, *, folder: str = "", receipt: str = ""
) -> Outcome:
    """Sum up a recording.

    Args:
        recording_id: Its id.
        recording: Where it stands.
        folder: Where the case folder is.
        receipt: The receipt's text.

    Returns:
        The outcome.
    """
    files = {d.part: d for d in recording.sealed.documents if d.part} if recording.sealed else {}
    recorded = recording.recorded
    parts = tuple(
        PartOutcome(
            file=files[part.number].name,
            sha256=files[part.number].sha256,
            samples_sha256=part.samples_sha256,
            samples=part.samples,
            rate=part.format.rate,
            channels=part.format.channels,
            depth=part.format.depth,
        )
        for part in (recorded.parts if recorded else ())
        if part.number in files
    )
    gaps = recorded.gaps if recorded else 0
    return Outcome(recording_id, recording.state, folder, parts, gaps, receipt)
