# SPDX-License-Identifier: EUPL-1.2
"""Rules that the table cannot say: nothing is proven by saying so."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifecycle_events import (
    AT,
    BEGAN,
    DAMAGED,
    DISCARDED,
    EXAMPLES,
    FROZEN,
    HELD,
    LATE,
    NOTE,
    PLANNED,
    RECORDED,
    SEALED,
    SOUND,
    UNTIL_COMPLETED,
    UNTIL_SEALED,
    UNTIL_VERIFIED,
    UNTIL_WIPED,
    WIPED,
    WITHDRAWAL,
    WITHDRAWN,
    after,
    filed,
    paper,
)

from recorder.lifecycle.events import (
    CapturePaused,
    CaptureResumed,
    Completed,
    CompletionFrozen,
    Delivered,
    DeliveryIntended,
    Event,
    Interrupted,
    ReadBack,
    Verified,
    Wiped,
    WipeIntended,
)
from recorder.lifecycle.fold import IllegalEventError, Recording
from recorder.lifecycle.states import State


def test_the_whole_way() -> None:
    recording = after(*UNTIL_COMPLETED)
    assert recording.state is State.COMPLETED
    assert recording.documents == (SOUND, NOTE, LATE)
    assert recording.wiped == WIPED


@pytest.mark.parametrize("left_out", range(3, len(UNTIL_VERIFIED) - 1))
def test_verified_needs_every_intent_delivery_and_read_back(left_out: int) -> None:
    events = UNTIL_VERIFIED[:left_out] + UNTIL_VERIFIED[left_out + 1 :]
    with pytest.raises(IllegalEventError):
        after(*events)


@pytest.mark.parametrize(
    "wrong",
    [
        ReadBack(SOUND.role, paper("x", "f").sha256, SOUND.size, "folder"),
        ReadBack(SOUND.role, SOUND.sha256, SOUND.size + 1, "folder"),
        ReadBack(NOTE.role, NOTE.sha256, NOTE.size, "folder"),
        ReadBack("unknown", SOUND.sha256, SOUND.size, "folder"),
    ],
    ids=["other bytes", "other size", "not delivered", "unknown"],
)
def test_a_read_back_counts_only_for_what_was_frozen_and_delivered(wrong: ReadBack) -> None:
    recording = after(*UNTIL_SEALED, *filed(SOUND)[:2])
    with pytest.raises(IllegalEventError):
        recording.after(wrong, AT)


def test_a_delivery_needs_its_intent() -> None:
    recording = after(*UNTIL_SEALED, DeliveryIntended(NOTE.role, "key"))
    with pytest.raises(IllegalEventError):
        recording.after(Delivered(SOUND.role, msgspec.Raw(b"{}")), AT)


@pytest.mark.parametrize("role", ["unknown", LATE.role, WITHDRAWAL.role])
def test_only_what_is_due_may_be_sent(role: str) -> None:
    with pytest.raises(IllegalEventError):
        after(*UNTIL_SEALED, DeliveryIntended(role, "key"))


def test_after_a_withdrawal_the_sound_is_not_sent_any_more() -> None:
    recording = after(*UNTIL_SEALED, WITHDRAWN)
    with pytest.raises(IllegalEventError):
        recording.after(DeliveryIntended(SOUND.role, "key"), AT)
    assert recording.due == (WITHDRAWAL,)


def test_a_role_names_one_document_for_ever() -> None:
    twice = msgspec.structs.replace(SEALED, documents=(SOUND, SOUND))
    for events in (
        [PLANNED, RECORDED, twice],
        [*UNTIL_WIPED, CompletionFrozen((paper(NOTE.role, "f"),))],
        [*UNTIL_SEALED, msgspec.structs.replace(WITHDRAWN, documents=(paper(NOTE.role, "f"),))],
        [*UNTIL_WIPED, FROZEN, CompletionFrozen((paper("another"),))],
    ):
        after(*events[:-1])
        with pytest.raises(IllegalEventError):
            after(*events)


def test_wiped_needs_its_intent() -> None:
    with pytest.raises(IllegalEventError):
        after(*UNTIL_VERIFIED, WIPED)
    with pytest.raises(IllegalEventError):
        after(*UNTIL_SEALED, DISCARDED, WIPED)


def test_a_damaged_recording_is_wiped_only_by_decision() -> None:
    until_verified = [DAMAGED if event == RECORDED else event for event in UNTIL_VERIFIED]
    with pytest.raises(IllegalEventError):
        after(*until_verified, WipeIntended())
    for decision in ([WITHDRAWN, *filed(WITHDRAWAL)], [DISCARDED]):
        assert after(*until_verified, *decision, WipeIntended(), WIPED).wiped == WIPED


def test_completed_needs_a_completion_document_and_its_read_back() -> None:
    for events in (
        UNTIL_WIPED,
        [*UNTIL_WIPED, FROZEN],
        [*UNTIL_WIPED, FROZEN, *filed(LATE)[:2]],
    ):
        with pytest.raises(IllegalEventError):
            after(*events, Completed())


def test_a_withdrawn_recording_is_wiped_once_its_note_is_in_the_case_and_completes_then() -> None:
    withdrawn = [PLANNED, BEGAN, RECORDED, WITHDRAWN]
    with pytest.raises(IllegalEventError, match="facts"):
        after(*withdrawn, WipeIntended())
    noted = [*withdrawn, *filed(WITHDRAWAL)]
    with pytest.raises(IllegalEventError):
        after(*noted, Completed())
    assert after(*noted, WipeIntended(), WIPED, Completed()).state is State.COMPLETED


@pytest.mark.parametrize("until", [UNTIL_SEALED, [*UNTIL_SEALED, WITHDRAWN]])
def test_a_discarded_recording_completes_once_wiped_with_nothing_delivered(
    until: list[Event],
) -> None:
    with pytest.raises(IllegalEventError):
        after(*until, DISCARDED, Completed())
    discarded = after(*until, DISCARDED, WipeIntended(), WIPED, Completed())
    assert discarded.state is State.COMPLETED


def test_a_reason_to_wait_is_kept_until_the_next_success() -> None:
    held = after(*UNTIL_SEALED, HELD)
    assert (held.state, held.held) == (State.WAITING, HELD)
    intended = held.after(DeliveryIntended(SOUND.role, "key"), AT)
    assert intended.held == HELD
    assert intended.after(Delivered(SOUND.role, msgspec.Raw(b"{}")), AT).held is None


def test_what_a_recording_went_through_can_be_looked_up() -> None:
    recording = after(*UNTIL_SEALED)
    assert recording.document(NOTE.role) == NOTE
    with pytest.raises(KeyError):
        recording.document(LATE.role)
    assert recording.last_part == 1
    assert recording.planned_at == recording.sealed_at == AT
    assert after(PLANNED, BEGAN, CapturePaused(), BEGAN).state is State.PAUSED
    assert after(PLANNED, BEGAN, Interrupted(), Interrupted()).state is State.INTERRUPTED


VARIANTS: list[Event] = [
    *EXAMPLES,
    DAMAGED,
    *(event for document in (SOUND, NOTE, LATE, WITHDRAWAL) for event in filed(document)),
]


def _is_legal(recording: Recording, event: Event) -> bool:
    try:
        recording.after(event, AT)
    except IllegalEventError:
        return False
    return True


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_way_leads_to_a_wipe_but_proof_or_decision(data: st.DataObject) -> None:
    """Walk at random over legal events only; at every step the invariants must hold."""
    recording, past = Recording(), []
    for _ in range(data.draw(st.integers(5, 45))):
        legal = [event for event in VARIANTS if _is_legal(recording, event)]
        if not legal:
            break
        event = data.draw(st.sampled_from(legal))
        recording = recording.after(event, AT)
        past.append(event)
        _check(recording, past)


def _check(recording: Recording, past: list[Event]) -> None:
    kinds = {type(event).__name__ for event in past}
    proven = {event.role for event in past if isinstance(event, ReadBack)}
    decided = {"Withdrawn", "Discarded"} & kinds
    if "WipeIntended" in kinds and not decided:
        assert "Verified" in kinds
        assert not (recording.recorded and recording.recorded.damaged)
        assert {SOUND.role, NOTE.role} <= proven
    if "Wiped" in kinds:
        assert "WipeIntended" in kinds
        first_wiped = next(i for i, e in enumerate(past) if isinstance(e, Wiped))
        assert any(isinstance(e, WipeIntended) for e in past[:first_wiped])
    if "Verified" in kinds:
        assert "Sealed" in kinds
    if recording.state is State.COMPLETED:
        assert recording.wiped is not None
        if not decided:
            assert LATE.role in proven
    if recording.state is State.RECORDING:
        assert "Planned" in kinds


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(UNTIL_COMPLETED)))
def test_the_state_is_the_fold_of_the_events_whatever_the_pieces(cut: int) -> None:
    piecewise = after(*UNTIL_COMPLETED[:cut])
    for event in UNTIL_COMPLETED[cut:]:
        piecewise = piecewise.after(event, AT)
    assert piecewise == after(*UNTIL_COMPLETED)


def test_capture_that_resumes_was_paused() -> None:
    with pytest.raises(IllegalEventError):
        after(PLANNED, BEGAN, CaptureResumed())
    with pytest.raises(IllegalEventError):
        after(PLANNED, Verified())
