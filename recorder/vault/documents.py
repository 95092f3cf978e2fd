# SPDX-License-Identifier: EUPL-1.2
"""Frozen documents in an entry's documents log: written once, read by their hash.

Each document is a ``DOCUMENT`` record (its description as JSON) followed by ``CONTENT`` records.
Freezing that was cut short leaves documents that no journal event names; they are never read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import msgspec

from recorder.errors import DamagedError
from recorder.identifiers import Sha256Hex
from recorder.lifecycle.events import FrozenDocument
from recorder.vault.entry import Entry
from recorder.vault.segment import RecordType
from recorder.words import _

_BLOCK = 256 << 10


def freeze(entry: Entry, documents: Sequence[tuple[FrozenDocument, bytes]]) -> None:
    """Store documents durably, before any event names them.

    Args:
        entry: The recording's.
        documents: Descriptions with their bytes.

    Raises:
        VaultError: If they cannot be stored.
    """
    reader = entry.documents_reader()
    for _record in reader:
        pass
    writer = entry.documents_writer(reader.next_sequence)
    try:
        for document, content in documents:
            writer.append(RecordType.DOCUMENT, msgspec.json.encode(document))
            for start in range(0, len(content), _BLOCK):
                writer.append(RecordType.CONTENT, content[start : start + _BLOCK])
        writer.sync()
    finally:
        writer.release()


def frozen_content(entry: Entry, document: FrozenDocument) -> Iterator[bytes]:
    """Read a frozen document.

    Args:
        entry: The recording's.
        document: From a journal event.

    Yields:
        Its bytes in blocks.

    Raises:
        DamagedError: If its bytes are not there whole, or not as they were frozen.
    """
    begins = -1
    for record in entry.documents_reader():
        if record.kind is RecordType.DOCUMENT and _describes(record.payload, document):
            begins = record.sequence  # the last one counts: an earlier try may have been cut short
    digest, size = hashlib.sha256(), 0
    for record in entry.documents_reader():
        if begins < 0 or record.sequence <= begins:
            continue
        if record.kind is not RecordType.CONTENT:
            break
        digest.update(record.payload)
        size += len(record.payload)
        yield record.payload
    if size != document.size or digest.hexdigest() != document.sha256:
        raise DamagedError(_("A document on this device is not as it was frozen."))


def _describes(payload: bytes, document: FrozenDocument) -> bool:
    return msgspec.json.decode(payload, type=FrozenDocument) == document


def described(role: str, name: str, title: str, media_type: str, content: bytes) -> FrozenDocument:
    """Describe a document by its bytes.

    Args:
        role: What it is in the set.
        name: Its file name in the case.
        title: Its title in the case.
        media_type: RFC 6838.
        content: All its bytes.

    Returns:
        The description.
    """
    sha256 = Sha256Hex(hashlib.sha256(content).hexdigest())
    return FrozenDocument(role, name, title, media_type, len(content), sha256)
