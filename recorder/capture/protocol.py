# SPDX-License-Identifier: EUPL-1.2
"""The lines between the capture process and its parent (``docs/capture-protocol.md``).

Each line is one JSON object: ``cmd`` names a command (to the process), ``event`` an event (from
it). The first command says what to do; the others follow while it runs. End of input means that
the parent is gone: the recording is then ended properly.
"""

from __future__ import annotations

import msgspec

from recorder.errors import RecorderError
from recorder.identifiers import RecordingId, Sha256Hex
from recorder.lifecycle.parts import GapCause
from recorder.vault.choice import KeyStoreChoice
from recorder.words import _

MAX_LINE = 2 << 20
"""Longest line that is read, in bytes."""


class MicrophoneChoice(msgspec.Struct, frozen=True, tag_field="kind", tag="microphone"):
    """Record from a microphone."""

    device: str = ""
    """Its name, or a part of it that no other has; empty for the system's default."""
    rate: int = 0
    """Frames per second; 0 for the device's own."""
    channels: int = 1
    depth: int = 16
    fall_back: bool = True
    """Whether recording goes on with another microphone when this one is lost."""


class FileChoice(msgspec.Struct, frozen=True, tag_field="kind", tag="file"):
    """Record from a sound file."""

    path: str
    fast: bool = False
    """Whether to take the samples without waiting."""


SourceChoice = MicrophoneChoice | FileChoice
"""Where sound comes from."""


class _Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="cmd"):
    """The base of all commands."""


class Start(_Command, frozen=True, tag="start"):
    """Begin a new recording."""

    id: RecordingId
    meeting: msgspec.Raw
    """As JSON (schema in ``docs/meeting.schema.json``)."""
    source: SourceChoice
    vault: str
    """The vault's folder."""
    keys: KeyStoreChoice
    seconds: float | None = None
    """How much to record; none for no limit."""
    language: str = ""
    """Of the words in events; empty for the one that the environment names."""


class Continue(_Command, frozen=True, tag="continue"):
    """Go on with a recording whose process is gone, as a new part."""

    id: RecordingId
    source: SourceChoice
    vault: str
    keys: KeyStoreChoice
    seconds: float | None = None
    """How much more to record (of a replaced process: how much in all); none for no limit."""
    cause: GapCause = GapCause.CONTINUED
    """``continued`` (a person said so) or ``process replaced``."""
    is_paused: bool = False
    """Whether to wait for ``resume`` first."""
    language: str = ""


class Close(_Command, frozen=True, tag="close"):
    """Close a recording whose process is gone, without going on."""

    id: RecordingId
    vault: str
    keys: KeyStoreChoice
    language: str = ""


class Pause(_Command, frozen=True, tag="pause"):
    """Take no sound until ``resume``."""


class Resume(_Command, frozen=True, tag="resume"):
    """Take sound again."""


class SetMarker(_Command, frozen=True, tag="marker"):
    """Mark this place."""

    text: str = ""


class Stop(_Command, frozen=True, tag="stop"):
    """End the recording."""


FirstCommand = Start | Continue | Close
"""What the first line can be."""

LaterCommand = Pause | Resume | SetMarker | Stop
"""What later lines can be."""


class _Event(msgspec.Struct, frozen=True, tag_field="event"):
    """The base of all events."""


class PartStarted(_Event, frozen=True, tag="recording"):
    """Sound arrives: a part has begun."""

    part: int
    device: str
    rate: int
    channels: int
    depth: int


class Level(_Event, frozen=True, tag="level"):
    """A sign of life, about five times a second."""

    elapsed: float
    """Seconds of sound in the recording."""
    rms: float | None
    """dBFS of the last moment; none if no sound came."""
    peak: float | None
    stored_seconds: float
    """Seconds of sound that are on the medium."""
    free_bytes: int
    """On the vault's volume."""
    is_paused: bool
    is_device_lost: bool


class Busy(_Event, frozen=True, tag="busy"):
    """A sign of life, about once a second, while a recording is prepared, read or closed.

    It does not say that the recording exists yet.
    """


class Paused(_Event, frozen=True, tag="paused"):
    """No sound is taken."""


class Resumed(_Event, frozen=True, tag="resumed"):
    """Sound is taken again."""


class MarkerSet(_Event, frozen=True, tag="marker"):
    """A marker stands in the sound log."""

    part: int
    at_sample: int


class DeviceLost(_Event, frozen=True, tag="device_lost"):
    """The microphone is gone; another one, or its return, is waited for."""

    device: str
    cause: GapCause


class DeviceBack(_Event, frozen=True, tag="device_back"):
    """Sound comes again."""

    device: str


class GapNoted(_Event, frozen=True, tag="gap"):
    """A gap stands in the sound log."""

    cause: GapCause
    part: int
    at_sample: int
    seconds: float
    proven: bool


class StoreFailed(_Event, frozen=True, tag="store_failed"):
    """The vault takes no more: the recording is ended with what it holds."""

    title: str
    advice: str


class PartSummary(msgspec.Struct, frozen=True):
    """One part as it was recorded."""

    number: int
    rate: int
    channels: int
    depth: int
    samples: int
    samples_sha256: Sha256Hex | None


class RecordingEnded(_Event, frozen=True, tag="recorded"):
    """All sound is in the vault; the process ends."""

    parts: tuple[PartSummary, ...]
    gaps: int
    gap_seconds: float
    markers: int
    recovered: bool
    damaged: bool
    problem: str = ""
    """A sentence where it ended earlier than wanted."""


class Failed(_Event, frozen=True, tag="error"):
    """It cannot go on; the process ends. What the vault holds is closed by the next start."""

    exit_code: int
    title: str
    advice: str
    detail: str
    problems: tuple[str, ...]
    is_nothing_captured: bool
    """Whether no sound was taken and no trace is left."""
    took_sound: bool = False
    """Whether any sound was taken since the first command; without, a recording that was to be
    continued is as it was before."""


class Replaced(_Event, frozen=True, tag="replaced"):
    """The parent found the process dead or hung and began another."""

    attempt: int


CaptureEvent = (
    PartStarted
    | Level
    | Busy
    | Paused
    | Resumed
    | MarkerSet
    | DeviceLost
    | DeviceBack
    | GapNoted
    | StoreFailed
    | RecordingEnded
    | Failed
    | Replaced
)
"""Every event."""


def first_command(line: bytes) -> FirstCommand:
    """Read the first line.

    Args:
        line: One JSON object.

    Returns:
        The command.

    Raises:
        ValueError: If it is none.
    """
    return msgspec.json.decode(line, type=Start | Continue | Close)


def later_command(line: bytes) -> LaterCommand:
    """Read a later line.

    Args:
        line: One JSON object.

    Returns:
        The command.

    Raises:
        ValueError: If it is none.
    """
    return msgspec.json.decode(line, type=Pause | Resume | SetMarker | Stop)


def read_event(line: bytes) -> CaptureEvent:
    """Read a line of the capture process.

    Args:
        line: One JSON object.

    Returns:
        The event.

    Raises:
        ValueError: If it is none.
    """
    return _EVENTS.decode(line)


def encode_line(message: FirstCommand | LaterCommand | CaptureEvent) -> bytes:
    """Write a line.

    Args:
        message: A command or an event.

    Returns:
        One JSON object and the end of the line.
    """
    line = msgspec.json.encode(message)
    if b"\n" in line:  # a meeting that was taken as it stood in its file
        line = msgspec.json.format(line, indent=-1)
    return line + b"\n"


def failure(error: RecorderError, *, is_nothing_captured: bool, took_sound: bool = False) -> Failed:
    """Say in an event what an error says.

    Args:
        error: What went wrong.
        is_nothing_captured: Whether no trace is left.
        took_sound: Whether any sound was taken.

    Returns:
        The event.
    """
    return Failed(
        exit_code=error.exit_code,
        title=_(error.title),
        advice=_(error.advice),
        detail=error.detail,
        problems=error.problems,
        is_nothing_captured=is_nothing_captured,
        took_sound=took_sound,
    )


_EVENTS: msgspec.json.Decoder[CaptureEvent] = msgspec.json.Decoder(CaptureEvent)
