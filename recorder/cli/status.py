# SPDX-License-Identifier: EUPL-1.2
"""``modoptager status``: what is on this device, and what it waits for."""

from __future__ import annotations

import click

from recorder.archive.workplace import Workplace
from recorder.cli.session import workplace
from recorder.cli.state_words import what_to_do, word_for
from recorder.cli.voice import Voice, speaking
from recorder.documents.phrases import length, moment
from recorder.errors import RecorderError, VaultError
from recorder.identifiers import RecordingId
from recorder.lifecycle.fold import Recording
from recorder.lifecycle.states import LIVE, State
from recorder.words import _


@click.command(help=_("Show what is on this device."))
@speaking
def status(voice: Voice) -> None:
    """List every recording in the vault.

    Args:
        voice: Tells.
    """
    place = workplace(voice)
    ids = place.vault.ids()
    for recording_id in ids:
        try:
            recording = place.vault.peek(recording_id)
        except RecorderError as error:
            voice.result(f"{recording_id}  ✖ {_(error.title)}\n    → {_(error.advice)}")
            voice.event("entry", id=recording_id, state="unreadable", exit_code=error.exit_code)
            continue
        _tell(place, recording_id, recording, voice)
    if not ids:
        voice.result(_("There is no recording on this device."))
    voice.event("status", recordings=len(ids))


def _tell(place: Workplace, recording_id: RecordingId, recording: Recording, voice: Voice) -> None:
    is_busy = _is_busy(place, recording_id)
    state = recording.state
    if state in LIVE and not is_busy:
        state = State.INTERRUPTED
    seconds = sum(
        p.samples / p.format.rate
        for p in (recording.recorded.parts if recording.recorded else ())
        if p.format.rate
    )
    reason = recording.held.reason if recording.held else ""
    voice.event(
        "entry",
        id=recording_id,
        state=state,
        busy=is_busy,
        reason=reason,
        planned=recording.planned_at.wall if recording.planned_at else None,
        seconds=round(seconds, 3),
    )
    when = moment(recording.planned_at.wall) if recording.planned_at else "?"
    how_long = f"  {length(seconds)}" if seconds else ""
    voice.result(f"{recording_id}  {when}{how_long}  {word_for(state)}")
    voice.result(f"    → {what_to_do(state, reason, is_busy=is_busy)}")


def _is_busy(place: Workplace, recording_id: RecordingId) -> bool:
    try:
        return place.vault.is_busy(recording_id)
    except VaultError:
        return False  # write-protected: nobody can work on it, and what is there can still be shown
