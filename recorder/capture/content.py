# SPDX-License-Identifier: EUPL-1.2
"""Reading a recorded entry: the files of its parts, and what happened when.

Rules: bounded memory; never more bytes than the journal's ``Recorded`` names; fewer is damage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from recorder.capture.sound_log import Stamp, decode_audio
from recorder.capture.survey import survey
from recorder.errors import DamagedError
from recorder.lifecycle.parts import Gap, Marker, Part
from recorder.vault.entry import Entry
from recorder.vault.log import LogReader
from recorder.vault.segment import RecordType
from recorder.words import _


@dataclass(frozen=True)
class PartLeaves:
    """The per-second hashes of one part, with their instants."""

    part: int
    stamps: tuple[Stamp, ...]


@dataclass(frozen=True)
class Timeline:
    """What happened in a recording."""

    gaps: tuple[Gap, ...]
    markers: tuple[Marker, ...]
    leaves: tuple[PartLeaves, ...]


def read_part(entry: Entry, part: Part) -> Iterator[bytes]:
    """Read the file of a part as it goes to the archive.

    Args:
        entry: Of the recording.
        part: As the journal's ``Recorded`` names it.

    Yields:
        The header, then the content in blocks of at most 1 MiB.

    Raises:
        DamagedError: If the log no longer holds all of it.
        VaultError: If a file cannot be read.
        KeyStoreError: If the sound's key is gone.
    """
    if part.header:
        yield part.header
    yield from read_content(entry.sound_reader(), part.number, part.content_bytes)


def read_content(reader: LogReader, number: int, size: int) -> Iterator[bytes]:
    """Read the content of a part.

    Args:
        reader: Of the sound log.
        number: Of the part.
        size: Bytes of content that belong to it.

    Yields:
        Blocks of content, together ``size`` bytes.

    Raises:
        DamagedError: If the log does not hold as many.
        VaultError: If a file cannot be read.
    """
    missing = size
    if not missing:
        return
    for record in reader:
        if record.kind is not RecordType.AUDIO:
            continue
        owner, content = decode_audio(record.payload)
        if owner != number:
            continue
        yield content[:missing]
        missing -= min(missing, len(content))
        if not missing:
            return
    raise DamagedError(_("Part of the sound that was stored on this device is missing."))


TakeFile = Callable[[Part, bytes], None]
"""Told bytes of a part's file, in their order."""


def read_timeline(entry: Entry, take_file: TakeFile | None = None) -> Timeline:
    """Read what happened in a recorded entry.

    Args:
        entry: In state recorded or later, its sound still there.
        take_file: Gets the files of the parts as they go to the archive, on the same way through
            the log.

    Returns:
        Gaps, markers and per-second hashes of the parts that ``Recorded`` names. Where a crash
        took the last samples, places behind the end are moved to the end.

    Raises:
        DamagedError: If the log no longer holds what ``Recorded`` says.
        VaultError: If a file cannot be read.
    """
    recorded = entry.recording.recorded
    assert recorded is not None, "only a recorded entry has a timeline"
    files = _Files(recorded.parts, take_file)
    found = survey(entry.sound_reader(), files.take)
    if found.records < recorded.sound_records or not files.are_whole:
        raise DamagedError(_("Part of the sound that was stored on this device is missing."))
    samples = {part.number: part.samples for part in recorded.parts}
    gaps = [e for e in found.events if isinstance(e, Gap) and e.part in samples]
    markers = [e for e in found.events if isinstance(e, Marker) and e.part in samples]
    stamps = {trace.began.part: trace.stamps for trace in found.parts}
    return Timeline(
        gaps=tuple(_gap_within(gap, samples[gap.part]) for gap in gaps),
        markers=tuple(_marker_within(marker, samples[marker.part]) for marker in markers),
        leaves=tuple(_leaves(part, stamps[part.number]) for part in recorded.parts),
    )


class _Files:
    """Hands on the files of the parts while the records of the log pass."""

    def __init__(self, parts: Sequence[Part], take_file: TakeFile | None) -> None:
        self._parts = {part.number: part for part in parts}
        self._missing = {part.number: part.content_bytes for part in parts}
        self._take_file = take_file
        for part in parts:
            self._hand_on(part, part.header)

    @property
    def are_whole(self) -> bool:
        return not any(self._missing.values())

    def take(self, number: int, content: bytes) -> None:
        missing = self._missing.get(number, 0)
        if missing:
            self._missing[number] = missing - min(missing, len(content))
            self._hand_on(self._parts[number], content[:missing])

    def _hand_on(self, part: Part, content: bytes) -> None:
        if self._take_file is not None and content:
            self._take_file(part, content)


def _gap_within(gap: Gap, samples: int) -> Gap:
    if gap.at_sample <= samples:
        return gap
    return Gap(
        cause=gap.cause,
        part=gap.part,
        at_sample=samples,
        seconds=gap.seconds,
        proven=gap.proven,
        began=gap.began,
        ended=gap.ended,
        detail=gap.detail,
    )


def _marker_within(marker: Marker, samples: int) -> Marker:
    return Marker(marker.part, min(marker.at_sample, samples), marker.at, marker.text)


def _leaves(part: Part, stamps: dict[int, Stamp]) -> PartLeaves:
    try:
        return PartLeaves(part.number, tuple(stamps[i] for i in range(part.leaf_count)))
    except KeyError:
        raise DamagedError(
            _("Part of the sound that was stored on this device is missing.")
        ) from None
