# SPDX-License-Identifier: EUPL-1.2
"""Run the long proofs and write what they found into docs/proofs.md, dated.

Rules: every proof counts its cases and names its seeds as properties of its tests
(``proof``, ``count``, ``points``, ``seed``); a proof that was not run is not in the table, and one
that failed is in it as failed. The page names no machine, person or path. Arguments are handed on
to pytest, e.g. ``-k kills``; without any, all of it takes hours.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import recorder

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "proofs.md"
_MOST_SEEDS = 6

_HEAD = """# Proofs

What `make prove` found, last run {when} on {machine}, version {version}, in {minutes} minutes.
Do not edit: the next run replaces this page.

What is proven, and by what means:

- **kills**: SIGKILL before and after every durable operation and every call of the archive (the
  points are counted by a run without a kill, both sides of an operation are a point each), and at
  random instants, often once more during the next start.
- **kills: real processes**: SIGKILL to the processes of `modoptager record` and `recover`.
- **power loss**: after each operation, from what the medium may hold then: what was not synced is
  dropped, kept, torn or reordered; cases are different disks that the program was started from.

After each case the next start finishes the job, and then: at most one second of what was received
is missing, exactly one set of documents, every file as the manifest and `SHA256SUMS` state it,
vault and key store empty, one chained row of completion; and at the instant of the crash nothing
had been erased that the archive did not hold, proven.

| Proof | Points | Cases | Seeds | Result |
|---|---:|---:|---|---|
"""

_PART = """
**Only a part was run**: `{chosen}`. What is not in the table was not tried in this run.
"""


@dataclass
class Row:
    """One proof, over all tests of it."""

    points: int = 0
    cases: int = 0
    seeds: set[int] = field(default_factory=set)
    failed: int = 0

    def add(self, properties: Mapping[str, str], *, is_failed: bool) -> None:
        """Count one test in.

        Args:
            properties: What it recorded.
            is_failed: Whether it failed.
        """
        self.points = max(self.points, int(properties.get("points", 0)))
        self.cases += int(properties.get("count", 0))
        self.seeds |= {int(properties["seed"])} if "seed" in properties else set()
        self.failed += is_failed

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells of the table."""
        seeds = sorted(self.seeds - {0})
        shown = ", ".join(map(str, seeds))
        if len(seeds) > _MOST_SEEDS:
            shown = f"{len(seeds)} from {seeds[0]} to {seeds[-1]}"
        result = f"**{self.failed} tests failed**" if self.failed else "held"
        return (str(self.points or ""), f"{self.cases:,}", shown or "every point", result)


def rows_of(report: ET.Element) -> dict[str, Row]:
    """Sum up a report by proof.

    Args:
        report: JUnit XML, as pytest writes it.

    Returns:
        The rows by the proof's name; tests that name no proof go by their own.
    """
    rows: dict[str, Row] = {}
    for test in report.iter("testcase"):
        if test.find("skipped") is not None:
            continue
        properties = {each.get("name", ""): each.get("value", "") for each in test.iter("property")}
        name = properties.get("proof") or test.get("name", "").partition("[")[0].replace("_", " ")
        is_failed = test.find("failure") is not None or test.find("error") is not None
        rows.setdefault(name, Row()).add(properties, is_failed=is_failed)
    return rows


def page(rows: Mapping[str, Row], when: dt.date, minutes: int, chosen: Sequence[str]) -> str:
    """Write the page.

    Args:
        rows: By the proof's name.
        when: The day of the run.
        minutes: How long it took.
        chosen: The arguments that left proofs out, if any.

    Returns:
        Markdown.
    """
    head = _HEAD.format(
        when=when.isoformat(), machine=_machine(), version=recorder.__version__, minutes=minutes
    )
    lines = [f"| {name} | {' | '.join(row.cells)} |" for name, row in sorted(rows.items())]
    table = head + "\n".join([*lines, _total(rows.values())]) + "\n"
    return table + (_PART.format(chosen=" ".join(chosen)) if chosen else "")


def _total(rows: Iterable[Row]) -> str:
    listed = list(rows)
    failed = sum(row.failed for row in listed)
    result = f"**{failed} tests failed**" if failed else "held"
    return f"| **all** | | **{sum(row.cases for row in listed):,}** | | {result} |"


def _machine() -> str:
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processor cores, "
        f"Python {platform.python_version()}"
    )


def main(arguments: Sequence[str]) -> int:
    """Run the proofs and write the page.

    Args:
        arguments: For pytest, besides the choice of the proofs.

    Returns:
        pytest's exit code.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-m", "prove", "-n", "auto", *arguments]
        ended = subprocess.run([*command, f"--junitxml={report}"], cwd=ROOT, check=False)
        if not report.exists():
            return ended.returncode
        rows = rows_of(ET.parse(report).getroot())
    minutes = round((time.monotonic() - began) / 60)
    PAGE.write_text(
        page(rows, dt.datetime.now(dt.UTC).date(), minutes, arguments), encoding="utf-8"
    )
    print(f"Written: {PAGE.relative_to(ROOT)}")
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
