# SPDX-License-Identifier: EUPL-1.2
"""``modoptager discard``: a recording is given up, with a reason and a second person."""

from __future__ import annotations

import click

from recorder.archive.decisions import Discard
from recorder.archive.decisions import discard as discard_entry
from recorder.cli.asked import Question, answers
from recorder.cli.homecoming import finish, tell_of_source
from recorder.cli.identify import identified
from recorder.cli.session import workplace
from recorder.cli.voice import Voice, speaking
from recorder.words import N_, _

_QUESTIONS = {
    "reason": Question(N_("Why the recording is given up"), 500),
    "decided_by": Question(N_("Who decides"), 200),
    "second_person": Question(N_("Who else agrees"), 200),
}


@click.command(help=_("Give a recording up by decision."))
@click.argument("recording")
@click.option(
    "--input", "source", help=_("JSON file with 'reason', 'decided_by', 'second_person', or '-'.")
)
@speaking
def discard(voice: Voice, *, recording: str, source: str | None) -> None:
    """Erase a recording that is not to be archived; a ledger row without content stays.

    Args:
        voice: Tells.
        recording: Its id.
        source: Where reason and persons come from; none asks on the terminal.

    Raises:
        NotAllowedError: If reason or second person are missing, or it is too late.
        RecorderError: If it cannot be erased now.
    """
    place = workplace(voice)
    wanted = identified(recording)
    given = answers(source, _QUESTIONS)
    decision = Discard(given["reason"], given["decided_by"], given["second_person"])
    with place.vault.open(wanted) as entry:
        discard_entry(entry, decision)
        tell_of_source(entry, voice)
        finish(entry, place, voice)
    voice.result(_("The recording is erased. The ledger keeps that it was given up."))
