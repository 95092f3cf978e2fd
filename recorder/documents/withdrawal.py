# SPDX-License-Identifier: EUPL-1.2
"""The note that a permission was withdrawn. It never promises deletion of a filed document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from recorder.documents import phrases
from recorder.identifiers import RecordingId
from recorder.words import _


@dataclass(frozen=True)
class WithdrawalFacts:
    """What the note tells."""

    recording: RecordingId
    case_number: str
    when: dt.datetime
    reason: str
    facts: str
    """What was said that matters to the case."""
    in_case: bool
    """Whether the sound is, or may be, in the case."""
    source_remains: bool
    """Whether the file it was imported from still lies where it was."""


def withdrawal_note(facts: WithdrawalFacts) -> bytes:
    """Write the note in the language in use.

    Args:
        facts: What it tells.

    Returns:
        Plain text in UTF-8.
    """
    return ("\n".join(_lines(facts)) + "\n").encode("utf-8")


def _lines(facts: WithdrawalFacts) -> Iterator[str]:
    yield _("The permission to record was withdrawn")
    yield ""
    yield _("Case: {case}").format(case=facts.case_number)
    yield _("Recording: {id}").format(id=phrases.grouped(facts.recording))
    yield _("Withdrawn: {time}").format(time=phrases.moment(facts.when))
    if facts.reason:
        yield _("Reason: {reason}").format(reason=facts.reason)
    yield ""
    if facts.facts:
        yield _("What was said that matters to the case:")
        yield facts.facts
        yield ""
    if facts.in_case:
        yield _(
            "The recording is, or may be, filed in the case. It is not used any more. An "
            "authorised person decides whether it can be deleted; the duty to keep filed "
            "documents may stand against it."
        )
    else:
        yield _(
            "The recording had not been sent to the case. The sound is erased from the device "
            "after this note has been filed."
        )
    if facts.source_remains:
        yield _("The file that was imported still lies where it was taken from.")
