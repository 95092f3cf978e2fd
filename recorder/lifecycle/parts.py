# SPDX-License-Identifier: EUPL-1.2
"""What a recording is made of: parts of one format, and the gaps in and between them."""

from __future__ import annotations

import enum

import msgspec

from recorder.clock import Instant
from recorder.identifiers import Sha256Hex


class Container(enum.Enum):
    """How the bytes of a part are to be read."""

    FLAC = "flac"
    """FLAC made here while recording (RFC 9639)."""
    ORIGINAL = "original"
    """The bytes of an imported file, untouched."""


class PartFormat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fixed format of one part."""

    container: Container
    rate: int
    """Frames per second."""
    channels: int
    depth: int
    """Bits per sample; 0 where the original is lossy and has no such thing."""
    extension: str = "flac"
    """File name extension without the dot."""


class GapCause(enum.Enum):
    """Why sound is missing."""

    PAUSE = "pause"
    DEVICE_LOST = "device lost"
    STALLED = "stalled"
    SAMPLES_LOST = "samples lost"
    PROCESS_REPLACED = "process replaced"
    CONTINUED = "continued"
    STORE_FAILED = "store failed"
    """The local store took no more: the recording ended there."""
    SOURCE_BROKE_OFF = "source broke off"
    """The file that was recorded from could not be read on: the recording ended there."""
    DAMAGED = "damaged"
    """Sound that was stored is missing or changed; how much is unknown (seconds: 0)."""


class Gap(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="gap"):
    """A stretch of time without samples."""

    cause: GapCause
    part: int
    """The part it stands in (where it lies between two parts: the later one)."""
    at_sample: int
    """Frames of that part that come before it."""
    seconds: float
    """How long, as well as it is known."""
    proven: bool
    """Whether the length comes from one monotonic clock (else: the wall clock alone says so)."""
    began: Instant
    ended: Instant
    detail: str = ""
    """In words, e.g. the name of the device."""


class Marker(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="marker"
):
    """A place in the sound that somebody marked."""

    part: int
    at_sample: int
    at: Instant
    text: str = ""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One closed part, as it lies in the sound log."""

    number: int
    """From 1."""
    format: PartFormat
    began: Instant
    """When its first sample was taken (of an import: when it was taken in)."""
    first_sequence: int
    """The log record that opens it."""
    content_bytes: int
    """Bytes of file content in the log, the header below not counted."""
    header: bytes
    """The final FLAC header, to be put before the content; empty for an original."""
    samples: int
    """Frames; 0 where unknown."""
    samples_sha256: Sha256Hex | None
    """SHA-256 of the interleaved signed little-endian PCM at native width; none if lossy."""
    leaf_seed: bytes
    """Secret from which the salts of the per-second hashes are derived."""
    leaf_count: int
    """How many per-second hashes stand in the sound log."""
    leaf_root: Sha256Hex | None
    """The Merkle root over them; none where there are no samples to hash."""
    source_name: str = ""
    """Name of the device; empty for files, whose names may be personal data."""
