# SPDX-License-Identifier: EUPL-1.2
"""Wipe: make the sound on this device unreadable, and say what was done.

Rules: only after ``Verified``, or after a decided withdrawal or discard. The ledger has the row
before the key goes. Every part of it may be repeated after a crash.
"""

from __future__ import annotations

import os
from pathlib import Path

from recorder.archive.ledger import LedgerDocument, RowKind
from recorder.archive.outside import Archive
from recorder.capture.importing import erase_source
from recorder.documents.phrases import key_store
from recorder.errors import DamagedError, SourceError
from recorder.lifecycle.events import Wiped, WipeIntended
from recorder.lifecycle.fold import Recording
from recorder.lifecycle.states import State
from recorder.vault.entry import Entry
from recorder.words import _


def wipe(entry: Entry, archive: Archive) -> str:
    """Erase the sound of a recording that is proven to be in the case, or given up by decision.

    Args:
        entry: In state ``verified``, ``withdrawn`` or ``discarded``.
        archive: For ledger and settings.

    Returns:
        What was done, in words.

    Raises:
        DamagedError: If the store was damaged: nothing is erased without a decision.
        KeyStoreError: If the key cannot be removed.
        VaultError: If a file cannot be overwritten or removed.
    """
    recording = entry.recording
    if recording.state is State.VERIFIED:
        if recording.recorded is not None and recording.recorded.damaged:
            raise DamagedError(_("The intact beginning is in the case; the rest is kept here."))
        _note_verified(entry, archive)
    if recording.withdrawn is not None:
        archive.ledger.note(entry.id, RowKind.WITHDRAWN)
    if recording.discarded is not None:
        archive.ledger.note(entry.id, RowKind.DISCARDED)
    was_intended = recording.wipe_intended
    if not was_intended:
        entry.journal.append(WipeIntended())
    report = entry.destroy_sound(overwrite=archive.overwrite)
    remains = not _is_source_erased(entry.recording, was_intended=was_intended)
    entry.journal.append(Wiped(report, source_remains=remains))
    note_wiped(entry, archive)
    return _("key destroyed in {store}; {bytes} bytes overwritten; a copy cannot be opened").format(
        store=key_store(report.key_store), bytes=report.bytes_overwritten
    )


def note_wiped(entry: Entry, archive: Archive) -> None:
    """Make sure that the ledger has the wipe, which the journal tells first.

    Args:
        entry: In whatever state.
        archive: For the ledger.

    Raises:
        VaultError: If the row cannot be stored.
    """
    if entry.recording.wiped is not None:
        archive.ledger.note(entry.id, RowKind.WIPED)


def _note_verified(entry: Entry, archive: Archive) -> None:
    sealed = entry.recording.sealed
    assert sealed is not None
    adapters = sorted({proof.adapter for proof in entry.recording.read_back.values()})
    archive.ledger.note(
        entry.id,
        RowKind.VERIFIED,
        sequence=sealed.sequence,
        manifest_sha256=sealed.manifest_sha256,
        adapter=", ".join(adapters),
        documents=tuple(LedgerDocument(d.role, d.sha256) for d in sealed.documents),
    )


def _is_source_erased(recording: Recording, *, was_intended: bool) -> bool:
    """Erase the imported file where that was asked for; true also where nothing was imported.

    A file that merely cannot be seen (a stick that was pulled out) is not erased.
    """
    source = recording.planned.source if recording.planned else None
    if source is None:
        return True
    if not source.erase or recording.state is not State.VERIFIED:
        return False
    path = Path(source.path)
    try:
        erase_source(path, source.sha256)
    except SourceError:
        # Changed or out of reach: it stays, and the receipt says so. But where a run before this
        # one had come so far, a file that is gone from a folder that is there was erased by it.
        return was_intended and _is_gone(path)
    return True


def _is_gone(path: Path) -> bool:
    try:
        return path.parent.is_dir() and not os.path.lexists(path)
    except OSError:
        return False
