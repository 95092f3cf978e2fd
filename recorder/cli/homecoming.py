# SPDX-License-Identifier: EUPL-1.2
"""Brings recordings home and tells how it went; what ``record``, ``archive`` and others share."""

from __future__ import annotations

from recorder.archive.outcome import Outcome, outcome_of
from recorder.archive.run import bring_home
from recorder.archive.workplace import Workplace
from recorder.cli.failure import lines_for, lines_for_defect
from recorder.cli.steps_view import StepsView
from recorder.cli.voice import Voice
from recorder.errors import EXIT_INTERNAL, BusyError, MissingError, RecorderError
from recorder.identifiers import RecordingId
from recorder.vault.entry import Entry
from recorder.words import _


def finish(entry: Entry, place: Workplace, voice: Voice) -> Outcome:
    """Do every step that is due for one recording, and tell of it.

    Args:
        entry: Locked by this process.
        place: The workplace.
        voice: Tells.

    Returns:
        What became of it.

    Raises:
        RecorderError: If a step could not be done; the result was told then, too.
        StoppedError: If a signal came; likewise.
    """
    view = StepsView(voice, entry.id, lambda: entry.recording)
    with voice.stopping.guarded():
        try:
            outcome = bring_home(entry, place.archive, view)
        except BaseException:  # whatever it is, whoever waits is told how far it came
            tell_result(outcome_of(entry.id, entry.recording), voice)
            raise
        tell_result(outcome, voice)
    return outcome


def tell_result(outcome: Outcome, voice: Voice) -> None:
    """Give the result of the contract.

    Args:
        outcome: What became of a recording.
        voice: Tells.
    """
    voice.keep_result(
        id=outcome.id,
        state=outcome.state,
        folder=outcome.folder,
        parts=list(outcome.parts),
        gaps=outcome.gaps,
    )
    if outcome.folder:
        voice.result(_("Case folder: {folder}").format(folder=outcome.folder))


def tell_of_source(entry: Entry, voice: Voice) -> None:
    """Say that giving a recording up does not touch the file it was imported from.

    Args:
        entry: The recording's.
        voice: Tells.
    """
    planned = entry.recording.planned
    if planned is not None and planned.source is not None:
        voice.result(_("The file that was imported still lies where it was taken from."))


def finish_all(
    ids: list[RecordingId], place: Workplace, voice: Voice
) -> tuple[int, Exception | None]:
    """Bring several recordings home, one after the other; one that fails stops no other.

    Args:
        ids: Which.
        place: The workplace.
        voice: Tells.

    Returns:
        How many came home, and the first error that is worth an exit code; a defect of the
        program before any other. A recording that another process works on is left alone and is
        no error.

    Raises:
        StoppedError: If a signal came.
    """
    done, first, defect = 0, None, None
    for recording_id in ids:
        voice.stopping.check()
        try:
            entry = _opened(recording_id, place)
            if entry is None:
                continue
            with entry:
                voice.say(_("Recording {id}").format(id=recording_id))
                finish(entry, place, voice)
                done += 1
        except BusyError:
            voice.say(_("Recording {id} is in use and is left alone").format(id=recording_id))
            voice.event("left_alone", id=recording_id)
        except RecorderError as error:
            first = first or error
            voice.event(
                "not_finished",
                id=recording_id,
                exit_code=error.exit_code,
                title=_(error.title),
                detail=error.detail,
            )
            for line in lines_for(error):
                voice.say(line)
        except Exception as error:  # noqa: BLE001 - a defect that one recording meets must not keep the others here
            defect = defect or error
            voice.event(
                "not_finished",
                id=recording_id,
                exit_code=EXIT_INTERNAL,
                title=_("The program has a defect"),
                detail=type(error).__name__,
            )
            for line in lines_for_defect(error):
                voice.say(line)
    return done, defect or first


def _opened(recording_id: RecordingId, place: Workplace) -> Entry | None:
    """Open an entry; none if another process has just brought it home."""
    try:
        return place.vault.open(recording_id)
    except MissingError:
        return None
