# SPDX-License-Identifier: EUPL-1.2
"""The table is the law: what it does not allow raises, whatever else is true."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from lifecycle_events import ALL_EVENTS, AT, EXAMPLES

from recorder.lifecycle.events import Event
from recorder.lifecycle.fold import IllegalEventError, Recording
from recorder.lifecycle.states import State
from recorder.lifecycle.transitions import TRANSITIONS

PAGE = Path(__file__).parents[3] / "docs" / "state-machine.md"
ILLEGAL = [
    (state, event)
    for state, event in itertools.product(State, EXAMPLES)
    if type(event) not in TRANSITIONS[state]
]


def test_there_is_an_example_of_every_event() -> None:
    assert {type(event) for event in EXAMPLES} == set(ALL_EVENTS)


@pytest.mark.parametrize(
    ("state", "event"), ILLEGAL, ids=[f"{s.value}-{type(e).__name__}" for s, e in ILLEGAL]
)
def test_an_event_that_is_not_in_the_table_is_refused(state: State, event: Event) -> None:
    with pytest.raises(IllegalEventError, match=f"in state {state.value}$"):
        Recording(state=state).after(event, AT)


def test_every_state_can_be_reached_and_has_a_row() -> None:
    assert set(TRANSITIONS) == set(State)
    reached = {following for row in TRANSITIONS.values() for following in row.values()}
    assert reached | {State.NEW} == set(State)


def test_only_these_states_let_a_wipe_be_intended() -> None:
    names = {
        state
        for state, row in TRANSITIONS.items()
        if "WipeIntended" in {event.__name__ for event in row}
    }
    assert names == {State.VERIFIED, State.WITHDRAWN, State.DISCARDED}


def _table_on_the_page() -> set[tuple[str, str, str]]:
    rows = re.findall(
        r"^\| `([^`]+)` \| (.+) \| `([^`]+)` \|$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    return {
        (state, event, following)
        for state, events, following in rows
        for event in re.findall(r"`(\w+)`", events)
    }


def _arrows_on_the_page() -> set[tuple[str, str, str]]:
    text = PAGE.read_text("utf-8")
    drawn = re.findall(r"^    (\w+) --> (\w+): (.+)$", text, re.MULTILINE)
    return {
        (state, event, following)
        for state, following, events in drawn
        for event in events.split(", ")
    }


def _law() -> set[tuple[str, str, str]]:
    return {
        (state.value, event.__name__, following.value)
        for state, row in TRANSITIONS.items()
        for event, following in row.items()
    }


def test_the_table_on_the_page_is_the_table_in_the_code() -> None:
    assert _table_on_the_page() == _law()


def test_the_drawing_shows_every_change_of_state_but_the_two_that_come_from_everywhere() -> None:
    changes = {
        (state, event, following)
        for state, event, following in _law()
        if state != following and event not in {"Withdrawn", "Discarded"}
    }
    assert _arrows_on_the_page() == changes
