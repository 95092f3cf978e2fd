# SPDX-License-Identifier: EUPL-1.2
"""Running a command and taking what it cost: time, processor time and memory of its whole tree.

Limits: Linux counts the memory that the caller had when it started the command as the command's
own; so this process stays small, and whatever needs much memory runs in a child.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What a command, with all the processes that it waited for, has taken."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, user and system."""
    peak: float
    """MiB: the most that one of its processes held at once."""
    out: str = ""
    """What it wrote to standard output."""

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu, max(self.peak, other.peak))


def run(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end.

    Args:
        command: Program and arguments.
        environment: Of the command; this process's own if none is given.

    Returns:
        What it cost.

    Raises:
        RuntimeError: If it failed.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        began = time.monotonic()
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=said,
            env=dict(environment) if environment else None,
        )
        cost, code = wait(process, began)
        out.seek(0)
        said.seek(0)
        if code:
            raise RuntimeError(f"{command[0]} ended with {code}: {said.read().decode()[-2000:]}")
        return Cost(cost.wall, cost.cpu, cost.peak, out.read().decode())


def wait(process: subprocess.Popen[bytes], began: float) -> tuple[Cost, int]:
    """Wait for a command that was started.

    Args:
        process: The command.
        began: When it was started, on the monotonic clock.

    Returns:
        What it cost, and its exit code.
    """
    _pid, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024), process.returncode


@dataclass(frozen=True)
class Row:
    """One figure beside its peer, round by round."""

    name: str
    unit: str
    ours: Sequence[float]
    peers: Sequence[float] = ()
    peer: str = ""
    """What the peer is."""
    goal: float | None = None
    """The ratio, or without a peer the value, that is not to be passed."""

    @property
    def ratio(self) -> float | None:
        """Median of the rounds' ratios; none without a peer."""
        if not self.peers:
            return None
        return statistics.median(a / b for a, b in zip(self.ours, self.peers, strict=True))

    @property
    def is_met(self) -> bool | None:
        """Whether the goal was met; none without a goal."""
        if self.goal is None:
            return None
        ratio = self.ratio
        return (statistics.median(self.ours) if ratio is None else ratio) <= self.goal
