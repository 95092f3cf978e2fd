# SPDX-License-Identifier: EUPL-1.2
"""What the records of a sound log hold (``docs/format.md``; numbers are big-endian).

    PART    JSON ``PartBegan``: a part begins. Written together with its first sound.
    AUDIO   part 2 | bytes of the part's file behind its header; of FLAC always whole frames
    DIGEST  part 2 | first leaf index 4 | n times (leaf 32 | monotonic ns 8 | wall clock, unix us 8)
            the instant is that of the leaf's last sample
    EVENT   JSON ``Gap`` or ``Marker`` (``kind`` says which)
    HEADER  JSON ``Part``: the part is closed, these are its final header and hashes
    CLOSE   empty: the log is closed

The file of a part = the header in its ``Part`` | its AUDIO contents in order, as many bytes as
``content_bytes`` says. Where a leaf index comes twice, the later record holds: after a crash the
last leaf may be hashed again over fewer samples.

Rule: these records are authenticated, so that what does not decode is damage, not accident.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from recorder.clock import Instant
from recorder.errors import DamagedError
from recorder.lifecycle.parts import Gap, GapCause, Marker, Part, PartFormat
from recorder.vault.segment import MAX_PLAINTEXT
from recorder.words import _

AUDIO_CHUNK = 256 << 10
"""File content per record, in bytes: far below what a record may hold."""

_T = TypeVar("_T")
_PART = struct.Struct(">H")
_DIGEST = struct.Struct(">HI")
_STAMP = struct.Struct(">32sqq")
_STAMPS_MAX = (MAX_PLAINTEXT - 1 - _DIGEST.size) // _STAMP.size

SoundEvent = Gap | Marker
"""What can stand between the samples."""


class PartBegan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part begins."""

    part: int
    """Its number, from 1."""
    track: int
    """From 1."""
    format: PartFormat
    leaf_seed: bytes
    """Secret, 32 bytes: the salts of the per-second hashes are derived from it."""
    source_name: str
    """Name of the device; empty for files."""
    began: Instant
    """When its first sample was taken."""
    header: bytes
    """The file header as it is before the lengths are known; empty for an original."""
    after: GapCause | None = None
    """Why another process took over from an earlier part; the gap between them is measured when
    the recording is closed."""


@dataclass(frozen=True)
class Stamp:
    """A leaf with the instant of its last sample."""

    index: int
    """Of the leaf in its part, from 0."""
    leaf: bytes
    """32 bytes."""
    monotonic_ns: int
    """On the clock of the boot in which the part began."""
    wall_us: int
    """Unix time in microseconds."""


def encode_part(part: PartBegan) -> bytes:
    """Encode the payload of a PART record.

    Args:
        part: What begins.

    Returns:
        The payload.
    """
    return msgspec.json.encode(part)


def decode_part(payload: bytes) -> PartBegan:
    """Decode the payload of a PART record.

    Args:
        payload: As it stood in the log.

    Returns:
        The part that begins.

    Raises:
        DamagedError: If it is none.
    """
    return _json(payload, PartBegan)


def encode_audio(part: int, content: bytes) -> bytes:
    """Encode the payload of an AUDIO record.

    Args:
        part: Number of the part.
        content: Bytes of its file.

    Returns:
        The payload.
    """
    return _PART.pack(part) + content


def decode_audio(payload: bytes) -> tuple[int, bytes]:
    """Decode the payload of an AUDIO record.

    Args:
        payload: As it stood in the log.

    Returns:
        The part's number, and bytes of its file.

    Raises:
        DamagedError: If it is too short to be one.
    """
    if len(payload) < _PART.size:
        raise _damaged()
    return _PART.unpack_from(payload)[0], payload[_PART.size :]


def encode_digests(part: int, stamps: Sequence[Stamp]) -> list[bytes]:
    """Encode the payloads of DIGEST records.

    Args:
        part: Number of the part.
        stamps: Leaves with consecutive indices.

    Returns:
        The payloads, as many as they take.
    """
    payloads = []
    for start in range(0, len(stamps), _STAMPS_MAX):
        chunk = stamps[start : start + _STAMPS_MAX]
        rows = b"".join(_STAMP.pack(s.leaf, s.monotonic_ns, s.wall_us) for s in chunk)
        payloads.append(_DIGEST.pack(part, chunk[0].index) + rows)
    return payloads


def decode_digests(payload: bytes) -> tuple[int, list[Stamp]]:
    """Decode the payload of a DIGEST record.

    Args:
        payload: As it stood in the log.

    Returns:
        The part's number, and its leaves.

    Raises:
        DamagedError: If it is none.
    """
    if len(payload) < _DIGEST.size or (len(payload) - _DIGEST.size) % _STAMP.size:
        raise _damaged()
    part, first = _DIGEST.unpack_from(payload)
    rows = _STAMP.iter_unpack(payload[_DIGEST.size :])
    return part, [Stamp(first + i, *row) for i, row in enumerate(rows)]


def encode_event(event: SoundEvent) -> bytes:
    """Encode the payload of an EVENT record.

    Args:
        event: A gap or a marker.

    Returns:
        The payload.
    """
    return msgspec.json.encode(event)


def decode_event(payload: bytes) -> SoundEvent:
    """Decode the payload of an EVENT record.

    Args:
        payload: As it stood in the log.

    Returns:
        The gap or marker.

    Raises:
        DamagedError: If it is none.
    """
    try:
        return msgspec.json.decode(payload, type=Gap | Marker)
    except msgspec.DecodeError as error:
        raise _damaged() from error


def encode_header(part: Part) -> bytes:
    """Encode the payload of a HEADER record.

    Args:
        part: The closed part.

    Returns:
        The payload.
    """
    return msgspec.json.encode(part)


def decode_header(payload: bytes) -> Part:
    """Decode the payload of a HEADER record.

    Args:
        payload: As it stood in the log.

    Returns:
        The closed part.

    Raises:
        DamagedError: If it is none.
    """
    return _json(payload, Part)


def _json(payload: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(payload, type=kind)
    except msgspec.DecodeError as error:
        raise _damaged() from error


def _damaged() -> DamagedError:
    return DamagedError(_("The sound log of this recording cannot be read."))
