# SPDX-License-Identifier: EUPL-1.2
"""A recording on its way into the vault: parts, gaps and markers in order, journal and sound log.

Rules:

* At most ``STORE_EVERY`` seconds of sound and of time pass before what arrived is on the medium;
  with the encoder's last frame (up to 0.15 s at 8 kHz) and one block that is well below a second.
* A gap is written when the sound goes on, or at the end: only then is its length known.
* Until a process that took over has sound, whatever else is missing lies within the gap that it
  began with.
* The journal says ``CaptureBegan`` before the first sound of a part is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from recorder.capture.part_writer import PartWriter, SoundStore
from recorder.capture.sound_log import PartBegan, SoundEvent, encode_event
from recorder.capture.source import Block, BrokenOff, SamplesLost, earlier
from recorder.clock import Clock, Instant
from recorder.errors import VaultFullError
from recorder.lifecycle.events import CaptureBegan, CapturePaused, CaptureResumed, Recorded
from recorder.lifecycle.parts import Gap, GapCause, Marker, Part
from recorder.lifecycle.states import State
from recorder.vault.entry import Entry
from recorder.vault.segment import RecordType

STORE_EVERY = 0.4
"""Seconds of sound, and of time, that may pass until what arrived is on the medium."""


@dataclass(frozen=True)
class _Missing:
    """A stretch without sound whose end may not be known yet."""

    cause: GapCause
    began: Instant
    detail: str
    ended: Instant | None = None
    is_measured: bool = True


@dataclass(frozen=True)
class Beginning:
    """Where a writer takes up a sound log."""

    next_sequence: int = 0
    part: int = 1
    """Number of the first part to come."""
    after: GapCause | None = None
    """Why this process took over from one that is gone, if it did."""
    damage: Gap | None = None
    """What is known of damage that nobody noted yet."""


class RecordingWriter:
    """Writes what a source gives; the entry is locked by this process."""

    def __init__(self, entry: Entry, clock: Clock, beginning: Beginning | None = None) -> None:
        """Begin a segment of the sound log.

        Args:
            entry: Of the recording.
            clock: For the instants of what nobody stamped.
            beginning: Where to take up a log that exists already.

        Raises:
            VaultError: If it cannot be begun, or found damage cannot be noted.
        """
        start = beginning or Beginning()
        self._entry = entry
        self._clock = clock
        self._store = SoundStore(entry.sound_writer(start.next_sequence))
        self._is_ending = False
        self._next_part = start.part
        self._after = start.after
        self._part: PartWriter | None = None
        self._closed: list[Part] = []
        self._waiting: list[bytes] = []  # samples that are not encoded yet
        self._waiting_frames = 0
        self._waiting_since: Instant | None = None
        self._is_synced = True
        self._last = clock.now()
        self._missing: list[_Missing] = []
        self._early_markers: list[tuple[Instant, str]] = []
        self._gaps: list[Gap] = []
        self._markers = 0
        self._frames_seconds = 0.0
        self._stored_seconds = 0.0
        self._news: list[PartBegan | SoundEvent] = []
        if start.damage is not None:
            # First of all: the next record hides the damage from every later reader.
            self._append_event(start.damage)
            self._sync()

    @property
    def seconds(self) -> float:
        """Length of the sound taken by this process."""
        return self._frames_seconds

    @property
    def stored_seconds(self) -> float:
        """Length of the sound that was handed to the encoder and synced."""
        return self._stored_seconds

    @property
    def missing_since(self) -> GapCause | None:
        """Why this process took over, as long as it has no sound; then none."""
        return self._after

    def take_news(self) -> list[PartBegan | SoundEvent]:
        """Hand over what was begun and written since the last call, in order."""
        news, self._news = self._news, []
        return news

    def write(self, block: Block) -> None:
        """Take samples.

        Args:
            block: What arrived.

        Raises:
            VaultError: If it cannot be stored; it is kept and goes with the next attempt.
        """
        self._end_missing(block.began)
        if self._part is None or self._part.format != block.format:
            self._begin_part(block)
        self._write_missing()
        self._waiting.append(block.pcm)
        self._waiting_frames += block.frames
        self._frames_seconds += block.frames / block.format.rate
        self._last = block.at
        if self._waiting_since is None:
            self._waiting_since = block.began
        if self._waiting_frames >= STORE_EVERY * 0.9 * block.format.rate:
            self.store()
        else:
            self.store_if_due(block.at)

    def store_if_due(self, now: Instant) -> None:
        """Store what waits if it has waited long enough.

        Args:
            now: The present.

        Raises:
            VaultError: If it cannot be stored.
        """
        since = self._waiting_since
        if since is not None and now.seconds_since(since)[0] >= STORE_EVERY:
            self.store()
        elif not self._is_synced:
            self._sync()

    def store(self) -> None:
        """Encode, append and sync what waits.

        Raises:
            VaultError: If it cannot be stored.
            VaultFullError: If the disk is full; what was taken until now is stored.
        """
        self._encode()
        self._sync()
        self._stored_seconds = self._frames_seconds
        if self._store.is_reserve_spent and not self._is_ending:
            self._is_ending = True
            raise VaultFullError

    def break_off(self, event: BrokenOff) -> None:
        """Note that there are no samples from an instant on.

        Args:
            event: Since when and why.
        """
        self._miss(_Missing(event.cause, event.at, event.source_name))

    def lose(self, event: SamplesLost) -> None:
        """Write down that samples are missing.

        Args:
            event: How many seconds, and where.
        """
        if self._part is None:
            return
        self._encode()
        frames = min(event.frames_ago, self._part.samples)
        ended = earlier(event.at, frames / self._part.format.rate)
        began = earlier(ended, event.seconds)
        missing = _Missing(GapCause.SAMPLES_LOST, began, "", ended)
        self._write_gap(self._part, missing, self._part.samples - frames)

    def pause(self, at: Instant) -> None:
        """Note that a person paused; no block may come until ``resume``.

        Args:
            at: When; the gap begins where the sound before it ends.

        Raises:
            VaultError: If it cannot be stored.
        """
        self.store()
        self._miss(_Missing(GapCause.PAUSE, self._sound_ended(at), ""))
        if self._entry.recording.state is State.RECORDING:
            self._entry.journal.append(CapturePaused())

    def resume(self) -> None:
        """Note that a person lets it go on.

        Raises:
            VaultError: If it cannot be stored.
        """
        if self._entry.recording.state is State.PAUSED:
            self._entry.journal.append(CaptureResumed())

    def end_early(self, cause: GapCause, at: Instant) -> None:
        """Note that the recording ends although nobody wanted it to.

        Args:
            cause: Why.
            at: When that was certain.
        """
        self._miss(_Missing(cause, self._sound_ended(at), "", is_measured=False))

    def mark(self, text: str, at: Instant) -> None:
        """Set a marker behind the last sample that arrived.

        Args:
            text: A person's words, or nothing.
            at: When.

        Raises:
            VaultError: If it cannot be stored.
        """
        if self._part is None:
            self._early_markers.append((at, text))
            return
        self._write_marker(self._part, at, text)
        self.store()

    def close_parts(self) -> None:
        """Close the part that is open, without ending the log.

        Raises:
            VaultError: If it cannot be stored.
        """
        self._end_missing(self._clock.now())
        self._write_missing()
        self._close_part()
        self._sync()
        self._stored_seconds = self._frames_seconds

    def release(self) -> None:
        """Let go of the log without ending it."""
        self._store.release()

    def close(self, ended_early: str = "") -> Recorded:
        """End the recording: last frames, headers, closing record, journal.

        Args:
            ended_early: Why it ended before anybody wanted it to, or nothing.

        Returns:
            What it amounts to.

        Raises:
            VaultError: If it cannot be stored; the next start closes it.
        """
        self.close_parts()
        self._store.append(RecordType.CLOSE, b"")
        self._sync()
        recorded = Recorded(
            parts=tuple(self._closed),
            gaps=len(self._gaps),
            gap_seconds=sum(gap.seconds for gap in self._gaps),
            markers=self._markers,
            sound_records=self._store.next_sequence,
            recovered=False,
            damaged=False,
            ended_early=ended_early,
        )
        self._store.release()
        self._entry.journal.append(recorded)
        return recorded

    def _sync(self) -> None:
        self._is_synced = False
        self._store.sync()
        self._is_synced = True

    def _encode(self) -> None:
        if self._part is None or not self._waiting:
            return
        pcm = b"".join(self._waiting)
        self._waiting, self._waiting_frames, self._waiting_since = [], 0, None
        self._part.write(pcm, self._last)

    def _begin_part(self, block: Block) -> None:
        self._close_part()
        number = self._next_part
        self._entry.journal.append(CaptureBegan(number, block.format, block.source_name))
        self._part = PartWriter(
            self._store,
            number,
            block.format,
            source_name=block.source_name,
            began=block.began,
            after=self._after,
        )
        self._next_part, self._after = number + 1, None
        self._news.append(self._part.began)
        for at, text in self._early_markers:
            self._write_marker(self._part, at, text)
        self._early_markers.clear()

    def _close_part(self) -> None:
        if self._part is None:
            return
        self._encode()
        self._closed.append(self._part.close(self._last))
        self._part = None

    def _sound_ended(self, at: Instant) -> Instant:
        """Tell since when there is no sound if it goes missing now."""
        if self._part is None or self._missing:
            return at
        return self._last if at.seconds_since(self._last)[0] > 0 else at

    def _miss(self, missing: _Missing) -> None:
        if self._part is None and self._after is not None:
            return  # it lies within the gap since the process before this one
        self._end_missing(missing.began)
        self._missing.append(missing)

    def _end_missing(self, at: Instant) -> None:
        if self._missing and self._missing[-1].ended is None:
            last = self._missing[-1]
            ended = at if at.seconds_since(last.began)[0] > 0 else last.began
            self._missing[-1] = replace(last, ended=ended)

    def _write_missing(self) -> None:
        if self._part is None or not self._missing:
            return
        self._encode()
        for missing in self._missing:
            self._write_gap(self._part, missing, self._part.samples)
        self._missing.clear()

    def _write_gap(self, part: PartWriter, missing: _Missing, at_sample: int) -> None:
        assert missing.ended is not None, "_end_missing comes first"
        seconds, is_proven = missing.ended.seconds_since(missing.began)
        gap = Gap(
            cause=missing.cause,
            part=part.number,
            at_sample=at_sample,
            seconds=seconds,
            proven=is_proven and missing.is_measured,
            began=missing.began,
            ended=missing.ended,
            detail=missing.detail,
        )
        self._gaps.append(gap)
        self._append_event(gap)

    def _write_marker(self, part: PartWriter, at: Instant, text: str) -> None:
        self._encode()
        self._markers += 1
        self._append_event(Marker(part.number, part.samples, at, text))

    def _append_event(self, event: SoundEvent) -> None:
        self._is_synced = False
        self._store.append(RecordType.EVENT, encode_event(event))
        self._news.append(event)
