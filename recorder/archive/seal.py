# SPDX-License-Identifier: EUPL-1.2
"""Seal: hash every part, write the papers, and freeze the bytes of all of it.

Rules: the running number is reserved in the ledger before it is used; the documents are in the
vault before the journal names them; from ``Sealed`` on not a byte changes. A crash in between
seals again, with the same number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from recorder.archive.ledger import LedgerDocument, RowKind
from recorder.archive.outside import Archive
from recorder.archive.papers import SealedFacts, custody, first_delivery
from recorder.archive.progress import Observer, Step
from recorder.capture.content import read_timeline
from recorder.documents.phrases import moment
from recorder.identifiers import Sha256Hex
from recorder.lifecycle.events import FrozenDocument, Sealed
from recorder.lifecycle.parts import Container, Part
from recorder.vault.documents import freeze
from recorder.vault.entry import Entry
from recorder.words import _


def seal(entry: Entry, archive: Archive, observer: Observer) -> str:
    """Freeze all documents of the first delivery.

    Args:
        entry: In state ``recorded``.
        archive: For the ledger and the clock.
        observer: Told of progress.

    Returns:
        What it rests on, in words.

    Raises:
        DamagedError: If the sound in the vault is not what was recorded.
        VaultError: If something cannot be stored.
    """
    recording = entry.recording
    assert recording.planned is not None
    assert recording.planned_at is not None
    assert recording.recorded is not None
    reservation = archive.ledger.reserve(entry.id)
    files = _Files(recording.recorded.parts, observer)
    timeline = read_timeline(entry, files.take)
    facts = SealedFacts(
        recording=entry.id,
        planned=recording.planned,
        planned_at=recording.planned_at,
        recorded=recording.recorded,
        sealed_at=archive.clock.now(),
        reservation=reservation,
        files=files.frozen(),
        timeline=timeline,
        custody=custody(entry.journal),
    )
    papers, manifest_sha256 = first_delivery(facts)
    freeze(entry, papers)
    documents = (*facts.files, *(document for document, _content in papers))
    entry.journal.append(Sealed(reservation.sequence, manifest_sha256, documents))
    note_sealed(entry, archive)
    return _("{number} documents frozen; manifest SHA-256 {hash}…").format(
        number=len(documents), hash=manifest_sha256[:16]
    )


def note_sealed(entry: Entry, archive: Archive) -> None:
    """Make sure that the ledger has the sealed recording.

    Args:
        entry: In state ``sealed`` or later.
        archive: For the ledger.

    Raises:
        VaultError: If the row cannot be stored.
    """
    sealed = entry.recording.sealed
    if sealed is None:
        return
    archive.ledger.note(
        entry.id,
        RowKind.SEALED,
        sequence=sealed.sequence,
        manifest_sha256=sealed.manifest_sha256,
        documents=tuple(LedgerDocument(d.role, d.sha256) for d in sealed.documents),
    )


class _Files:
    """Hashes the files of the parts while the log is read."""

    def __init__(self, parts: Sequence[Part], observer: Observer) -> None:
        self._parts = parts
        self._observer = observer
        self._digests = {part.number: hashlib.sha256() for part in parts}
        self._sizes = {part.number: 0 for part in parts}
        self._total = sum(part.content_bytes + len(part.header) for part in parts)
        self._done = 0

    def take(self, part: Part, content: bytes) -> None:
        self._digests[part.number].update(content)
        self._sizes[part.number] += len(content)
        self._done += len(content)
        self._observer.progress(Step.SEAL, self._done, self._total)

    def frozen(self) -> list[FrozenDocument]:
        return [self._frozen(part) for part in self._parts]

    def _frozen(self, part: Part) -> FrozenDocument:
        is_flac = part.format.container is Container.FLAC
        return FrozenDocument(
            role=f"recording-{part.number:03d}",
            name=f"recording-{part.number:03d}.{part.format.extension}",
            title=_("Recording of {time}, part {number}").format(
                time=moment(part.began.wall), number=part.number
            ),
            media_type="audio/flac" if is_flac else "application/octet-stream",
            size=self._sizes[part.number],
            sha256=Sha256Hex(self._digests[part.number].hexdigest()),
            part=part.number,
        )
