# SPDX-License-Identifier: EUPL-1.2
"""Lost samples are found by counting; busy moments and slow clocks are none."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.capture.supervision import DRIFT, STAYS, FrameClock, Loss

RATE, BLOCK = 8000, 320
SECONDS = BLOCK / RATE


def watched(arrivals: list[float]) -> list[Loss]:
    clock = FrameClock(RATE)
    return [loss for at in arrivals if (loss := clock.take(BLOCK, at)) is not None]


@given(
    drift=st.floats(-0.9 * DRIFT, 0.9 * DRIFT),
    stalls=st.lists(st.tuples(st.integers(1, 2900), st.floats(0.1, 1.5)), max_size=6),
    jitter=st.lists(st.floats(0, 0.2), min_size=7, max_size=7),
)
def test_bursts_jitter_and_drift_are_no_loss(
    drift: float, stalls: list[tuple[int, float]], jitter: list[float]
) -> None:
    ideal = [i * SECONDS * (1 + drift) for i in range(3000)]
    arrivals, held_until = [], 0.0
    late = dict(stalls)
    for index, (at, shake) in enumerate(zip(ideal, itertools.cycle(jitter), strict=False)):
        held_until = max(held_until, at + late.get(index, 0.0))
        arrivals.append(max(at + shake, held_until))
    assert watched(sorted(arrivals)) == []


@given(
    lost=st.floats(0.35, 60.0),
    at_block=st.integers(10, 500),
    drift=st.floats(-0.9 * DRIFT, 0.9 * DRIFT),
)
def test_a_loss_is_found_with_its_length_and_place(
    lost: float, at_block: int, drift: float
) -> None:
    arrivals = [
        i * SECONDS * (1 + drift) + (lost if i >= at_block else 0.0) for i in range(at_block + 500)
    ]
    (loss,) = watched(arrivals)
    assert loss.seconds == pytest.approx(lost, abs=0.03)
    behind = round(STAYS / (SECONDS * (1 + drift))) * BLOCK
    assert abs(loss.frames_ago - behind) <= 2 * BLOCK


def test_two_losses_are_two() -> None:
    arrivals = [
        i * SECONDS + (1.0 if i >= 200 else 0) + (2.0 if i >= 600 else 0) for i in range(999)
    ]
    assert [round(loss.seconds, 6) for loss in watched(arrivals)] == [1.0, 2.0]


def test_a_backlog_that_is_caught_up_slowly_is_no_loss() -> None:
    stalled = [i * SECONDS for i in range(200)]
    resumed = stalled[-1] + 1.5
    behind = [max((200 + i) * SECONDS, resumed + i * SECONDS / 2) for i in range(500)]
    assert watched(stalled + behind) == []


def test_a_stall_that_ends_in_a_burst_is_no_loss_even_if_long() -> None:
    arrivals = [i * SECONDS if i < 200 else max(i * SECONDS, 30.0) for i in range(2000)]
    assert watched(arrivals) == []
