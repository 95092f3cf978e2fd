# SPDX-License-Identifier: EUPL-1.2
"""Close: turn what a crash left behind into a recording with known parts.

A recording from a microphone is closed at its last valid record. An import that was cut short is
taken in again from its file, which nobody has touched; where the file is gone, the import never
happened, and what had been copied is given up.
"""

from __future__ import annotations

from pathlib import Path

from recorder.archive.outside import Archive
from recorder.archive.progress import Report
from recorder.capture.importing import take_in
from recorder.capture.recovery import close_interrupted
from recorder.documents.phrases import length
from recorder.lifecycle.events import Interrupted
from recorder.lifecycle.states import LIVE
from recorder.vault.entry import Entry
from recorder.words import _


def close(entry: Entry, archive: Archive, report: Report) -> str:
    """Close an interrupted recording.

    Args:
        entry: That no process records to any more; locked by this one.
        archive: For the clock.
        report: Told of progress.

    Returns:
        What was found, in words.

    Raises:
        SourceError: If an import cannot be taken in again because its file is gone or changed.
        VaultError: If it cannot be read or stored.
        KeyStoreError: If the sound's key is gone.
    """
    planned = entry.recording.planned
    if planned is not None and planned.source is not None:
        if entry.recording.state in LIVE:
            entry.journal.append(Interrupted())
        source = planned.source
        recorded = take_in(entry, Path(source.path), source.sha256, archive.clock, report)
    else:
        recorded = close_interrupted(entry, archive.clock, report)
    seconds = sum(p.samples / p.format.rate for p in recorded.parts if p.format.rate)
    return _("{length} of sound are safe").format(length=length(seconds))
