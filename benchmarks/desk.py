# SPDX-License-Identifier: EUPL-1.2
"""A workplace of its own for one round: vault, keys and archive in a folder that goes afterwards."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Cost, run

ROOT = Path(__file__).resolve().parent.parent
_SCRIPT = Path(sys.executable).with_name("modoptager")
COMMAND: tuple[str, ...] = (
    (str(_SCRIPT),) if _SCRIPT.exists() else (sys.executable, "-m", "recorder")
)
MEETING = ROOT / "docs" / "meeting.example.json"


@dataclass(frozen=True)
class Homecoming:
    """What bringing a recording home cost."""

    cost: Cost
    """Of the whole command."""
    seconds: Mapping[str, float]
    """Of each step."""
    start_up: float
    """Seconds from the start of the command to the start of its first step."""

    def until(self, last: str) -> float:
        """Add up the steps from the first to the one named."""
        names = list(self.seconds)
        return sum(self.seconds[name] for name in names[: names.index(last) + 1])


class Desk:
    """One user on one computer."""

    def __init__(self, directory: Path) -> None:
        """Set up a workplace.

        Args:
            directory: Does not exist yet, or is of no use any more.
        """
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        self.directory = directory
        self.archive = directory / "archive"
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("MODOPTAGER_")},
            "MODOPTAGER_HOME": str(directory / "home"),
            "MODOPTAGER_ARCHIVE": str(self.archive),
            "MODOPTAGER_LANGUAGE": "en",
            "MODOPTAGER_KEYS_STORE": "file",
            "MODOPTAGER_KEYS_DIRECTORY": str(directory / "keys"),
        }

    def record_command(self, source: str, *more: str) -> list[str]:
        """Name the command that records and leaves the recording in the vault."""
        command = [*COMMAND, "record", "--meeting", str(MEETING), "--source", source]
        return [*command, "--no-archive", "--json", *more]

    def record(self, sound: Path) -> Cost:
        """Record from a file as fast as it can be stored."""
        return run(self.record_command(f"file:{sound}", "--fast"), self.environment)

    def bring_home(self) -> Homecoming:
        """Archive what was recorded."""
        began = dt.datetime.now(dt.UTC)
        cost = run([*COMMAND, "archive", "--json"], self.environment)
        events = [json.loads(line) for line in cost.out.splitlines()]
        starts = _times(events, "step_started")
        ends = _times(events, "step_finished")
        seconds = {step: (ends[step] - starts[step]).total_seconds() for step in starts}
        first = next(iter(starts.values()))
        return Homecoming(cost, seconds, (first - began).total_seconds())

    def recorded_file(self) -> Path:
        """Find the sound in the archive."""
        (found,) = self.archive.glob("*/*/recording-001.flac")
        return found

    def clear(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self.directory, ignore_errors=True)


def _times(events: Sequence[Mapping[str, str]], name: str) -> dict[str, dt.datetime]:
    return {
        event["step"]: dt.datetime.fromisoformat(event["time"])
        for event in events
        if event["event"] == name
    }
