# SPDX-License-Identifier: EUPL-1.2
"""Which settings IT has locked: ``[locked] keys = ["archive.*", "keys.store"]`` machine-wide.

Rule: where the machine-wide file cannot be read, nobody knows what it locks, so everything is
locked. A recording still runs, on defaults, and waits in the vault instead of going where IT may
have forbidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from recorder.strict import Problem, convert_all, did_you_mean

TABLE = "locked"


class _Locked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Locks:
    """The settings that user and environment cannot change."""

    patterns: tuple[str, ...] = ()
    """Dotted keys, or ``section.*``; ``*`` is every setting."""

    def holds(self, key: str) -> bool:
        """Say whether a setting is locked.

        Args:
            key: Its dotted key.

        Returns:
            Whether it is.
        """
        return any(_matches(pattern, key) for pattern in self.patterns)


NOTHING = Locks()
EVERYTHING = Locks(("*",))


def read_locks(table: object, known: Sequence[str]) -> tuple[Locks, list[Problem]]:
    """Read the ``[locked]`` table.

    Args:
        table: What stands there.
        known: Every dotted key there is.

    Returns:
        The locks and what is wrong; everything is locked where the table is malformed.
    """
    locked, problems = convert_all(table, _Locked)
    if locked is None:
        return EVERYTHING, [_below_table(problem) for problem in problems]
    allowed = [*known, *_sections(known), "*"]
    for index, pattern in enumerate(locked.keys):
        if pattern not in allowed:
            message = did_you_mean(pattern, allowed)
            problems.append(Problem(f"{TABLE}.keys[{index}]", message, (TABLE, "keys", index)))
    return Locks(tuple(one for one in locked.keys if one in allowed)), problems


def _below_table(problem: Problem) -> Problem:
    dot = "." if problem.path else ""
    return Problem(f"{TABLE}{dot}{problem.path}", problem.message, (TABLE, *problem.keys))


def _sections(known: Iterable[str]) -> list[str]:
    parts = [key.split(".") for key in known]
    return sorted({".".join(p[:n]) + ".*" for p in parts for n in range(1, len(p))})


def _matches(pattern: str, key: str) -> bool:
    if pattern.endswith("*"):
        return key.startswith(pattern[:-1])
    return pattern == key
