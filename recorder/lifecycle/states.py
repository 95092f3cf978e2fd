# SPDX-License-Identifier: EUPL-1.2
"""The states of a recording."""

from __future__ import annotations

import enum


class State(enum.Enum):
    """Where a recording stands; its value is the word that machines see."""

    NEW = "new"
    """Nothing is documented yet: an entry that was being made."""
    PLANNED = "planned"
    """Permission is documented; no sound yet."""
    RECORDING = "recording"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    """The process that recorded is gone; the next start closes the recording."""
    RECORDED = "recorded"
    """All sound is in the vault and its length and hashes are known."""
    SEALED = "sealed"
    """Every document of the case is frozen."""
    DELIVERING = "delivering"
    WAITING = "waiting"
    """Safe here, not yet in the case: why, and what to do, stands in the journal."""
    VERIFIED = "verified"
    """Every document was read back and is what was sealed."""
    WIPED = "wiped"
    """The sound is gone from this device."""
    COMPLETED = "completed"
    """The completion document was read back too; only the ledger is left."""
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"


LIVE = frozenset({State.PLANNED, State.RECORDING, State.PAUSED})
"""States in which a process is recording, or one has died."""

ENDED = frozenset({State.COMPLETED})
"""States in which nothing is left to do."""
