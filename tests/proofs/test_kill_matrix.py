# SPDX-License-Identifier: EUPL-1.2
"""SIGKILL before and after every durable operation and every call outside, and at random instants.

Each time the next start finishes the job with all guarantees (``guarantees.py``). The points are
found by running once and counting, so that a new operation is a new point by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from kills import SCENARIOS, Matrix
from running import found_by

Recorder = Callable[[str, object], None]

_SHARES = {"record": 8}
"""Into how many tests a scenario's points are divided, all of which are tried in CI."""
_SAMPLED = {"recover": 4, "continue": 4, "import": 4, "import and erase": 4}
"""Every how many points are tried in CI, where most of them repeat those of ``record``."""


def _shares() -> list[tuple[str, int, int]]:
    whole = [
        (name, share, _SHARES.get(name, 2))
        for name in SCENARIOS
        if name not in _SAMPLED
        for share in range(_SHARES.get(name, 2))
    ]
    return whole + [(name, 0, of) for name, of in _SAMPLED.items()]


def _require_sound(found: Matrix, record_property: Recorder) -> None:
    record_property("proof", f"kills: {found.scenario}")
    record_property("points", found.points)
    record_property("count", found.kills)
    record_property("seed", found.seed)
    assert not found.broken, found.broken[:5]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "share", "of"), _shares())
def test_killed_at_any_point_the_next_start_finishes_the_job(
    name: str, share: int, of: int, tmp_path: Path, record_property: Recorder
) -> None:
    found = found_by(Matrix, tmp_path, "every point", name, share, of)

    _require_sound(found, record_property)
    assert found.kills == len(range(share, found.points, of)), "every point was reached"
    if name == "record":
        assert found.points >= 500


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", ["record", "continue"])
def test_killed_at_random_and_once_more_while_recovering(
    name: str, seed: int, tmp_path: Path, record_property: Recorder
) -> None:
    found = found_by(Matrix, tmp_path, "at random", name, 60, seed)

    _require_sound(found, record_property)
    assert found.kills >= 30


@pytest.mark.prove
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", list(SCENARIOS))
def test_killed_at_every_single_point(
    name: str, tmp_path: Path, record_property: Recorder
) -> None:
    found = found_by(Matrix, tmp_path, "every point", name, 0, 1)

    _require_sound(found, record_property)


@pytest.mark.prove
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(100, 110))
@pytest.mark.parametrize("name", ["record", "continue", "import and erase", "withdraw when sent"])
def test_killed_thousands_of_times_at_random(
    name: str, seed: int, tmp_path: Path, record_property: Recorder
) -> None:
    found = found_by(Matrix, tmp_path, "at random", name, 150, seed)

    _require_sound(found, record_property)
    assert found.kills >= 75
