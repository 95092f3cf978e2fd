# SPDX-License-Identifier: EUPL-1.2
"""Check that requirements.lock pins everything pyproject.toml asks for, by hash and by no address.

Rules: works offline and without a resolver; every problem is listed. It does not tell whether newer
versions exist (``make lock`` fetches those).
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import defaultdict
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

_ROOT = Path(__file__).parent.parent
_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)")
_ADDRESS = re.compile(r"https?://|file:|^--(index|extra|find|trusted)", re.MULTILINE)


def problems_of(pyproject: str, lock: str) -> list[str]:
    """Compare the two files.

    Args:
        pyproject: The text of ``pyproject.toml``.
        lock: The text of ``requirements.lock``.

    Returns:
        One sentence for every problem.
    """
    problems = [f"names an address: {found.group()}" for found in _ADDRESS.finditer(lock)]
    pins: dict[str, list[Version]] = defaultdict(list)
    for entry in re.split(r"(?<!\\)\n", lock.strip()):
        pin = _PIN.match(entry)
        if pin is None:
            problems.append(f"is not a pin: {entry[:60]!r}")
            continue
        pins[canonicalize_name(pin["name"])].append(Version(pin["version"]))
        if "--hash=sha256:" not in entry:
            problems.append(f"has no hash: {pin['name']}")
    return problems + [text for want in _wanted(pyproject) for text in _unmet(want, pins)]


def _wanted(pyproject: str) -> list[Requirement]:
    content = tomllib.loads(pyproject)
    project = content["project"]
    extras = project.get("optional-dependencies", {}).values()
    texts = [*project["dependencies"], *content["build-system"]["requires"], *chain(*extras)]
    return [Requirement(text) for text in texts]


def _unmet(want: Requirement, pins: dict[str, list[Version]]) -> list[str]:
    versions = pins.get(canonicalize_name(want.name))
    if not versions:
        return [f"does not pin {want.name}: run `make lock`"]
    return [
        f"pins {want.name} {version}, pyproject.toml asks for {want.specifier}: run `make lock`"
        for version in versions
        if not want.specifier.contains(version, prereleases=True)
    ]


def main() -> int:
    """Print the problems of the two files in this clone.

    Returns:
        The exit code: 0 when there is none.
    """
    problems = problems_of(
        (_ROOT / "pyproject.toml").read_text(encoding="utf-8"),
        (_ROOT / "requirements.lock").read_text(encoding="utf-8"),
    )
    for problem in problems:
        print(f"requirements.lock {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
