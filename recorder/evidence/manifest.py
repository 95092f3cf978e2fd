# SPDX-License-Identifier: EUPL-1.2
"""The manifest: what a sealed recording is, in one canonical JSON file.

Rules: keys stand in the structs' order, times in UTC, hashes in lower-case hexadecimal, so that
the same recording gives the same bytes. It holds the hash of every other document of the first
delivery, and of each second of samples (RFC 6962's tree; ``docs/format.md`` has the leaves).

Limits: it is not signed yet; until the evidence piece exists it proves that nothing changed since
delivery, not who made it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from recorder.clock import Instant
from recorder.identifiers import RecordingId, Sha256Hex
from recorder.lifecycle.events import FrozenDocument
from recorder.lifecycle.parts import Container, Gap, Marker, Part

FORMAT = "modoptager.manifest/1"
_ANCHOR_EVERY = 60


class LeafInstant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When one second of samples had arrived, on both clocks."""

    leaf: int
    """Number of the per-second hash, from 0."""
    monotonic_ns: int
    wall: dt.datetime


class ManifestDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One document of the first delivery."""

    role: str
    file: str
    media_type: str
    size: int
    sha256: Sha256Hex


class ManifestPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One part of the recording."""

    number: int
    track: int
    """Which microphone, from 1; stands in each per-second hash."""
    file: str
    container: Container
    sha256: Sha256Hex
    """Of the file."""
    size: int
    rate: int
    channels: int
    depth: int
    samples: int
    """Frames."""
    samples_sha256: Sha256Hex | None
    """Of the interleaved signed little-endian PCM at native width; none where lossy."""
    began: Instant
    source: str
    leaf_seed: str
    """Hexadecimal; from it and its number the salt of each per-second hash is derived."""
    merkle_root: Sha256Hex | None
    leaves: list[Sha256Hex]
    """One hash per second of samples."""
    clock: list[LeafInstant]
    """When samples arrived, once a minute and at the end."""


class Predecessor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The recording that this device sealed before."""

    sequence: int
    manifest_sha256: Sha256Hex


class CustodyEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One journal entry, without its personal content."""

    number: int
    kind: str
    at: Instant
    sha256: Sha256Hex
    """Of the entry's bytes; each entry holds the hash of the one before."""


class PolicyReference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules that were in force."""

    id: str
    version: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a sealed recording is."""

    format: str
    recording: RecordingId
    case_number: str
    device_sequence: int
    """This device's running number."""
    previous: Predecessor | None
    software: str
    policy: PolicyReference
    planned: Instant
    sealed: Instant
    recovered: bool
    """Whether a later start closed the recording after a crash."""
    damaged: bool
    """Whether the local store was found damaged: what is here is the intact beginning."""
    parts: list[ManifestPart]
    gaps: list[Gap]
    markers: list[Marker]
    documents: list[ManifestDocument]
    custody: list[CustodyEvent]


@dataclass(frozen=True)
class PartEvidence:
    """A part with all that the sound log says of it."""

    part: Part
    document: FrozenDocument
    """Its file in the case."""
    leaves: Sequence[bytes]
    """32 bytes each."""
    instants: Sequence[tuple[int, int]]
    """Per leaf: monotonic nanoseconds and wall clock in microseconds since 1970."""


def manifest_part(evidence: PartEvidence) -> ManifestPart:
    """Write down one part.

    Args:
        evidence: All that is known of it.

    Returns:
        Its place in the manifest.
    """
    part, document = evidence.part, evidence.document
    return ManifestPart(
        number=part.number,
        track=1,
        file=document.name,
        container=part.format.container,
        sha256=document.sha256,
        size=document.size,
        rate=part.format.rate,
        channels=part.format.channels,
        depth=part.format.depth,
        samples=part.samples,
        samples_sha256=part.samples_sha256,
        began=part.began,
        source=part.source_name,
        leaf_seed=part.leaf_seed.hex(),
        merkle_root=part.leaf_root,
        leaves=[Sha256Hex(leaf.hex()) for leaf in evidence.leaves],
        clock=_anchors(evidence.instants),
    )


def manifest_document(document: FrozenDocument) -> ManifestDocument:
    """Write down one document.

    Args:
        document: As it was frozen.

    Returns:
        Its place in the manifest.
    """
    return ManifestDocument(
        document.role, document.name, document.media_type, document.size, document.sha256
    )


def encode(manifest: Manifest) -> bytes:
    """Give the manifest its bytes.

    Args:
        manifest: The content.

    Returns:
        Indented JSON in UTF-8 with a line end, the same for the same content.
    """
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def decode(data: bytes) -> Manifest:
    """Read a manifest.

    Args:
        data: The file.

    Returns:
        Its content.

    Raises:
        ValueError: If it is not a manifest of a version that this program knows.
    """
    manifest = msgspec.json.decode(data, type=Manifest)
    if manifest.format != FORMAT:
        raise ValueError("unknown manifest format")
    return manifest


def _anchors(instants: Sequence[tuple[int, int]]) -> list[LeafInstant]:
    kept = [n for n in range(len(instants)) if n % _ANCHOR_EVERY == 0 or n == len(instants) - 1]
    return [
        LeafInstant(n, instants[n][0], dt.datetime.fromtimestamp(instants[n][1] / 1e6, dt.UTC))
        for n in kept
    ]
