# SPDX-License-Identifier: EUPL-1.2
"""One source of settings at a time: its valid values, and everything that is wrong with it.

Rule: a broken setting is reported and left out; the valid ones beside it still count, because a
corrupt setting must never stop a recording.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from recorder.config.lines import Lines, line_of
from recorder.config.locks import EVERYTHING, NOTHING, TABLE, Locks, read_locks
from recorder.config.model import PATH_KEYS, Config, SettingValue, settings
from recorder.config.toml_file import read_toml
from recorder.strict import Problem, convert_all

KNOWN_KEYS = tuple(settings(Config()))
"""Every dotted key there is."""


class Origin(enum.Enum):
    """Where a setting's value comes from."""

    DEFAULT = "default"
    MACHINE = "machine"
    USER = "user"
    ENVIRONMENT = "environment"


@dataclass(frozen=True)
class SettingProblem:
    """One thing that is wrong with the settings."""

    where: str
    """The file, or the environment variable."""
    line: int | None
    """The line in the file, from 1, where known."""
    key: str
    """The dotted key; empty for the whole file."""
    message: str
    """What is wrong and what is allowed, one translated sentence."""

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        return ": ".join(part for part in (place, self.key, self.message) if part)


@dataclass(frozen=True)
class Layer:
    """What one source says."""

    origin: Origin
    """Which source."""
    values: Mapping[str, SettingValue] = field(default_factory=dict)
    """The valid settings, by dotted key."""
    where: Mapping[str, str] = field(default_factory=dict)
    """For each of them the file or variable it stands in."""
    problems: tuple[SettingProblem, ...] = ()
    """What is wrong."""
    notices: tuple[str, ...] = ()
    """What is not wrong but worth knowing."""
    locks: Locks = NOTHING
    """What this source locks; only the machine-wide file may."""


def read_file(path: Path, origin: Origin) -> Layer:
    """Read the settings in one file.

    Args:
        path: The file; a missing one says nothing.
        origin: Whose it is.

    Returns:
        Its valid settings, its locks, and everything that is wrong with it.
    """
    file = read_toml(path)
    if file.problem:
        problem = SettingProblem(str(path), file.problem_line, "", file.problem)
        locks = EVERYTHING if origin is Origin.MACHINE else NOTHING
        return Layer(origin, problems=(problem,), locks=locks)
    table = dict(file.table)
    locks = NOTHING
    found: list[Problem] = []
    if origin is Origin.MACHINE and TABLE in table:
        locks, found = read_locks(table.pop(TABLE), KNOWN_KEYS)
    found += convert_all(table, Config)[1]
    values = {key: resolve(key, value, path.parent) for key, value in valid_settings(table).items()}
    return Layer(
        origin,
        values,
        where=dict.fromkeys(values, str(path)),
        problems=_in_order(path, file.lines, found),
        locks=locks,
    )


def valid_settings(table: Mapping[str, object]) -> dict[str, SettingValue]:
    """Pick the valid settings out of a table.

    Args:
        table: Nested tables as TOML gives them; broken settings are fine.

    Returns:
        The valid ones, by dotted key.
    """
    given = {key: value for key in KNOWN_KEYS if (value := _pick(table, key)) is not None}
    _unused, problems = convert_all(nest(given), Config)
    broken = {".".join(map(str, problem.keys)) for problem in problems}
    return {
        key: value
        for key, value in given.items()
        if key not in broken and isinstance(value, str | int)
    }


def nest(flat: Mapping[str, object]) -> dict[str, object]:
    """Turn dotted keys into nested tables.

    Args:
        flat: Values by dotted key.

    Returns:
        The tables.
    """
    whole: dict[str, object] = {}
    for key, value in flat.items():
        *sections, name = key.split(".")
        table = whole
        for section in sections:
            inner = table.setdefault(section, {})
            assert isinstance(inner, dict)
            table = inner
        table[name] = value
    return whole


def resolve(key: str, value: SettingValue, base: Path) -> SettingValue:
    """Make a setting that names a place absolute.

    Args:
        key: The dotted key.
        value: Its value; a leading ``~`` is the user's home.
        base: What a relative path counts from.

    Returns:
        The absolute path; any other setting as it is.
    """
    if key not in PATH_KEYS or not isinstance(value, str) or not value:
        return value
    path = Path(value)
    try:
        path = path.expanduser()
    except RuntimeError:  # no such user: then it is a folder of that name
        path = Path(value)
    return str((base / path).absolute())


def _pick(table: Mapping[str, object], key: str) -> object:
    place: object = table
    for part in key.split("."):
        if not isinstance(place, Mapping):
            return None
        place = place.get(part)
    return place


def _in_order(path: Path, lines: Lines, found: list[Problem]) -> tuple[SettingProblem, ...]:
    problems = [
        SettingProblem(str(path), line_of(lines, one.keys), one.path, one.message) for one in found
    ]
    return tuple(sorted(problems, key=lambda one: one.line or 0))
