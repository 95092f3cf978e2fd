# SPDX-License-Identifier: EUPL-1.2
"""States and reasons in words a caseworker understands, with what to do."""

from __future__ import annotations

from recorder.lifecycle.states import State
from recorder.words import N_, _

_WORDS = {
    State.NEW: N_("being prepared"),
    State.PLANNED: N_("planned"),
    State.RECORDING: N_("recording"),
    State.PAUSED: N_("paused"),
    State.INTERRUPTED: N_("interrupted"),
    State.RECORDED: N_("recorded, not sent yet"),
    State.SEALED: N_("sealed, not sent yet"),
    State.DELIVERING: N_("being sent"),
    State.WAITING: N_("waiting"),
    State.VERIFIED: N_("in the case and compared, not erased here yet"),
    State.WIPED: N_("erased here, receipt not filed yet"),
    State.COMPLETED: N_("completed"),
    State.REFUSED: N_("refused"),
    State.WITHDRAWN: N_("withdrawn"),
    State.DISCARDED: N_("given up by decision"),
}

_REASONS = {
    "unavailable": N_("The archive could not be reached. Run 'modoptager archive' when it can."),
    "denied": N_("The archive denied access. Ask for access, then run 'modoptager archive'."),
    "case_closed": N_("The case is closed. Have it opened, then run 'modoptager archive'."),
    "not_found": N_("The archive does not have it. Check the case number with the archivist."),
    "corrupt": N_("The archive's copy differs. Nothing is erased. Call the archivist and IT."),
    "conflict": N_("The archive has something else in this place. Call the archivist."),
    "refused": N_("The archive does not take such a document. Call IT."),
    "unknown_outcome": N_(
        "It is not known yet whether it arrived. Run 'modoptager archive' later."
    ),
    "misconfigured": N_("The archive's settings are wrong. Run 'modoptager config check'."),
    "content_mismatch": N_("The sound here is not as it was sealed. Nothing is erased. Call IT."),
}


def word_for(state: State) -> str:
    """Name a state."""
    return _(_WORDS[state])


def what_to_do(state: State, reason: str, *, is_busy: bool) -> str:
    """Say what a recording needs.

    Args:
        state: Where it stands.
        reason: Why it is held, or nothing.
        is_busy: Whether a process works on it now.

    Returns:
        A sentence.
    """
    if is_busy:
        return _("Modoptager is working on it now.")
    if reason:
        return _(_REASONS.get(reason, N_("Run 'modoptager archive'.")))
    if state is State.INTERRUPTED:
        return _("Run 'modoptager recover': it is closed at its last second and archived.")
    return _("Run 'modoptager archive'.")
