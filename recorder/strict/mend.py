# SPDX-License-Identifier: EUPL-1.2
"""Puts something sound in the place of each problem, so that the rest can still be used."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Final

from recorder.strict.problem import Problem

DROP: Final = object()
"""Stand-in that takes the key or entry away."""


def mended(
    value: object, problems: Sequence[Problem], stand_in: Callable[[Problem], object]
) -> object:
    """Copy a value with every problem replaced.

    Args:
        value: What was converted in vain.
        problems: What ``convert_all`` found in it.
        stand_in: Gives what to put in the problem's place, or ``DROP``.

    Returns:
        The mended copy.
    """
    whole = {"": copy.deepcopy(value)}
    # Deepest and last first, so that no index has moved when its turn comes.
    for problem in sorted(problems, key=lambda one: one.keys, reverse=True):
        _replace(whole, problem, stand_in(problem))
    return whole.get("")


def _replace(whole: dict[str, object], problem: Problem, new: object) -> None:
    *above, last = ("", *problem.keys)
    place: object = whole
    for key in above:
        place = _entry(place, key)
    if isinstance(place, dict):
        if new is DROP:
            place.pop(last, None)
        else:
            place[last] = new
    elif isinstance(place, list) and isinstance(last, int) and last < len(place):
        place[last : last + 1] = [] if new is DROP else [new]


def _entry(place: object, key: str | int) -> object:
    if isinstance(place, dict):
        return place.get(key)
    if isinstance(place, list) and isinstance(key, int) and key < len(place):
        return place[key]
    return None
