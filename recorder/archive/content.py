# SPDX-License-Identifier: EUPL-1.2
"""The bytes of any document of a recording, from wherever they lie in the vault."""

from __future__ import annotations

from collections.abc import Iterator

from recorder.capture.content import read_part
from recorder.errors import DamagedError
from recorder.lifecycle.events import FrozenDocument
from recorder.lifecycle.parts import Part
from recorder.vault.documents import frozen_content
from recorder.vault.entry import Entry


def content_of(entry: Entry, document: FrozenDocument) -> Iterator[bytes]:
    """Read a document's bytes in bounded memory.

    Args:
        entry: The recording's.
        document: As it was frozen.

    Returns:
        Blocks of bytes.

    Raises:
        DamagedError: If they are not there whole.
    """
    if document.part:
        return read_part(entry, part_of(entry, document.part))
    return frozen_content(entry, document)


def part_of(entry: Entry, number: int) -> Part:
    """Look up a part.

    Args:
        entry: The recording's.
        number: From 1.

    Returns:
        The part.

    Raises:
        DamagedError: If the recording has no such part.
    """
    recorded = entry.recording.recorded
    for part in recorded.parts if recorded else ():
        if part.number == number:
            return part
    raise DamagedError
