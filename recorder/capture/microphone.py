# SPDX-License-Identifier: EUPL-1.2
"""A microphone as a source, by PortAudio's callback streams.

Rules:

* The callback copies and queues, nothing else; it never waits. No blocking reads: closing a
  stream under one crashes the process (PortAudio issue 1179).
* A lost microphone is noticed within a second: the stream ends, or no block comes while this
  process itself had time to run. Then PortAudio is restarted (it sees no new devices otherwise,
  and no stream is running now) and the preferred microphone is tried, then the default, then any.
* Overflow flags are not believed; the frame clock is.

Limits: a sound server that moves the stream to another microphone by itself is not noticed here.
"""

from __future__ import annotations

import math
import queue
import time
from collections.abc import Iterator
from typing import Any

from recorder.capture.devices import InputDevice, find_device, present_devices
from recorder.capture.protocol import MicrophoneChoice
from recorder.capture.source import Arrival, Block, BrokenOff, Ended, SamplesLost, earlier
from recorder.capture.supervision import FrameClock
from recorder.clock import Clock, Instant
from recorder.errors import DeviceError
from recorder.lifecycle.parts import Container, GapCause, PartFormat
from recorder.words import _, printable

_BLOCKS_PER_SECOND = 25
_LATENCY = 0.5  # seconds that the system may buffer: nobody listens live, so safety comes first
_MOST_WAITING = 120 * _BLOCKS_PER_SECOND  # blocks in memory while the medium is slow
_OLDEST = 2 * _LATENCY  # seconds; older than that is no age but a clock that some systems lack
_BEAT = 0.1
_SILENT_BEATS = 8  # beats without a block after which the device counts as stalled
_STARVED = 0.25  # a beat that took longer says that this process could not run, not the device
_RETRY = 0.5
_LAST_BLOCK = 0.3  # seconds to wait for the block that was under way at the end

_Sound = tuple[bytes, Instant]
_Item = _Sound | None  # none: the stream has ended


class Microphone:
    """Records from a microphone, and from another one where it is lost."""

    def __init__(self, choice: MicrophoneChoice, clock: Clock) -> None:
        """Choose a microphone; nothing is opened before ``start``.

        Args:
            choice: Which device, and in what format.
            clock: For the instants of its blocks.
        """
        self._choice = choice
        self._clock = clock
        self._stream: Any = None  # sounddevice has no types
        self._queue: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        self._name = ""
        self._format: PartFormat | None = None
        self._frames = FrameClock(1)
        self._last = clock.now()
        self._silent_beats = 0
        self._is_wanted = False
        self._is_told_lost = False
        self._tried_at = 0.0
        self._mute: list[str] = []  # opened since the loss, and no sound came
        self._finish_ns: int | None = None
        self._after: list[Arrival] = []

    def start(self) -> None:
        """Open the chosen microphone.

        Raises:
            DeviceError: If it is not there or cannot be used.
        """
        devices = present_devices()
        device = find_device(devices, self._choice.device)
        if device is None:
            shown = [printable(d.name, 100) for d in devices]
            raise DeviceError(_("The chosen microphone was not found."), problems=shown)
        self._last = self._clock.now()
        if not self._open(device):
            raise DeviceError(_("The microphone is in use or blocked."))
        self._is_wanted = True

    def read(self, timeout: float) -> Arrival | None:
        """Wait for what comes next."""
        if self._after:
            return self._after.pop(0)
        if self._stream is None and self._is_wanted:
            return self._look_for_another(timeout)
        began = time.monotonic()
        try:
            item = self._next(min(timeout, _BEAT))
        except queue.Empty:
            return self._nothing_came(time.monotonic() - began)
        self._silent_beats = 0
        if item is None:
            return None if self._stream is None else self._lose(GapCause.DEVICE_LOST)
        return self._arrived(*item)

    def pause(self) -> None:
        """Take the block that is under way up to this instant, then close the microphone."""
        self._is_wanted = False
        now_ns = self._clock.monotonic_ns()
        kept = self._until(now_ns) if self._stream is not None else []
        self._close_stream()
        while (item := self._arrived_already()) is not None:
            kept.append(item)
        self._queue = queue.SimpleQueue()
        for pcm, at in kept:
            rest = self._before(pcm, at, now_ns)
            if rest is not None:
                self._queue.put(rest)

    def resume(self) -> None:
        """Open the microphone again."""
        self._last = self._clock.now()
        self._is_told_lost = False
        self._is_wanted = True
        self._tried_at = 0.0
        _restart_sound_system()
        self._open_any()

    def finish(self) -> None:
        """Take the block that is under way, then no more."""
        self._is_wanted = False
        self._finish_ns = self._clock.monotonic_ns()

    def close(self) -> None:
        """Let go of the microphone."""
        self._is_wanted = False
        self._close_stream()

    def _next(self, timeout: float) -> _Item:
        if timeout and self._stream is not None:
            return self._queue.get(timeout=timeout)
        return self._queue.get_nowait()

    def _until(self, end_ns: int) -> list[_Sound]:
        """Collect blocks until one reaches over an instant; most come late, in bursts."""
        kept: list[_Sound] = []
        deadline = time.monotonic() + _LAST_BLOCK
        while (wait := deadline - time.monotonic()) > 0:
            try:
                item = self._queue.get(timeout=wait)
            except queue.Empty:
                break
            if item is None:
                break
            kept.append(item)
            if item[1].monotonic_ns >= end_ns:
                break
        return kept

    def _arrived_already(self) -> _Sound | None:
        try:
            return self._queue.get_nowait()
        except queue.Empty:
            return None

    def _before(self, pcm: bytes, at: Instant, end_ns: int) -> _Sound | None:
        """Cut off what was heard behind an instant."""
        assert self._format is not None
        seconds = max(0.0, (at.monotonic_ns - end_ns) / 1e9)
        frame_bytes = self._format.channels * self._format.depth // 8
        size = len(pcm) - math.ceil(seconds * self._format.rate) * frame_bytes
        return (pcm[:size], earlier(at, seconds)) if size > 0 else None

    def _arrived(self, pcm: bytes, at: Instant) -> Arrival:
        assert self._format is not None
        self._last = at
        self._is_told_lost = False
        self._mute.clear()
        if self._finish_ns is not None and at.monotonic_ns >= self._finish_ns:
            self._close_stream()  # this block holds the last moment; what is queued still counts
        frames = len(pcm) // (self._format.channels * self._format.depth // 8)
        block = Block(pcm, frames, at, self._format, self._name)
        loss = self._frames.take(frames, at.monotonic_ns / 1e9)
        if loss is None:
            return block
        self._after.append(block)
        return SamplesLost(loss.seconds, at, loss.frames_ago - frames)

    def _nothing_came(self, seconds: float) -> Arrival | None:
        if self._finish_ns is not None:
            waited = (self._clock.monotonic_ns() - self._finish_ns) / 1e9
            if self._stream is not None and waited < _LAST_BLOCK:
                return None
            self._close_stream()
            return Ended()
        if self._stream is None:
            return None
        if not _is_active(self._stream):
            return self._lose(GapCause.DEVICE_LOST)
        if _BEAT / 2 < seconds < _STARVED:
            self._silent_beats += 1
        if self._silent_beats < _SILENT_BEATS:
            return None
        return self._lose(GapCause.STALLED)

    def _lose(self, cause: GapCause) -> Arrival | None:
        self._close_stream()
        self._queue = queue.SimpleQueue()
        self._mute.append(self._name)
        if self._is_told_lost:
            return None  # what was opened in its place gave no sound either
        self._is_told_lost = True
        self._tried_at = 0.0
        return BrokenOff(cause, self._last, self._name or printable(self._choice.device, 200))

    def _look_for_another(self, timeout: float) -> Arrival | None:
        if not self._is_told_lost:  # it was gone when a pause ended
            return self._lose(GapCause.DEVICE_LOST)
        wait = self._tried_at + _RETRY - time.monotonic()
        if wait > 0:
            time.sleep(min(wait, timeout))
            return None
        _restart_sound_system()
        self._open_any()
        self._tried_at = time.monotonic()
        return None

    def _open_any(self) -> None:
        try:
            devices = present_devices()
        except DeviceError:
            return
        preferred = find_device(devices, self._choice.device)
        candidates = [preferred] if preferred is not None else []
        if self._choice.fall_back:
            candidates += [device for device in devices if device is not preferred]
        # What opens but stays mute comes last, so that every other one gets its turn.
        candidates.sort(key=lambda device: self._mute.count(device.name))
        any(self._open(device) for device in candidates)

    def _open(self, device: InputDevice) -> bool:
        return any(self._try_open(device, form) for form in self._formats(device))

    def _formats(self, device: InputDevice) -> Iterator[PartFormat]:
        """List formats to try: that of the part that is open, the chosen, the device's own."""
        if self._format is not None:
            yield self._format
        choice = self._choice
        wanted = choice.rate or device.rate
        for rate in dict.fromkeys((wanted, device.rate)):
            for channels in dict.fromkeys((choice.channels, 1, 2)):
                for depth in dict.fromkeys((choice.depth, 16)):
                    yield PartFormat(Container.FLAC, rate, channels, depth)

    def _try_open(self, device: InputDevice, form: PartFormat) -> bool:
        import sounddevice  # noqa: PLC0415 - starts the sound system

        items: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        now = self._clock.now

        def arrived(data: Any, _frames: int, moment: Any, _status: Any) -> None:
            if items.qsize() < _MOST_WAITING:  # beyond that the frame clock tells of the loss
                # Blocks come in bursts: how old the sound is, the sound system knows best.
                age = moment.currentTime - moment.inputBufferAdcTime
                items.put((bytes(data), earlier(now(), age if 0 < age < _OLDEST else 0.0)))

        def ended() -> None:
            items.put(None)

        try:
            stream = sounddevice.RawInputStream(
                device=device.index,
                samplerate=form.rate,
                channels=form.channels,
                dtype=f"int{form.depth}",
                blocksize=form.rate // _BLOCKS_PER_SECOND,
                latency=_LATENCY,
                callback=arrived,
                finished_callback=ended,
            )
            stream.start()
        except (sounddevice.PortAudioError, ValueError):
            return False
        self._stream, self._queue = stream, items
        self._name, self._format = printable(device.name, 200), form
        self._frames = FrameClock(form.rate)
        self._silent_beats = 0
        return True

    def _close_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            import sounddevice  # noqa: PLC0415 - loaded by who opened the stream

            try:
                stream.abort(ignore_errors=True)
                stream.close(ignore_errors=True)
            except sounddevice.PortAudioError:
                pass  # it is gone: that is why it is closed


def _is_active(stream: Any) -> bool:
    import sounddevice  # noqa: PLC0415 - loaded by who opened the stream

    try:
        return bool(stream.active)
    except sounddevice.PortAudioError:
        return False


def _restart_sound_system() -> None:
    """Make PortAudio look for devices again; no stream may be running."""
    import sounddevice  # noqa: PLC0415 - starts the sound system

    for step in (sounddevice._terminate, sounddevice._initialize):  # noqa: SLF001 - there is no public call
        try:
            step()
        except sounddevice.PortAudioError:
            continue
