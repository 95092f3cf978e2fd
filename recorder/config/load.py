# SPDX-License-Identifier: EUPL-1.2
"""Which of several values a setting has.

From weakest to strongest: default, machine-wide file, user's file, environment. A setting that
the machine-wide file locks has the machine-wide value, or the default where it gives none, and
nothing beats it.

Rule: ``load`` never fails. Broken settings are left out and listed; ``require`` refuses them, for
the commands that can wait until they are put right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from recorder.config.environment import read_environment
from recorder.config.layers import Layer, Origin, SettingProblem, nest, read_file
from recorder.config.locks import Locks
from recorder.config.model import Config, KeyStoreKind, SettingValue, settings
from recorder.config.places import Places
from recorder.errors import ConfigError
from recorder.strict import convert_all
from recorder.words import _

_STORE = "keys.store"
_DIRECTORY = "keys.directory"


@dataclass(frozen=True)
class Source:
    """Where a setting's value comes from."""

    origin: Origin
    """Which source gave it."""
    is_locked: bool
    """Whether IT has locked it."""
    where: str = ""
    """The file or variable; empty for a default."""


@dataclass(frozen=True)
class Loaded:
    """The settings in force."""

    config: Config
    """The settings."""
    sources: Mapping[str, Source]
    """For every dotted key where its value comes from."""
    problems: tuple[SettingProblem, ...]
    """Everything that is wrong, in the order machine, user, environment."""
    notices: tuple[str, ...]
    """What is not wrong but worth knowing: values that a lock beats."""


def load(places: Places, environ: Mapping[str, str], *, machine_file: Path | None = None) -> Loaded:
    """Read all settings.

    Args:
        places: Where the files are.
        environ: The environment.
        machine_file: Stands in for the machine-wide file. Never from a command line or a
            variable: its place is fixed so that nobody can move what IT has locked.

    Returns:
        The settings from everything that is valid, and all problems.
    """
    machine = read_file(machine_file or places.machine_config, Origin.MACHINE)
    user = read_file(places.user_config, Origin.USER)
    environment = read_environment(environ, machine.locks)
    values, sources = _choose((environment, user, machine), machine.locks)
    problems = [*machine.problems, *user.problems, *environment.problems]
    if values[_STORE] == KeyStoreKind.FILE.value and not values[_DIRECTORY]:
        problems.append(_without_directory(sources[_STORE]))
        values[_STORE] = KeyStoreKind.OS.value
        sources[_STORE] = Source(Origin.DEFAULT, sources[_STORE].is_locked)
    config, left = convert_all(nest(values), Config)
    assert config is not None, left  # every single value was found valid
    notices = (*_beaten(user, machine.locks), *environment.notices)
    return Loaded(config, sources, tuple(problems), notices)


def require(loaded: Loaded) -> Config:
    """Refuse settings that are not all valid.

    Args:
        loaded: What ``load`` gave.

    Returns:
        The settings.

    Raises:
        ConfigError: With every problem.
    """
    if loaded.problems:
        raise ConfigError(problems=[str(problem) for problem in loaded.problems])
    return loaded.config


def _choose(
    layers: Sequence[Layer], locks: Locks
) -> tuple[dict[str, SettingValue], dict[str, Source]]:
    values: dict[str, SettingValue] = {}
    sources: dict[str, Source] = {}
    for key, default in settings(Config()).items():
        is_locked = locks.holds(key)
        values[key] = default
        sources[key] = Source(Origin.DEFAULT, is_locked)
        for layer in layers:
            if key in layer.values and (not is_locked or layer.origin is Origin.MACHINE):
                values[key] = layer.values[key]
                sources[key] = Source(layer.origin, is_locked, layer.where[key])
                break
    return values, sources


def _without_directory(source: Source) -> SettingProblem:
    message = _('needs {key} when it is "file"; until then the system\'s key store is used')
    return SettingProblem(source.where, None, _STORE, message.format(key=_DIRECTORY))


def _beaten(user: Layer, locks: Locks) -> list[str]:
    return [
        _("{where}: {key} is ignored: IT has locked this setting").format(
            where=user.where[key], key=key
        )
        for key in user.values
        if locks.holds(key)
    ]
