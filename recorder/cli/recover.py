# SPDX-License-Identifier: EUPL-1.2
"""``modoptager recover``: lists and finishes interrupted recordings, leaves live ones alone."""

from __future__ import annotations

import click

from recorder.cli.homecoming import finish_all
from recorder.cli.session import workplace
from recorder.cli.voice import Voice, speaking
from recorder.errors import RecorderError
from recorder.lifecycle.states import LIVE, State
from recorder.words import _

_INTERRUPTED = LIVE | {State.INTERRUPTED}


@click.command(help=_("Finish interrupted recordings."))
@click.option("--list", "only_list", is_flag=True, help=_("Only list them."))
@speaking
def recover(voice: Voice, *, only_list: bool) -> None:
    """Close interrupted recordings and archive them, and whatever else waits.

    Args:
        voice: Tells.
        only_list: Whether to change nothing.

    Raises:
        RecorderError: The first recording's that could not be finished.
    """
    place = workplace(voice)
    if not only_list:
        place.sweep()
    found = 0
    for recording_id in place.vault.ids():
        try:
            state = place.vault.peek(recording_id).state
        except RecorderError as error:
            voice.say(f"{recording_id}  ✖ {_(error.title)}")
            voice.event("unreadable", id=recording_id, title=_(error.title))
            continue
        if place.vault.is_busy(recording_id):
            voice.say(_("Recording {id} is in use and is left alone").format(id=recording_id))
            voice.event("left_alone", id=recording_id, state=state)
        elif state in _INTERRUPTED:
            found += 1
            voice.result(_("Recording {id} was interrupted").format(id=recording_id))
            voice.event("interrupted", id=recording_id, state=state)
    if not found:
        voice.say(_("No recording was interrupted."))
    if only_list:
        return
    with voice.stopping.guarded():
        _done, unfinished = finish_all(place.vault.ids(), place, voice)
    if unfinished is not None:
        raise unfinished
