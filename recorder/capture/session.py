# SPDX-License-Identifier: EUPL-1.2
"""One run of recording: what the source gives goes to the writer, commands are obeyed between.

Rules: one thread; nothing here waits for the parent. When the vault takes no more, recording ends
with what it holds and says so; sound is never taken into nothing.
"""

from __future__ import annotations

import queue
import shutil
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from recorder.capture.level import loudness
from recorder.capture.protocol import (
    CaptureEvent,
    DeviceBack,
    DeviceLost,
    GapNoted,
    LaterCommand,
    Level,
    MarkerSet,
    Pause,
    Paused,
    Resume,
    Resumed,
    SetMarker,
    Stop,
    StoreFailed,
)
from recorder.capture.protocol import PartStarted as PartStartedEvent
from recorder.capture.sound_log import PartBegan
from recorder.capture.source import Arrival, Block, BrokenOff, Ended, SamplesLost, Source
from recorder.capture.writer import RecordingWriter
from recorder.clock import Clock, Instant
from recorder.errors import VaultError
from recorder.lifecycle.parts import Gap, GapCause
from recorder.words import _, printable

_TICK = 0.1
"""Seconds that a command waits at most to be seen."""
_LEVEL_EVERY = 0.2
_MARKER_TEXT = 500

Commands = queue.SimpleQueue[LaterCommand]
"""Commands on their way to the session."""


@dataclass
class _Run:
    """Where the run stands."""

    is_paused: bool
    is_lost: bool = False
    is_stopping: bool = False
    is_over: bool = False
    problem: str = ""
    ended_early: GapCause | None = None
    """Why it ended before anybody wanted it to."""


class CaptureSession:
    """Runs a recording until it is stopped, its source ends or the vault takes no more."""

    def __init__(
        self,
        source: Source,
        writer: RecordingWriter,
        clock: Clock,
        *,
        commands: Commands,
        emit: Callable[[CaptureEvent], None],
        vault: Path,
        seconds: float | None = None,
        seconds_before: float = 0.0,
        is_paused: bool = False,
    ) -> None:
        """Prepare a run; the source is started where it does not begin paused.

        Args:
            source: Where sound comes from; started already unless ``is_paused``.
            writer: Where it goes.
            clock: The time.
            commands: What the parent wants.
            emit: Takes events; must not block.
            vault: The vault's folder, for the free space on its volume.
            seconds: How long the recording may get; none for no limit.
            seconds_before: What an earlier process recorded of it.
            is_paused: Whether to wait for ``resume`` first.
        """
        self._source = source
        self._writer = writer
        self._clock = clock
        self._commands = commands
        self._emit = emit
        self._vault = vault
        self._seconds = seconds
        self._before = seconds_before
        self._run = _Run(is_paused)
        # Of a fast source only the end is measured: what a person could have heard just now.
        self._heard: deque[Block] = deque(maxlen=8)
        self._told = clock.now()

    @property
    def problem(self) -> str:
        """A sentence where the run ended earlier than wanted; else nothing."""
        return self._run.problem

    @property
    def ended_early(self) -> str:
        """The stable word for why the run ended earlier than wanted; else nothing."""
        return self._run.ended_early.value if self._run.ended_early else ""

    @property
    def _elapsed(self) -> float:
        return self._before + self._writer.seconds

    def run(self) -> None:
        """Record until the end. The writer is left open, for the caller to close."""
        try:
            while not self._run.is_over:
                try:
                    self._step()
                except VaultError as error:
                    self._end_early(error)
            if self._run.ended_early is not None:
                self._writer.end_early(self._run.ended_early, self._clock.now())
        finally:
            self._source.close()

    def _end_early(self, error: VaultError) -> None:
        """Take what has arrived until now, as far as there is room, and no more."""
        if self._run.problem:
            self._run.is_over = True  # there is no room for that either
            return
        self._run.problem = _(error.title)
        self._run.ended_early = GapCause.STORE_FAILED
        self._run.is_stopping = True
        self._source.finish()
        self._emit(StoreFailed(_(error.title), _(error.advice)))

    def _step(self) -> None:
        self._obey(_TICK if self._run.is_paused and not self._run.is_stopping else 0.0)
        if self._run.is_stopping or not self._run.is_paused:
            arrival = self._source.read(_TICK)
            if arrival is not None:
                self._take(arrival)
        now = self._clock.now()
        self._writer.store_if_due(now)
        self._tell_news()
        if now.seconds_since(self._told)[0] >= _LEVEL_EVERY:
            self._tell_level(now)

    def _obey(self, timeout: float) -> None:
        try:
            command = self._commands.get(block=timeout > 0, timeout=timeout or None)
        except queue.Empty:
            return
        match command:
            case Pause() if not self._run.is_paused:
                self._pause()
            case Resume() if self._run.is_paused:
                self._run.is_paused = False
                self._writer.resume()
                self._source.resume()
                self._emit(Resumed())
            case SetMarker(text=text):
                self._writer.mark(printable(text, _MARKER_TEXT), self._clock.now())
            case Stop():
                self._run.is_stopping = True
                self._source.finish()
            case _:
                pass  # a pause in a pause

    def _pause(self) -> None:
        # What arrived before the command is recorded; what comes after it is not even taken.
        self._source.pause()
        while isinstance(arrival := self._source.read(0.0), Block | SamplesLost):
            self._take(arrival)
        self._run.is_paused = True
        self._writer.pause(self._clock.now())
        self._emit(Paused())

    def _take(self, arrival: Arrival) -> None:
        match arrival:
            case Block():
                self._take_block(arrival)
            case BrokenOff():
                self._run.is_lost = True
                self._writer.break_off(arrival)
                self._emit(DeviceLost(arrival.source_name, arrival.cause))
            case SamplesLost():
                self._writer.lose(arrival)
            case Ended(problem=problem):
                self._run.is_over = True
                if problem and not self._run.problem:
                    self._run.problem = problem
                    self._run.ended_early = GapCause.SOURCE_BROKE_OFF

    def _take_block(self, block: Block) -> None:
        if self._run.is_lost:
            self._run.is_lost = False
            self._emit(DeviceBack(block.source_name))
        wanted = self._within_limit(block)
        if wanted is not None:
            self._writer.write(wanted)
            self._heard.append(wanted)

    def _within_limit(self, block: Block) -> Block | None:
        """Cut a block where the wanted length is reached."""
        if self._seconds is None:
            return block
        missing = round((self._seconds - self._elapsed) * block.format.rate)
        if missing > block.frames:
            return block
        if not self._run.is_stopping:
            self._run.is_stopping = True
            self._source.finish()
        if missing <= 0:
            return None
        size = missing * (len(block.pcm) // block.frames)
        return replace(block, pcm=block.pcm[:size], frames=missing)

    def _tell_news(self) -> None:
        for item in self._writer.take_news():
            match item:
                case PartBegan(part=part, format=form, source_name=name):
                    self._emit(PartStartedEvent(part, name, form.rate, form.channels, form.depth))
                case Gap():
                    self._emit(
                        GapNoted(item.cause, item.part, item.at_sample, item.seconds, item.proven)
                    )
                case _:
                    self._emit(MarkerSet(item.part, item.at_sample))

    def _tell_level(self, now: Instant) -> None:
        self._told = now
        recent = list(self._heard)
        self._heard.clear()
        depth = recent[-1].format.depth if recent else 0
        found = loudness(b"".join(b.pcm for b in recent if b.format.depth == depth), depth)
        self._emit(
            Level(
                elapsed=self._elapsed,
                rms=found.rms if found else None,
                peak=found.peak if found else None,
                stored_seconds=self._before + self._writer.stored_seconds,
                free_bytes=_free_bytes(self._vault),
                is_paused=self._run.is_paused,
                is_device_lost=self._run.is_lost,
            )
        )


def _free_bytes(directory: Path) -> int:
    try:
        return shutil.disk_usage(directory).free
    except OSError:
        return 0
