# SPDX-License-Identifier: EUPL-1.2
"""Which event may follow in which state. The table is the law; ``docs/state-machine.md`` shows it.

Rules that the table cannot say are in ``fold``: e.g. that ``Verified`` needs every document's
read-back, and that ``WipeIntended`` needs ``Verified``, ``Withdrawn`` or ``Discarded`` before it.
"""

from __future__ import annotations

from collections.abc import Mapping

from recorder.lifecycle.events import (
    CaptureBegan,
    CapturePaused,
    CaptureResumed,
    Completed,
    CompletionFrozen,
    Delivered,
    DeliveryIntended,
    Discarded,
    Event,
    Held,
    Interrupted,
    Planned,
    ReadBack,
    Recorded,
    Refused,
    Sealed,
    Verified,
    Wiped,
    WipeIntended,
    Withdrawn,
)
from recorder.lifecycle.states import State

_TABLE: dict[State, dict[type[Event], State]] = {
    State.NEW: {Planned: State.PLANNED},
    State.PLANNED: {
        CaptureBegan: State.RECORDING,
        Recorded: State.RECORDED,
        Interrupted: State.INTERRUPTED,
        Refused: State.REFUSED,
    },
    State.RECORDING: {
        CaptureBegan: State.RECORDING,
        CapturePaused: State.PAUSED,
        Interrupted: State.INTERRUPTED,
        Recorded: State.RECORDED,
    },
    State.PAUSED: {
        CaptureBegan: State.PAUSED,
        CaptureResumed: State.RECORDING,
        Interrupted: State.INTERRUPTED,
        Recorded: State.RECORDED,
    },
    State.INTERRUPTED: {
        CaptureBegan: State.RECORDING,
        Interrupted: State.INTERRUPTED,
        Recorded: State.RECORDED,
    },
    State.RECORDED: {Sealed: State.SEALED, Held: State.RECORDED},
    State.SEALED: {DeliveryIntended: State.DELIVERING, Held: State.WAITING},
    State.DELIVERING: {
        DeliveryIntended: State.DELIVERING,
        Delivered: State.DELIVERING,
        ReadBack: State.DELIVERING,
        Held: State.WAITING,
        Verified: State.VERIFIED,
    },
    State.WAITING: {
        DeliveryIntended: State.DELIVERING,
        Delivered: State.DELIVERING,
        ReadBack: State.DELIVERING,
        Held: State.WAITING,
        Verified: State.VERIFIED,
    },
    State.VERIFIED: {
        ReadBack: State.VERIFIED,
        WipeIntended: State.VERIFIED,
        Held: State.WAITING,
        Wiped: State.WIPED,
    },
    State.WIPED: {
        CompletionFrozen: State.WIPED,
        DeliveryIntended: State.WIPED,
        Delivered: State.WIPED,
        ReadBack: State.WIPED,
        Held: State.WIPED,
        Completed: State.COMPLETED,
    },
    State.COMPLETED: {},
    State.REFUSED: {},
    State.WITHDRAWN: {
        DeliveryIntended: State.WITHDRAWN,
        Delivered: State.WITHDRAWN,
        ReadBack: State.WITHDRAWN,
        Held: State.WITHDRAWN,
        WipeIntended: State.WITHDRAWN,
        Wiped: State.WITHDRAWN,
        Completed: State.COMPLETED,
    },
    State.DISCARDED: {
        WipeIntended: State.DISCARDED,
        Wiped: State.DISCARDED,
        Completed: State.COMPLETED,
    },
}

for _state in State:
    if _state not in {State.NEW, State.WITHDRAWN, State.DISCARDED}:
        _TABLE[_state][Withdrawn] = State.WITHDRAWN
    if _state not in {State.NEW, State.COMPLETED, State.DISCARDED}:
        _TABLE[_state][Discarded] = State.DISCARDED

TRANSITIONS: Mapping[State, Mapping[type[Event], State]] = _TABLE
"""State by state: the events that are legal and the state each leads to."""
