# SPDX-License-Identifier: EUPL-1.2
"""The completion document: how the sealed recording reached the case and left the device."""

from __future__ import annotations

import msgspec

from recorder.clock import Instant
from recorder.evidence.manifest import CustodyEvent
from recorder.identifiers import RecordingId, Sha256Hex
from recorder.lifecycle.events import WipeReport

FORMAT = "modoptager.completion/1"
NAME = "completion.json"


class DeliveredDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One document that was delivered, fetched again and compared."""

    role: str
    file: str
    size: int
    sha256: Sha256Hex
    adapter: str
    read_back: Instant
    """When it was fetched again over a new connection and hashed on the device."""


class Completion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What happened after sealing."""

    format: str
    recording: RecordingId
    manifest_sha256: Sha256Hex
    documents: list[DeliveredDocument]
    wiped: WipeReport
    custody: list[CustodyEvent]
    """The journal from the beginning; the manifest holds the same up to sealing."""


def encode(completion: Completion) -> bytes:
    """Give the document its bytes.

    Args:
        completion: The content.

    Returns:
        Indented JSON in UTF-8.
    """
    return msgspec.json.format(msgspec.json.encode(completion), indent=1) + b"\n"
