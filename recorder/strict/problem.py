# SPDX-License-Identifier: EUPL-1.2
"""What a problem with a value from outside is, and how its place is written."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from recorder.words import _, printable

Keys = tuple[str | int, ...]
"""Where a value stands: ``("participants", 2, "role")``."""

MOST_PROBLEMS = 100
"""How many problems are listed at most; a file with more is not read by a person anyway."""

LONGEST_KEY = 60
"""How many characters of a key are shown, and compared with known keys."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and what is allowed instead."""

    path: str
    """Where, for a person: ``participants[2].role``; empty for the whole."""
    message: str
    """One translated sentence without the value."""
    keys: Keys = ()
    """Where, for a program."""
    is_unknown_key: bool = False
    """Whether the key itself is what is wrong."""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


def show_path(keys: Keys, name: str = "") -> str:
    """Write a place as a person reads it.

    Args:
        keys: Where.
        name: What the whole is called; may be empty.

    Returns:
        For example ``participants[2].role``.
    """
    shown = name
    for key in keys:
        if isinstance(key, int):
            shown += f"[{key}]"
        else:
            shown += ("." if shown else "") + printable(key, LONGEST_KEY)
    return shown


def did_you_mean(key: str, known: Sequence[str]) -> str:
    """Say that a key is unknown and what was probably meant.

    Args:
        key: The unknown key.
        known: All keys allowed in its place.

    Returns:
        One translated sentence.
    """
    close = difflib.get_close_matches(key[:LONGEST_KEY], known, n=1)
    if close:
        return _('is not known; did you mean "{key}"? Allowed: {allowed}').format(
            key=close[0], allowed=", ".join(known)
        )
    return _("is not known; allowed: {allowed}").format(allowed=", ".join(known))
