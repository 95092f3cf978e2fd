# SPDX-License-Identifier: EUPL-1.2
"""``modoptager archive``: works off what is waiting; ``--watch`` keeps going."""

from __future__ import annotations

import contextlib

import click

from recorder.archive.workplace import Workplace
from recorder.cli.failure import lines_for_defect
from recorder.cli.homecoming import finish_all
from recorder.cli.session import workplace
from recorder.cli.stopping import StoppedError
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
        Exception: A defect that one of them met, after all were tried.
    """
    place = workplace(voice)
    if watch:
        _watch(place, voice)
        return
    with voice.stopping.guarded():
        error = round_of(place, voice)
    if error is not None:
        raise error


def round_of(place: Workplace, voice: Voice) -> Exception | None:
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
    defect: Exception | None = None
    with voice.stopping.guarded(), contextlib.suppress(StoppedError):
        while not voice.stopping.is_asked:
            error = _tried(place, voice)
            if error is not None and not isinstance(error, RecorderError):
                defect = defect or error
            voice.stopping.sleep(place.config.archive.watch_interval)
    if defect is not None:
        raise defect


def _tried(place: Workplace, voice: Voice) -> Exception | None:
    """Go once over everything; whatever happens, the next round tries again."""
    try:
        return round_of(place, voice)
    except RecorderError as error:
        voice.say(f"✖ {_(error.title)}")
        return error
    except Exception as error:  # noqa: BLE001 - told when the watch ends, too
        for line in lines_for_defect(error):
            voice.say(line)
        return error
