# SPDX-License-Identifier: EUPL-1.2
"""What a sound log holds, without its sound: one pass over the valid prefix.

Limits: holds 64 bytes per second of sound (the leaves), no content.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from recorder.capture.sound_log import (
    PartBegan,
    SoundEvent,
    Stamp,
    decode_audio,
    decode_digests,
    decode_event,
    decode_header,
    decode_part,
)
from recorder.errors import DamagedError
from recorder.lifecycle.parts import Container, Part
from recorder.vault.log import LogEnd, LogReader, LogRecord
from recorder.vault.segment import RecordType
from recorder.words import _


@dataclass
class PartTrace:
    """What a log holds of one part."""

    began: PartBegan
    sequence: int
    """Of its PART record."""
    content_bytes: int = 0
    """Bytes of its AUDIO records."""
    stamps: dict[int, Stamp] = field(default_factory=dict)
    """By index: the last that was stored."""
    closed: Part | None = None
    """As its HEADER record says."""

    @property
    def has_sound(self) -> bool:
        """Whether there is anything of it to keep."""
        if self.closed is not None and self.closed.format.container is Container.FLAC:
            return self.closed.samples > 0
        return self.content_bytes > 0


@dataclass(frozen=True)
class Survey:
    """What a log holds."""

    parts: tuple[PartTrace, ...]
    """In order; the last may be without sound."""
    events: tuple[SoundEvent, ...]
    end: LogEnd
    records: int
    """How many valid records there are, the closing one included."""
    append_at: int
    """Number of the next record for who goes on: supersedes a closing record (behind one that
    counts nothing is ever read), and a last part that has no sound, so that part numbers stay
    without holes."""

    @property
    def sounding(self) -> tuple[PartTrace, ...]:
        """The parts that have sound."""
        return tuple(part for part in self.parts if part.has_sound)


TakeContent = Callable[[int, bytes], None]
"""Told a part's number and bytes of its file, in their order."""


def survey(reader: LogReader, take_content: TakeContent | None = None) -> Survey:
    """Read a sound log.

    Args:
        reader: Of the log.
        take_content: Gets the sound as it passes, so that who needs both reads the log once.

    Returns:
        What it holds.

    Raises:
        DamagedError: If an authenticated record is not what the format says.
        VaultError: If a file cannot be read.
    """
    parts: dict[int, PartTrace] = {}
    events: list[SoundEvent] = []
    append_at = 0
    for record in reader:
        append_at = record.sequence + 1
        match record.kind:
            case RecordType.EVENT:
                events.append(decode_event(record.payload))
            case RecordType.AUDIO:
                number, content = decode_audio(record.payload)
                _known(parts, number).content_bytes += len(content)
                if take_content is not None:
                    take_content(number, content)
            case _:
                _take(parts, record)
    rows = tuple(parts.values())
    if rows and not rows[-1].has_sound:
        append_at = rows[-1].sequence
    return Survey(rows, tuple(events), reader.end, reader.next_sequence, append_at)


def _take(parts: dict[int, PartTrace], record: LogRecord) -> None:
    match record.kind:
        case RecordType.PART:
            began = decode_part(record.payload)
            if began.part in parts:
                raise DamagedError(_("The sound log of this recording cannot be read."))
            parts[began.part] = PartTrace(began, record.sequence)
        case RecordType.DIGEST:
            number, stamps = decode_digests(record.payload)
            _known(parts, number).stamps.update((s.index, s) for s in stamps)
        case RecordType.HEADER:
            part = decode_header(record.payload)
            _known(parts, part.number).closed = part
        case _:
            raise DamagedError(_("The sound log of this recording cannot be read."))


def _known(parts: dict[int, PartTrace], number: int) -> PartTrace:
    try:
        return parts[number]
    except KeyError:
        raise DamagedError(_("The sound log of this recording cannot be read.")) from None
