# SPDX-License-Identifier: EUPL-1.2
"""Every error tells a person what happened and what to do, with a code that never changes."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from recorder import errors
from recorder.errors import EXIT_INTERNAL, RecorderError

PACKAGE = Path(errors.__file__).parent

# The contract with every script that calls modoptager. More may come; none changes or goes.
PUBLISHED = {
    "UsageError": 2,
    "ConfigError": 3,
    "PermissionMissingError": 4,
    "WaitingError": 5,
    "DeviceError": 6,
    "KeyStoreError": 7,
    "VaultError": 8,
    "VaultFullError": 8,
    "SourceError": 9,
    "AlteredError": 10,
    "UncheckedError": 11,
    "MissingError": 12,
    "BusyError": 13,
    "DamagedError": 14,
    "NotAllowedError": 15,
}


def _family(kind: type[RecorderError]) -> list[type[RecorderError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in _family(child))]


CLASSES = [kind for kind in _family(RecorderError) if kind.__module__ == errors.__name__]


def test_published_exit_codes_never_change() -> None:
    codes = {kind.__name__: kind.exit_code for kind in CLASSES}
    assert {name: codes.get(name) for name in PUBLISHED} == PUBLISHED


def test_exit_codes_are_unique_but_for_the_kinds_of_one_error() -> None:
    own = [kind.exit_code for kind in CLASSES if "exit_code" in vars(kind)]
    assert len(own) == len(set(own))
    assert EXIT_INTERNAL not in own
    assert 0 not in own


def test_every_error_says_what_happened_and_what_to_do() -> None:
    for kind in CLASSES:
        assert kind.title, kind
        assert kind.advice.endswith("."), kind
        assert "title" in vars(kind), kind
        assert "advice" in vars(kind), kind


def test_the_tree_in_the_docstring_shows_every_error_with_its_code() -> None:
    drawn = dict(re.findall(r"(\w+Error) +(\d+)\b", errors.__doc__ or ""))
    assert drawn == {kind.__name__: str(kind.exit_code) for kind in CLASSES}


def test_no_error_is_defined_elsewhere() -> None:
    names = {kind.__name__ for kind in CLASSES}
    elsewhere = [
        f"{path.name}: {node.name}"
        for path in PACKAGE.rglob("*.py")
        if path.name != "errors.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
        and names & {ast.unparse(base).rpartition(".")[2] for base in node.bases}
    ]
    assert elsewhere == []
