# SPDX-License-Identifier: EUPL-1.2
"""An entry with a little of everything."""

from __future__ import annotations

from pathlib import Path

import msgspec
from vault_fakes import OURS

from recorder.lifecycle.events import Planned, Recorded
from recorder.vault.entry import Entry
from recorder.vault.segment import RecordType
from recorder.vault.vault import Vault

PLANNED = Planned(msgspec.Raw(b"{}"), "policy", "1", "software")
RECORDED = Recorded((), 0, 0.0, 0, 2, recovered=False, damaged=False)
SOUND = b"what was said"


def fill(entry: Entry) -> None:
    entry.journal.append(PLANNED)
    writer = entry.sound_writer(0)
    writer.append(RecordType.AUDIO, SOUND)
    writer.close()
    entry.journal.append(RECORDED)
    documents = entry.documents_writer(0)
    documents.append(RecordType.CONTENT, b"paper")
    documents.sync()
    documents.release()
    # The reserve's size matters to no test here, only to their speed.
    (entry.directory / "reserve").write_bytes(b"room")


def make(vault: Vault) -> Path:
    with vault.create(OURS) as entry:
        fill(entry)
        return entry.directory
