# SPDX-License-Identifier: EUPL-1.2
"""``modoptager record``: records a meeting and archives it.

With ``--json`` standard input is JSON lines: first ``{"cmd":"start","meeting":{…}}`` unless
``--meeting`` names a file, then ``pause``, ``resume``, ``marker`` and ``stop``.
"""

from __future__ import annotations

import datetime as dt
import sys

import click
import msgspec

from recorder.archive.workplace import Workplace
from recorder.capture.protocol import (
    Continue,
    FileChoice,
    MicrophoneChoice,
    SourceChoice,
    Start,
)
from recorder.cli.controls import read_start
from recorder.cli.homecoming import finish_all
from recorder.cli.identify import identified
from recorder.cli.meeting_input import documented_meeting
from recorder.cli.recording import Wishes, run_recording
from recorder.cli.session import workplace
from recorder.cli.voice import Voice, speaking
from recorder.errors import UsageError
from recorder.identifiers import new_recording_id
from recorder.lifecycle.states import LIVE, State
from recorder.meeting.model import Meeting
from recorder.meeting.reading import read_meeting
from recorder.policy.conditions import require
from recorder.words import _


@click.command(help=_("Record a meeting and archive it."))
@click.option("--meeting", help=_("JSON file with the meeting, or '-' for standard input."))
@click.option("--source", default="mic", help=_("mic, mic:NAME or file:PATH."))
@click.option("--seconds", type=click.FloatRange(min=0.1), help=_("Stop after so much sound."))
@click.option("--fast", is_flag=True, help=_("Take a file as fast as it can be stored."))
@click.option("--no-archive", is_flag=True, help=_("Keep the recording here for now."))
@click.option("--continue", "continued", help=_("Go on with the interrupted recording ID."))
@speaking
def record(
    voice: Voice,
    *,
    meeting: str | None,
    source: str,
    seconds: float | None,
    fast: bool,
    no_archive: bool,
    continued: str | None,
) -> None:
    """Record, seal, deliver, read back, wipe, complete.

    Args:
        voice: Tells.
        meeting: Where the meeting is written down; none asks.
        source: Microphone or file.
        seconds: How much to record at most.
        fast: Whether a file is taken without waiting.
        no_archive: Whether to leave it in the vault.
        continued: The id of an interrupted recording.

    Raises:
        RecorderError: If nothing could be recorded, it ended before its time, or it waits on
            this device.
    """
    voice.promise_result()
    place = workplace(voice)
    chosen = source_choice(source, place, is_fast=fast)
    is_driven = voice.is_json and meeting is None
    if continued is not None:
        first: Start | Continue = Continue(
            id=identified(continued),
            source=chosen,
            vault=str(place.places.vault),
            keys=place.key_store_choice,
            seconds=seconds,
        )
        state = place.vault.peek(first.id).state
        voice.event("continued", id=first.id, state=State.INTERRUPTED if state in LIVE else state)
    else:
        documented = _meeting_by_line() if is_driven else documented_meeting(meeting)
        first = start_command(documented, chosen, seconds, place)
        voice.event("planned", id=first.id, state=State.PLANNED)
    wishes = Wishes(
        is_archived=not no_archive,
        takes_lines=voice.is_json and meeting != "-",
        takes_keys=not voice.is_json and sys.stdin.isatty(),
        is_driven=is_driven,
    )
    outcome = run_recording(first, wishes, place, voice)
    if outcome.receipt:
        voice.say("\n" + outcome.receipt)
    if not voice.is_json and not no_archive:
        place.sweep()
        with voice.stopping.guarded():
            finish_all(place.vault.ids(), place, voice)


def source_choice(text: str, place: Workplace, *, is_fast: bool) -> SourceChoice:
    """Read what ``--source`` says.

    Args:
        text: ``mic``, ``mic:NAME`` or ``file:PATH``.
        place: For the settings of the microphone.
        is_fast: Whether a file is taken without waiting.

    Returns:
        The choice.

    Raises:
        UsageError: If it is none of these.
    """
    kind, _sep, name = text.partition(":")
    settings = place.config.capture
    if kind == "file" and name:
        return FileChoice(path=name, fast=is_fast)
    if kind == "mic":
        return MicrophoneChoice(
            device=name or settings.microphone,
            rate=settings.rate,
            channels=settings.channels,
            depth=settings.depth,
            fall_back=settings.fall_back,
        )
    raise UsageError(_("--source takes mic, mic:NAME or file:PATH."))


def start_command(
    meeting: Meeting, source: SourceChoice, seconds: float | None, place: Workplace
) -> Start:
    """Write the capture process's first command.

    Args:
        meeting: With every permission documented.
        source: Where sound comes from.
        seconds: How much to record at most.
        place: The workplace.

    Returns:
        The command, with a new id.
    """
    return Start(
        id=new_recording_id(),
        meeting=msgspec.Raw(msgspec.json.encode(meeting)),
        source=source,
        vault=str(place.places.vault),
        keys=place.key_store_choice,
        seconds=seconds,
        language=place.config.language,
    )


def _meeting_by_line() -> Meeting:
    meeting = read_meeting(bytes(read_start().meeting))
    require(meeting, dt.datetime.now(dt.UTC))
    return meeting
