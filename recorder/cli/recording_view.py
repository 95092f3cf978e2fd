# SPDX-License-Identifier: EUPL-1.2
"""Shows a running recording: word, time, level, what is safe on disk, free space.

Rule: colour is never the only sign; the state is always a word. A level is shown as text, too, so
that a screen reader can read it.
"""

from __future__ import annotations

import msgspec

from recorder.capture.protocol import (
    CaptureEvent,
    DeviceBack,
    DeviceLost,
    Failed,
    GapNoted,
    Level,
    MarkerSet,
    PartStarted,
    Paused,
    RecordingEnded,
    Replaced,
    Resumed,
    StoreFailed,
)
from recorder.cli import output
from recorder.cli.voice import Voice
from recorder.documents import phrases
from recorder.identifiers import RecordingId
from recorder.lifecycle.states import State
from recorder.words import _, printable

_QUIETEST = -60.0
_BARS = 10


class RecordingView:
    """Tells of the events of one recording."""

    def __init__(self, voice: Voice, recording_id: RecordingId, state: State) -> None:
        """Watch a recording.

        Args:
            voice: How to speak.
            recording_id: Whose events.
            state: Where it stands at first.
        """
        self._voice = voice
        self._id = recording_id
        self.state = state
        self._has_line = False
        self.has_sound = False
        self.store_failure = ""
        """The title of what the vault failed with, if it did."""

    def show(self, event: CaptureEvent) -> None:
        """Tell of one event.

        Args:
            event: From the capture process.
        """
        self._follow(event)
        if self._voice.is_json:
            self._emit(event)
        elif isinstance(event, Level):
            self._draw(event)
        elif sentence := _sentence(event):
            self.say(sentence)

    def say(self, sentence: str) -> None:
        """Write a line above the live one.

        Args:
            sentence: What to say.
        """
        self.clear()
        self._voice.say(sentence)

    def clear(self) -> None:
        """Remove the live line."""
        if self._has_line:
            output.draw("\r\x1b[2K")
            self._has_line = False

    def _follow(self, event: CaptureEvent) -> None:
        match event:
            case PartStarted():
                self.has_sound = True
                self.state = State.PAUSED if self.state is State.PAUSED else State.RECORDING
            case Resumed():
                self.state = State.RECORDING
            case Paused():
                self.state = State.PAUSED
            case RecordingEnded():
                self.state = State.RECORDED
            case StoreFailed(title=title):
                self.store_failure = title
            case _:
                pass

    def _emit(self, event: CaptureEvent) -> None:
        fields = msgspec.to_builtins(event)
        name = fields.pop("event")
        if isinstance(event, RecordingEnded):
            fields["parts"] = [msgspec.to_builtins(part) for part in event.parts]
        if isinstance(event, Failed):
            return  # the command's own error says it
        self._voice.event(name, id=self._id, state=self.state, **fields)

    def _draw(self, level: Level) -> None:
        if not self._voice.is_live:
            return
        output.draw("\r\x1b[2K" + self._line(level))
        self._has_line = True

    def _line(self, level: Level) -> str:
        if level.is_device_lost:
            word = _("NO MICROPHONE")
        elif level.is_paused:
            word = _("PAUSED")
        else:
            word = _("RECORDING")
        bars = _bars(level.peak)
        return _(
            "● {word}  {elapsed}  level {bars}  on disk {stored}  free {free} GB  "
            "[p] pause  [m] marker  [s] stop"
        ).format(
            word=word,
            elapsed=phrases.clock_time(level.elapsed),
            bars=bars,
            stored=phrases.clock_time(level.stored_seconds),
            free=f"{level.free_bytes / 1e9:.0f}",
        )


def _bars(peak: float | None) -> str:
    if peak is None:
        return "·" * _BARS
    lit = round(_BARS * min(1.0, max(0.0, 1 - peak / _QUIETEST)))
    return "▮" * lit + "▯" * (_BARS - lit)


def _sentence(event: CaptureEvent) -> str:  # noqa: C901, PLR0911 - one case per event
    match event:
        case PartStarted(device=device, rate=rate, channels=channels, depth=depth):
            return _(
                "● RECORDING from {device}: {rate} Hz, {channels} channel(s), {depth} bit"
            ).format(
                device=printable(device) or _("a file"), rate=rate, channels=channels, depth=depth
            )
        case Paused():
            return _("‖ PAUSED: nothing is recorded")
        case Resumed():
            return _("● RECORDING again")
        case MarkerSet():
            return _("◆ Marker set")
        case DeviceLost(device=device):
            return _("✖ The microphone {device} is gone; looking for another").format(
                device=printable(device)
            )
        case DeviceBack(device=device):
            return _("● RECORDING again, from {device}").format(device=printable(device))
        case GapNoted(cause=cause, seconds=seconds):
            return _("A gap of {length} is noted: {cause}").format(
                length=phrases.length(seconds), cause=phrases.cause(cause)
            )
        case StoreFailed(title=title, advice=advice):
            return f"✖ {_(title)} {_(advice)}"
        case Replaced():
            return _("The recording process stopped and is replaced; a gap is noted")
        case RecordingEnded():
            return _ended(event)
        case _:
            return ""


def _ended(event: RecordingEnded) -> str:
    seconds = sum(part.samples / part.rate for part in event.parts if part.rate)
    said = _("■ Recording ended: {length} of sound are encrypted in the vault").format(
        length=phrases.length(seconds)
    )
    return f"{said}. {event.problem}" if event.problem else said
