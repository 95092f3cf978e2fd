# SPDX-License-Identifier: EUPL-1.2
"""Read back: fetch every due document over a new connection, hash it here, compare.

Rule: this is the only proof there is. A status code, a size or a hash that the server states is
none. Filing for good (journalising) comes first, so that the final form is what is read.
"""

from __future__ import annotations

from esdh_adapter.store import Store
from recorder.archive.outside import Archive, document_for, stored_from_raw
from recorder.archive.progress import Observer, Step
from recorder.identifiers import Sha256Hex
from recorder.lifecycle.events import ReadBack
from recorder.vault.entry import Entry
from recorder.words import _


def read_back(entry: Entry, archive: Archive, store: Store, observer: Observer, step: Step) -> str:
    """Prove that the case has every due document as it was frozen.

    Args:
        entry: With every due document delivered.
        archive: For the clock.
        store: The case system.
        observer: Told of progress.
        step: In whose name.

    Returns:
        What it rests on, in words.

    Raises:
        CorruptError: If other bytes, or other metadata, came back.
        NotFoundError: If a document is not there.
        EsdhError: If it could not be checked.
        VaultError: If the journal cannot be written.
    """
    recording = entry.recording
    documents = [d for d in recording.due if d.role not in recording.read_back]
    total, done = sum(d.size for d in documents), 0
    for document in documents:
        stored = stored_from_raw(recording.delivered[document.role])
        if store.capabilities.journalises:
            store.journalise(stored)

        def report(fetched: int, before: int = done) -> None:
            observer.progress(step, before + fetched, total)

        expected = document_for(entry.id, document, archive.clock.now().wall)
        proof = store.read_back(stored, expected=expected, progress=report)
        entry.journal.append(
            ReadBack(document.role, Sha256Hex(proof.sha256), proof.size, proof.driver)
        )
        done += document.size
    return _("{number} documents fetched over a new connection; every SHA-256 agrees").format(
        number=len(documents)
    )
