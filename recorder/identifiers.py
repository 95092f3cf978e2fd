# SPDX-License-Identifier: EUPL-1.2
"""The ids and hashes that run through the whole program, each with a type of its own."""

from __future__ import annotations

import re
import secrets
from typing import NewType

RecordingId = NewType("RecordingId", str)
"""Sixteen characters of Crockford's base 32 (80 random bits): says nothing about the meeting."""

Sha256Hex = NewType("Sha256Hex", str)
"""A SHA-256 value as 64 lower-case hexadecimal digits."""

CaseNumber = NewType("CaseNumber", str)
"""A case number as the ESDH shows it."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 16
_RECORDING_ID = re.compile(rf"[{_ALPHABET}]{{{_LENGTH}}}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def new_recording_id() -> RecordingId:
    """Draw a new recording id.

    Returns:
        An id that no other recording has (a collision needs about 2^40 recordings).
    """
    return RecordingId("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)))


def recording_id(text: str) -> RecordingId:
    """Check that a text is a recording id.

    Args:
        text: What a person or a file gave; dashes, spaces and capitals are forgiven.

    Returns:
        The id.

    Raises:
        ValueError: If it is none.
    """
    plain = re.sub(r"[\s-]", "", text).lower()
    if not _RECORDING_ID.fullmatch(plain):
        raise ValueError(f"not a recording id: {text[:40]!r}")
    return RecordingId(plain)


def sha256_hex(text: str) -> Sha256Hex:
    """Check that a text is a SHA-256 value.

    Args:
        text: 64 hexadecimal digits.

    Returns:
        The value in lower case.

    Raises:
        ValueError: If it is none.
    """
    plain = text.strip().lower()
    if not _SHA256.fullmatch(plain):
        raise ValueError("not a SHA-256 value")
    return Sha256Hex(plain)
