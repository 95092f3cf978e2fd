# SPDX-License-Identifier: EUPL-1.2
"""Closing a recording whose process is gone: whole frames only, nothing guessed, never twice.

The valid prefix of the sound log is all there is. Every part without a HEADER record is decoded
from it, hashed again, and compared with the per-second hashes that were stored while recording.
Then a new segment takes what is missing: leaves, headers, the gap to the next part, the closing
record; and the journal says ``Recorded``.

Rules: no plaintext on disk, bounded memory (the leaves; no sound). A crash at any instant leaves
a log that the next call closes to the same end. The sign of damage is the first record of the new
segment: from there on what it hides cannot be found again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from recorder.capture.content import read_content
from recorder.capture.decoding import decode_flac
from recorder.capture.part_writer import SoundStore, closed_part, stamp_of
from recorder.capture.sound_log import (
    SoundEvent,
    Stamp,
    encode_digests,
    encode_event,
    encode_header,
)
from recorder.capture.source import Progress, unheard
from recorder.capture.survey import PartTrace, Survey, survey
from recorder.clock import Clock, Instant
from recorder.digest import Leaf, LeafPlace, SampleDigest
from recorder.lifecycle.events import Interrupted, Recorded
from recorder.lifecycle.parts import Container, Gap, GapCause, Marker, Part
from recorder.lifecycle.states import LIVE
from recorder.vault.entry import Entry
from recorder.vault.log import LogEnd
from recorder.vault.segment import RecordType

_REPLACED = frozenset({GapCause.PROCESS_REPLACED, GapCause.CONTINUED})


@dataclass(frozen=True)
class _Rebuilt:
    """A part that was closed here."""

    part: Part
    stamps: list[Stamp]
    """Leaves that are not in the log."""
    is_damaged: bool


def close_interrupted(entry: Entry, clock: Clock, progress: Progress = unheard) -> Recorded:
    """Close the recording of an entry that no process records to any more.

    Args:
        entry: Planned, recording, paused or interrupted; locked by this process.
        clock: For the instant of found damage.
        progress: Told how far decoding has come; what it raises leaves the log as it was.

    Returns:
        What it amounts to; without any sound it has no parts.

    Raises:
        DamagedError: If an authenticated record is not what the format says.
        VaultError: If it cannot be read or stored; a later call may go on.
        KeyStoreError: If the sound's key is gone.
    """
    if entry.recording.state in LIVE:
        entry.journal.append(Interrupted())
    return conclude(entry, clock, progress)


def conclude(
    entry: Entry,
    clock: Clock,
    progress: Progress = unheard,
    *,
    missing_since: GapCause | None = None,
    ended_early: str = "",
) -> Recorded:
    """Close the recording of an entry whose sound log has open parts but no writer.

    Args:
        entry: Locked by this process.
        clock: For the instant of found damage, and for the end.
        progress: Told how far decoding has come; what it raises leaves the log as it was.
        missing_since: Why there is no sound from the last sample until now, if somebody waited
            for it.
        ended_early: Why it ended before anybody wanted it to, or nothing.

    Returns:
        What it amounts to.

    Raises:
        DamagedError: If an authenticated record is not what the format says.
        VaultError: If it cannot be read or stored; a later call may go on.
        KeyStoreError: If the sound's key is gone.
    """
    entry.sync_sound()
    found = survey(entry.sound_reader())
    is_closed = missing_since is None and _is_closed(found)
    recorded = (
        _as_closed(found) if is_closed else _close(entry, found, clock, progress, missing_since)
    )
    recorded = msgspec.structs.replace(recorded, ended_early=ended_early)
    entry.journal.append(recorded)
    return recorded


def _is_closed(found: Survey) -> bool:
    is_open = any(trace.closed is None for trace in found.sounding)
    return found.end is LogEnd.CLOSED and not is_open


def _as_closed(found: Survey) -> Recorded:
    closed = [trace.closed for trace in found.sounding if trace.closed is not None]
    return _recorded(closed, found.events, found.records)


def _close(
    entry: Entry,
    found: Survey,
    clock: Clock,
    progress: Progress,
    missing_since: GapCause | None,
) -> Recorded:
    rebuilt = _rebuild_open(entry, found, progress)
    parts = [trace.closed or rebuilt[trace.began.part].part for trace in found.sounding]
    is_damaged = found.end is LogEnd.DAMAGED or any(r.is_damaged for r in rebuilt.values())
    events = list(found.events)
    store = SoundStore(entry.sound_writer(found.append_at))
    if is_damaged and not _tells_damage(events):
        last = (parts[-1].number, parts[-1].samples) if parts else (1, 0)
        events.append(_append_event(store, damage_gap(*last, clock.now())))
    for number, result in rebuilt.items():
        for payload in encode_digests(number, result.stamps):
            store.append(RecordType.DIGEST, payload)
        store.append(RecordType.HEADER, encode_header(result.part))
    events += [_append_event(store, gap) for gap in _gaps_between(found, parts)]
    if missing_since is not None and parts:
        gap = _gap_at_end(found, parts[-1], missing_since, clock.now())
        events.append(_append_event(store, gap))
    store.append(RecordType.CLOSE, b"")
    store.sync()
    store.release()
    return _recorded([p for p in parts if p.samples > 0], events, store.next_sequence)


def _rebuild_open(entry: Entry, found: Survey, progress: Progress) -> dict[int, _Rebuilt]:
    unclosed = [trace for trace in found.sounding if trace.closed is None]
    total, done = sum(trace.content_bytes for trace in unclosed), 0
    rebuilt = {}
    for trace in unclosed:

        def report(decoded: int, before: int = done) -> None:
            progress(before + decoded, total)

        rebuilt[trace.began.part] = _rebuild(entry, trace, found.events, report)
        done += trace.content_bytes
    return rebuilt


def _append_event(store: SoundStore, event: SoundEvent) -> SoundEvent:
    store.append(RecordType.EVENT, encode_event(event))
    return event


def _recorded(parts: Sequence[Part], events: Sequence[SoundEvent], records: int) -> Recorded:
    numbers = {part.number for part in parts}
    gaps = [e for e in events if isinstance(e, Gap) and e.part in numbers]
    return Recorded(
        parts=tuple(parts),
        gaps=len(gaps),
        gap_seconds=sum(gap.seconds for gap in gaps),
        markers=sum(isinstance(e, Marker) and e.part in numbers for e in events),
        sound_records=records,
        recovered=True,
        damaged=_tells_damage(events),
    )


def _tells_damage(events: Sequence[SoundEvent]) -> bool:
    return any(isinstance(e, Gap) and e.cause is GapCause.DAMAGED for e in events)


def damage_gap(part: int, at_sample: int, now: Instant) -> Gap:
    """Put into words of the log that stored sound is missing or changed.

    Args:
        part: The last that can be read, or 1.
        at_sample: Frames of it that can be read; a number behind its end stands for its end.
        now: When it was found.

    Returns:
        The gap.
    """
    return Gap(GapCause.DAMAGED, part, at_sample, seconds=0.0, proven=False, began=now, ended=now)


def _rebuild(
    entry: Entry,
    trace: PartTrace,
    events: Sequence[SoundEvent],
    report: Callable[[int], None],
) -> _Rebuilt:
    from recorder.capture.flac import patched_header  # noqa: PLC0415 - slow to load, seldom needed

    began = trace.began
    form = began.format
    place = LeafPlace(began.track, began.part, form.rate, form.channels, form.depth)
    digest = SampleDigest(began.leaf_seed, place)
    md5 = hashlib.md5(usedforsecurity=False)  # what STREAMINFO has a place for
    leaves: list[Leaf] = []
    whole = 0
    if form.container is Container.FLAC:
        for decoded in decode_flac(_PartFile(entry, trace), form.depth):
            leaves += digest.update(decoded.pcm)
            md5.update(decoded.pcm)
            whole += decoded.packet_bytes
            report(whole)
        leaves += digest.finish()
    is_damaged = whole != trace.content_bytes or any(
        trace.stamps[leaf.index].leaf != leaf.sha256
        for leaf in leaves
        if leaf.index in trace.stamps and leaf.count == form.rate
    )
    header = patched_header(began.header, digest.samples, md5.digest())
    times = _PartClock(trace, digest.samples, events)
    return _Rebuilt(
        closed_part(began, trace.sequence, whole, header, digest),
        [times.stamp(leaf) for leaf in leaves if not _is_stored(trace, leaf)],
        is_damaged,
    )


def _is_stored(trace: PartTrace, leaf: Leaf) -> bool:
    stored = trace.stamps.get(leaf.index)
    return stored is not None and stored.leaf == leaf.sha256


class _PartFile:
    """The file of an open part, for a decoder: its first header and the content in the log."""

    def __init__(self, entry: Entry, trace: PartTrace) -> None:
        self._blocks = self._read(entry, trace)
        self._rest = memoryview(b"")

    def read(self, size: int) -> bytes:
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return b""
            self._rest = memoryview(block)
        taken, self._rest = self._rest[:size], self._rest[size:]
        return bytes(taken)

    def _read(self, entry: Entry, trace: PartTrace) -> Iterator[bytes]:
        yield trace.began.header
        yield from read_content(entry.sound_reader(), trace.began.part, trace.content_bytes)


class _PartClock:
    """When the samples of a part were taken, as well as what was stored tells."""

    def __init__(self, trace: PartTrace, samples: int, events: Sequence[SoundEvent]) -> None:
        self._began = trace.began
        self._rate = trace.began.format.rate
        self._gaps = [e for e in events if isinstance(e, Gap) and e.part == trace.began.part]
        self._sample, self._instant = 0, trace.began.began
        whole = [s for s in trace.stamps.values() if (s.index + 1) * self._rate <= samples]
        if whole:
            last = max(whole, key=lambda stamp: stamp.index)
            self._sample = (last.index + 1) * self._rate
            wall = dt.datetime.fromtimestamp(last.wall_us / 1e6, tz=dt.UTC)
            self._instant = Instant(wall, last.monotonic_ns, trace.began.began.boot)

    def at(self, sample: int) -> Instant:
        """Say when the last of the first ``sample`` frames was taken."""
        seconds = (sample - self._sample) / self._rate
        seconds += sum(g.seconds for g in self._gaps if self._sample <= g.at_sample < sample)
        wall = self._instant.wall + dt.timedelta(seconds=seconds)
        return Instant(wall, self._instant.monotonic_ns + round(seconds * 1e9), self._instant.boot)

    def stamp(self, leaf: Leaf) -> Stamp:
        """Give a leaf its instant."""
        return stamp_of(leaf, self.at(leaf.end), 0.0)


def _gaps_between(found: Survey, parts: Sequence[Part]) -> Iterator[Gap]:
    measured = {e.part for e in found.events if isinstance(e, Gap) and e.cause in _REPLACED}
    rows = zip(found.sounding, parts, strict=True)
    for (earlier, closed), (later, _) in pairwise(rows):
        cause = later.began.after
        if cause is None or later.began.part in measured:
            continue
        ended = _PartClock(earlier, closed.samples, found.events).at(closed.samples)
        seconds, is_proven = later.began.began.seconds_since(ended)
        yield Gap(
            cause=cause,
            part=later.began.part,
            at_sample=0,
            seconds=max(0.0, seconds),
            proven=is_proven,
            began=ended,
            ended=later.began.began,
        )


def _gap_at_end(found: Survey, last: Part, cause: GapCause, now: Instant) -> Gap:
    began = _PartClock(found.sounding[-1], last.samples, found.events).at(last.samples)
    seconds, is_proven = now.seconds_since(began)
    return Gap(
        cause=cause,
        part=last.number,
        at_sample=last.samples,
        seconds=max(0.0, seconds),
        proven=is_proven,
        began=began,
        ended=now,
    )
