# SPDX-License-Identifier: EUPL-1.2
"""``modoptager import``: takes in a sound file, byte for byte, and archives it."""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path

import click
import msgspec

from recorder import __version__
from recorder.archive.papers import meeting_of
from recorder.archive.progress import Step
from recorder.archive.workplace import Workplace
from recorder.capture.importing import check_importable, hash_file, take_in
from recorder.cli.homecoming import finish
from recorder.cli.meeting_input import documented_meeting
from recorder.cli.session import workplace
from recorder.cli.steps_view import StepsView
from recorder.cli.voice import Voice, speaking
from recorder.errors import RecorderError
from recorder.identifiers import Sha256Hex, new_recording_id
from recorder.lifecycle.events import ImportedFile, Planned
from recorder.lifecycle.states import State
from recorder.policy.model import in_force
from recorder.vault.entry import Entry
from recorder.words import _

_INTERRUPTED = frozenset({State.PLANNED, State.INTERRUPTED})


@click.command(help=_("Take in a sound file and archive it."))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--meeting", help=_("JSON file with the meeting, or '-' for standard input."))
@click.option("--erase-source", is_flag=True, help=_("Erase the file after the read-back."))
@speaking
def import_(voice: Voice, *, file: Path, meeting: str | None, erase_source: bool) -> None:
    """Archive the original bytes of a file.

    Args:
        voice: Tells.
        file: The sound file; untouched unless it is to be erased.
        meeting: Where the meeting is written down; none asks.
        erase_source: Whether to erase the file once the case has it, proven.

    Raises:
        SourceError: If the file cannot be used.
        RecorderError: If it could not be brought home yet.
    """
    voice.promise_result()
    place = workplace(voice)
    path = file.absolute()
    check_importable(path)
    documented = documented_meeting(meeting)
    sha256 = hash_file(path)
    _give_up_interrupted(place, sha256, documented.case_number, voice)
    policy = in_force()
    planned = Planned(
        meeting=msgspec.Raw(msgspec.json.encode(documented)),
        policy_id=policy.id,
        policy_version=policy.version,
        software=f"modoptager {__version__}",
        source=ImportedFile(str(path), erase=erase_source, sha256=sha256),
    )
    with voice.stopping.guarded(), _created(place) as entry:
        entry.journal.append(planned)
        voice.event("planned", id=entry.id, state=entry.recording.state)
        view = StepsView(voice, entry.id, lambda: entry.recording)
        view.started(Step.TAKE_IN)
        try:
            report = partial(view.progress, Step.TAKE_IN)
            recorded = take_in(entry, path, sha256, place.clock, report)
        except BaseException as error:
            entry.destroy()  # the file is untouched, so that nothing is lost
            if isinstance(error, RecorderError):
                view.failed(Step.TAKE_IN, error)
            raise
        size = sum(part.content_bytes for part in recorded.parts)
        view.finished(Step.TAKE_IN, _("{bytes} bytes, each as it was").format(bytes=size))
        voice.event("recorded", id=entry.id, state=entry.recording.state)
        outcome = finish(entry, place, voice)
    if outcome.receipt:
        voice.say("\n" + outcome.receipt)


def _give_up_interrupted(
    place: Workplace, sha256: Sha256Hex, case_number: str, voice: Voice
) -> None:
    """Remove what an interrupted import of the same file left: else the case had it twice.

    The file is here, so that nothing is lost.
    """
    for recording_id in place.vault.ids():
        with contextlib.suppress(RecorderError), place.vault.open(recording_id) as entry:
            planned = entry.recording.planned
            source = planned.source if planned else None
            if planned is None or source is None or source.sha256 != sha256:
                continue
            is_same = meeting_of(planned).case_number == case_number
            if is_same and entry.recording.state in _INTERRUPTED:
                voice.say(_("An interrupted import of the same file is begun anew."))
                entry.destroy()


def _created(place: Workplace) -> Entry:
    try:
        return place.vault.create(new_recording_id())
    except RecorderError:
        with contextlib.suppress(RecorderError):
            place.sweep()  # what a full disk left of an entry that was never whole
        raise
