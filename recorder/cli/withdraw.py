# SPDX-License-Identifier: EUPL-1.2
"""``modoptager withdraw``: a permission is withdrawn, at whatever stage the recording is."""

from __future__ import annotations

import click

from recorder.archive.decisions import Withdrawal, withdraw_archived
from recorder.archive.decisions import withdraw as withdraw_here
from recorder.cli.asked import Question, answers
from recorder.cli.homecoming import finish, tell_of_source
from recorder.cli.identify import identified
from recorder.cli.session import workplace
from recorder.cli.voice import Voice, speaking
from recorder.errors import MissingError
from recorder.words import N_, _

_QUESTIONS = {
    "reason": Question(N_("Who withdraws, and why (may be empty)"), 500),
    "facts": Question(
        N_("What was said that matters to the case (goes into the note)"), 5000, is_multiline=True
    ),
}


@click.command(help=_("Withdraw a permission."))
@click.argument("recording")
@click.option("--input", "source", help=_("JSON file with 'reason' and 'facts', or '-'."))
@speaking
def withdraw(voice: Voice, *, recording: str, source: str | None) -> None:
    """Withdraw a recording: note in the case, then the sound here is erased.

    Args:
        voice: Tells.
        recording: Its id.
        source: Where reason and facts come from; none asks on the terminal.

    Raises:
        RecorderError: If it cannot be done now; what is not done is done by the next run.
    """
    place = workplace(voice)
    wanted = identified(recording)
    given = answers(source, _QUESTIONS)
    withdrawal = Withdrawal(given["reason"].strip(), given["facts"].strip())
    place.sweep()  # what is left of a completed recording is no recording any more
    try:
        entry = place.vault.open(wanted)
    except MissingError:
        withdraw_archived(wanted, place.archive, withdrawal)
        voice.result(_("The withdrawal is filed in the case. An authorised person decides."))
        voice.event("withdrawn", id=wanted, in_case=True)
        return
    with entry:
        withdraw_here(entry, place.archive, withdrawal)
        tell_of_source(entry, voice)
        told = entry.recording.withdrawn
        voice.event("withdrawn", id=wanted, in_case=bool(told and told.in_case))
        finish(entry, place, voice)
    voice.result(_("The withdrawal is filed in the case and the sound is erased here."))
