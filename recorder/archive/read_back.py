# SPDX-License-Identifier: EUPL-1.2
"""Read back: fetch every due document over a new connection, hash it here, compare.

Rule: this is the only proof there is. A status code, a size or a hash that the server states is
none. Filing for good (journalising) comes first, so that the final form is what is read.
"""

from __future__ import annotations

from collections.abc import Sequence

from esdh_adapter.store import Store
from recorder.archive.outside import Archive, document_for, stored_from_raw
from recorder.archive.progress import Report
from recorder.identifiers import Sha256Hex
from recorder.lifecycle.events import FrozenDocument, ReadBack
from recorder.vault.entry import Entry
from recorder.words import _


def unproven(entry: Entry) -> tuple[FrozenDocument, ...]:
    """List what is due and was not read back.

    Args:
        entry: The recording's.

    Returns:
        The documents in their order.
    """
    recording = entry.recording
    return tuple(d for d in recording.due if d.role not in recording.read_back)


def read_back(
    entry: Entry,
    archive: Archive,
    store: Store,
    documents: Sequence[FrozenDocument],
    report: Report,
) -> str:
    """Prove that the case has documents as they were frozen.

    Args:
        entry: The recording's.
        archive: For the clock.
        store: The case system.
        documents: Which; all delivered.
        report: Told of progress.

    Returns:
        What it rests on, in words.

    Raises:
        CorruptError: If other bytes, or other metadata, came back.
        NotFoundError: If a document is not there.
        EsdhError: If it could not be checked.
        VaultError: If the journal cannot be written.
    """
    total, done = sum(d.size for d in documents), 0
    for document in documents:
        stored = stored_from_raw(entry.recording.delivered[document.role])
        if store.capabilities.journalises:
            store.journalise(stored)

        def fetched(size: int, before: int = done) -> None:
            report(before + size, total)

        expected = document_for(entry.id, document, archive.clock.now().wall)
        proof = store.read_back(stored, expected=expected, progress=fetched)
        entry.journal.append(
            ReadBack(document.role, Sha256Hex(proof.sha256), proof.size, proof.driver)
        )
        done += document.size
    return _("{number} documents fetched over a new connection; every SHA-256 agrees").format(
        number=len(documents)
    )
