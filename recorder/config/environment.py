# SPDX-License-Identifier: EUPL-1.2
"""Settings in environment variables: ``MODOPTAGER_CAPTURE_RATE=48000`` sets ``capture.rate``.

``MODOPTAGER_ARCHIVE`` is short for the folder archive: it sets ``archive.folder.path`` and allows
that folder to lie on the local store's volume, since whoever names it has chosen it. The longer
names beat it. Empty variables count as unset; a relative path counts from the working directory.

Rule: every variable that begins with ``MODOPTAGER_`` must be known; one that was misspelled would
else do nothing, silently.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from recorder.config.layers import (
    KNOWN_KEYS,
    Layer,
    Origin,
    SettingProblem,
    nest,
    resolve,
    valid_settings,
)
from recorder.config.locks import Locks
from recorder.config.model import Config, SettingValue, settings
from recorder.config.places import HOME_VARIABLE
from recorder.strict import convert_all, did_you_mean
from recorder.words import _, printable

PREFIX = "MODOPTAGER_"
ARCHIVE_VARIABLE = "MODOPTAGER_ARCHIVE"

_ARCHIVE_PATH = "archive.folder.path"
_ARCHIVE_VOLUME = "archive.folder.allow_same_volume"
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_NUMBER = re.compile(r"-?[0-9]{1,9}")


def variable(key: str) -> str:
    """Name the variable of a setting.

    Args:
        key: The dotted key.

    Returns:
        For example ``MODOPTAGER_ARCHIVE_FOLDER_PATH``.
    """
    return PREFIX + key.replace(".", "_").upper()


_KEYS = {variable(key): key for key in KNOWN_KEYS}


def read_environment(environ: Mapping[str, str], locks: Locks) -> Layer:
    """Read the settings in the environment.

    Args:
        environ: The environment.
        locks: What IT has locked; a variable for such a setting is ignored with a notice.

    Returns:
        The valid settings, and everything that is wrong.
    """
    ours = {name: environ[name] for name in sorted(environ) if name.startswith(PREFIX)}
    ours = {name: text for name, text in ours.items() if text and name != HOME_VARIABLE}
    given: dict[str, SettingValue] = {}
    where: dict[str, str] = {}
    locked = [name for name in ours if name in _KEYS and locks.holds(_KEYS[name])]
    if ARCHIVE_VARIABLE in ours:
        if locks.holds(_ARCHIVE_PATH):
            locked.append(ARCHIVE_VARIABLE)  # it must not loosen the rules for IT's folder either
        else:
            given = {_ARCHIVE_PATH: ours[ARCHIVE_VARIABLE], _ARCHIVE_VOLUME: True}
            where = dict.fromkeys(given, ARCHIVE_VARIABLE)
    for name in ours.keys() & _KEYS.keys():
        given[_KEYS[name]] = _value(_KEYS[name], ours[name])
        where[_KEYS[name]] = name
    values = {
        key: resolve(key, value, Path.cwd()) for key, value in valid_settings(nest(given)).items()
    }
    return Layer(
        Origin.ENVIRONMENT,
        values,
        where,
        problems=(*_unknown(ours), *_wrong(given, where)),
        notices=tuple(_ignored(name) for name in sorted(locked)),
    )


def _value(key: str, text: str) -> SettingValue:
    """Read a text as its setting's type; what does not fit is left for the strict check."""
    default = settings(Config())[key]
    if isinstance(default, bool):
        if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
    elif isinstance(default, int) and _NUMBER.fullmatch(text):
        return int(text)
    return text


def _unknown(ours: Mapping[str, str]) -> list[SettingProblem]:
    known = [HOME_VARIABLE, ARCHIVE_VARIABLE, *_KEYS]
    return [
        SettingProblem(printable(name, 80), None, "", did_you_mean(name, known))
        for name in ours
        if name not in known
    ]


def _wrong(given: Mapping[str, SettingValue], where: Mapping[str, str]) -> list[SettingProblem]:
    _unused, problems = convert_all(nest(given), Config)
    return [
        SettingProblem(where.get(problem.path, ""), None, problem.path, problem.message)
        for problem in problems
    ]


def _ignored(name: str) -> str:
    return _("{name} is ignored: IT has locked this setting").format(name=name)
