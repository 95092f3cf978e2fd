# SPDX-License-Identifier: EUPL-1.2
"""``modoptager archive``: works off what is waiting; ``--watch`` keeps going."""

from __future__ import annotations

import signal
import threading

import click

from recorder.archive.workplace import Workplace
from recorder.cli.homecoming import finish_all
from recorder.cli.session import workplace
from recorder.cli.voice import Voice, speaking
from recorder.errors import RecorderError
from recorder.words import _


@click.command(help=_("Archive what is waiting on this device."))
@click.option("--watch", is_flag=True, help=_("Keep going until stopped."))
@speaking
def archive(voice: Voice, *, watch: bool) -> None:
    """Bring every recording home that nobody works on.

    Args:
        voice: Tells.
        watch: Whether to go on with new rounds.

    Raises:
        RecorderError: The first recording's that could not be brought home (not when watching).
    """
    place = workplace(voice)
    if watch:
        _watch(place, voice)
        return
    error = round_of(place, voice)
    if error is not None:
        raise error


def round_of(place: Workplace, voice: Voice) -> RecorderError | None:
    """Go once over everything that waits.

    Args:
        place: The workplace.
        voice: Tells.

    Returns:
        The first error, if any.
    """
    place.sweep()
    ids = place.vault.ids()
    done, error = finish_all(ids, place, voice)
    voice.say(_("{done} of {all} recordings archived.").format(done=done, all=len(ids)))
    voice.event("round", done=done, all=len(ids))
    return error


def _watch(place: Workplace, voice: Voice) -> None:
    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_unused: stop.set())
    while not stop.is_set():
        try:
            round_of(place, voice)
        except RecorderError as error:  # the next round tries again
            voice.say(f"✖ {_(error.title)}")
        stop.wait(place.config.archive.watch_interval)
