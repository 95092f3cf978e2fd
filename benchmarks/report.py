# SPDX-License-Identifier: EUPL-1.2
"""The table: on the screen, and dated in ``docs/benchmarks.md`` between two marks."""

from __future__ import annotations

import datetime as dt
import os
import platform
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.measure import Row

_BEGIN, _END = "<!-- measured: begin -->", "<!-- measured: end -->"
_HEAD = (
    "| Figure | ours: median (least to most) | peer: median (least to most) | ratio | goal | met |",
    "|---|---|---|---|---|---|",
)


def table(rows: Iterable[Row]) -> list[str]:
    """Write rows as a Markdown table.

    Args:
        rows: The figures.

    Returns:
        Its lines.
    """
    return [*_HEAD, *(_line(row) for row in rows)]


def _line(row: Row) -> str:
    ratio = row.ratio
    peer = f"{row.peer}: {_spread(row.peers, row.unit)}" if row.peers else "—"
    goal = "—" if row.goal is None else f"≤ {row.goal:g}" + ("x" if row.peers else f" {row.unit}")
    met = {None: "—", True: "yes", False: "**no**"}[row.is_met]
    shown = "—" if ratio is None else f"{ratio:.2f}x"
    return f"| {row.name} | {_spread(row.ours, row.unit)} | {peer} | {shown} | {goal} | {met} |"


def _spread(values: Sequence[float], unit: str) -> str:
    digits = 1 if unit == "MiB" else 3
    low, middle, high = min(values), statistics.median(values), max(values)
    if len(values) == 1:
        return f"{middle:.{digits}f} {unit}"
    return f"{middle:.{digits}f} {unit} ({low:.{digits}f} to {high:.{digits}f})"


def machine(work: Path) -> str:
    """Describe where the run took place, without naming the computer.

    Args:
        work: The folder that was used.

    Returns:
        One sentence.
    """
    versions = [
        f"Python {platform.python_version()}",
        _first_line("flac", "--version"),
        _first_line("openssl", "version").partition(" (")[0],
    ]
    kind = _output("df", "--output=fstype", str(work))[-1]
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{os.cpu_count()} processors ({_processor()}), {kind}, {', '.join(versions)};"
        f" load average at the end {load}"
    )


def _first_line(*command: str) -> str:
    return _output(*command)[0]


def _output(*command: str) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.splitlines() or [command[0]]


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def write(page: Path, lines: Sequence[str]) -> None:
    """Replace what stands between the marks.

    Args:
        page: A Markdown file with both marks.
        lines: What the run found.
    """
    text = page.read_text(encoding="utf-8")
    before, _mark, rest = text.partition(_BEGIN)
    _old, mark, after = rest.partition(_END)
    if not mark:
        raise ValueError(f"{page.name} has lost its marks")
    content = "\n".join([_BEGIN, "", *lines, "", _END])
    page.write_text(before + content + after, encoding="utf-8")


def date() -> str:
    """Say when the run took place."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
