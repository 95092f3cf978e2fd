# SPDX-License-Identifier: EUPL-1.2
"""What is imported is asked for, what is asked for is imported, and docs/dependencies.md tells all."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, metadata, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.check_lock import problems_of

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ASKED_FOR = {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]}
PAGE = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?P<name>[a-z0-9-]+) \| (?P<licence>[^|]+) \| [^|]+ \|$", re.MULTILINE)
TABLE = {row["name"]: row["licence"] for row in ROW.finditer(PAGE)}

OWN = {"recorder", "esdh_adapter"}
# Fixed from the beginning, so that a roll-out does not change when the first driver needs it.
ASKED_FOR_AHEAD = {"requests"}
# Before licence expressions, packages named theirs in these words.
OLD_WORDS = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
}


def _imported_modules() -> set[str]:
    found = set()
    for package in OWN:
        for path in (ROOT / package).rglob("*.py"):
            if path.stem.startswith("testing"):
                continue  # the conformance suite for writers of drivers, who bring pytest
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.partition(".")[0])
    return found - OWN - set(sys.stdlib_module_names)


def _imported_packages() -> set[str]:
    known = packages_distributions()
    return {
        canonicalize_name(name)
        for module in _imported_modules()
        for name in known.get(module, [f"not installed: {module}"])
    }


def _brought_along(names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        for text in requires(name) or []:
            wanted = Requirement(text)
            if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                waiting |= {canonicalize_name(wanted.name)} - found
    return found


def _stated_licence(name: str) -> str:
    stated = metadata(name)
    words = [
        text.rpartition(" :: ")[2]
        for text in stated.get_all("Classifier") or []
        if text.startswith("License ::")
    ]
    fields = stated.json
    said = str(fields.get("license_expression") or fields.get("license") or " ".join(words))
    return OLD_WORDS.get(said, said)


def _licences(expression: str) -> Iterator[str]:
    return (word for word in expression.split() if word not in {"AND", "OR"})


def test_every_import_is_asked_for() -> None:
    assert _imported_packages() - ASKED_FOR == set()


def test_everything_asked_for_is_imported() -> None:
    assert ASKED_FOR - ASKED_FOR_AHEAD - _imported_packages() == set()


def test_the_page_lists_everything_that_is_installed_with_the_program() -> None:
    assert _brought_along(ASKED_FOR) - TABLE.keys() == set()


def test_the_page_lists_nothing_that_the_lock_does_not_pin() -> None:
    pinned = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert TABLE.keys() - set(pinned) == set()


@pytest.mark.parametrize("name", sorted(TABLE))
def test_the_page_names_the_licence_that_the_package_states(name: str) -> None:
    try:
        stated = _stated_licence(name)
    except PackageNotFoundError:
        pytest.skip("belongs to another platform or Python")
    assert set(_licences(stated)) <= set(_licences(TABLE[name]))


def test_the_lock_pins_everything_by_hash_and_by_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert problems_of((ROOT / "pyproject.toml").read_text(encoding="utf-8"), lock) == []


LOCKED = "click==8.1 \\\n    --hash=sha256:00\n"
ASKING = '[build-system]\nrequires = []\n[project]\ndependencies = ["click>=8.1"]\n'


@pytest.mark.parametrize(
    ("lock", "problem"),
    [
        ("click==8.1\n", "has no hash"),
        ("click==8.0 \\\n    --hash=sha256:00\n", "asks for >=8.1"),
        ("rich==1 \\\n    --hash=sha256:00\n", "does not pin click"),
        ("--index-url https://mirror.example/simple\n" + LOCKED, "names an address"),
        (LOCKED + "-e .\n", "is not a pin"),
    ],
)
def test_a_bad_lock_is_told(lock: str, problem: str) -> None:
    assert problems_of(ASKING, LOCKED) == []
    assert [found for found in problems_of(ASKING, lock) if problem in found]
