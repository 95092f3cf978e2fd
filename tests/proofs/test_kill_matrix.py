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

_TRIED = {
    "record": (8, 1),
    "recover": (1, 9),
    "continue": (1, 9),
    "import": (1, 9),
    "import and erase": (1, 9),
    "withdraw when archived": (1, 1),
}
"""Into how many tests a scenario's points are divided, and every how many are tried in CI: most
points of the others repeat those of ``record``. ``make prove`` tries all of all."""


def _shares() -> list[tuple[str, int, int]]:
    return [
        (name, share, tests * every)
        for name in SCENARIOS
        for tests, every in [_TRIED.get(name, (1, 3))]
        for share in range(tests)
    ]


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
@pytest.mark.parametrize("seed", [1])
@pytest.mark.parametrize("name", ["record", "replace"])
def test_killed_at_random_and_once_more_while_recovering(
    name: str, seed: int, tmp_path: Path, record_property: Recorder
) -> None:
    found = found_by(Matrix, tmp_path, "at random", name, 40, seed)

    _require_sound(found, record_property)
    assert found.kills >= 20


@pytest.mark.prove
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", list(SCENARIOS))
def test_killed_at_every_single_point(name: str, tmp_path: Path, record_property: Recorder) -> None:
    found = found_by(Matrix, tmp_path, "every point", name, 0, 1)

    _require_sound(found, record_property)


@pytest.mark.prove
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(100, 110))
@pytest.mark.parametrize(
    "name", ["record", "continue", "replace", "import and erase", "withdraw when sent"]
)
def test_killed_thousands_of_times_at_random(
    name: str, seed: int, tmp_path: Path, record_property: Recorder
) -> None:
    found = found_by(Matrix, tmp_path, "at random", name, 150, seed)

    _require_sound(found, record_property)
    assert found.kills >= 75
