# SPDX-License-Identifier: EUPL-1.2
"""The figures: in every round each of our runs and its peer's, one right after the other."""

from __future__ import annotations

import hashlib
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import peers
from benchmarks.desk import COMMAND, ROOT, Desk
from benchmarks.measure import Cost, Row, run
from esdh_adapter.uncached import open_blocks

_BY_HAND = "openssl dgst; cp; sync; openssl dgst; shred -n1 -u"
_MEMORY = Path("/dev/shm")  # a file system whose syncs cost nothing
_STARTS = 3  # per round


@dataclass
class Values:
    """What the rounds gave, by name."""

    rows: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, **values: float) -> None:
        """Note values of one round."""
        for name, value in values.items():
            self.rows[name].append(value)


def rounds(work: Path, sound: Path, count: int, tell: Callable[[str], None]) -> Values:
    """Measure all that is measured in rounds.

    Args:
        work: An empty folder on the volume to measure.
        sound: A WAVE file.
        count: How many rounds.
        tell: Told of progress.

    Returns:
        Seconds, by name.
    """
    values = Values()
    python_only(values)  # loads what the first round would have to read from disk
    values.rows.clear()
    for number in range(1, count + 1):
        tell(f"round {number} of {count}")
        python_only(values)
        _recording(values, work, sound)
    return values


def _recording(values: Values, work: Path, sound: Path) -> None:
    encoded = work / "peer.flac"
    by_flac = peers.encode(sound, encoded)
    values.add(flac_cpu=by_flac.cpu, flac_wall=by_flac.wall, flac_bytes=encoded.stat().st_size)
    encoded.unlink()
    desk = Desk(work / "desk")
    ours = desk.record(sound)
    values.add(record_cpu=ours.cpu, record_wall=ours.wall, record_peak=ours.peak)
    home = desk.bring_home()
    values.add(
        sealed=home.seconds["seal"],
        wiped=home.until("wipe"),
        home_wall=home.cost.wall,
        home_cpu=home.cost.cpu,
        home_peak=home.cost.peak,
        start_up=home.start_up,
        **{f"step_{name}": seconds for name, seconds in home.seconds.items()},
    )
    recorded = desk.recorded_file()
    values.add(recorded_bytes=recorded.stat().st_size)
    steps = peers.home_by_hand(recorded, work)
    total = sum(steps.values(), Cost(0.0, 0.0, 0.0))
    values.add(hand_wall=total.wall, hand_cpu=total.cpu, hand_hash=steps["hash"].wall)
    _fixity(values, recorded)
    desk.clear()


def _fixity(values: Values, recorded: Path) -> None:
    cold = peers.openssl_hash(recorded, is_cold=True)
    ours = _read_back(recorded)
    warm = peers.openssl_hash(recorded, is_cold=False)
    values.add(openssl_cold=cold.wall, openssl_warm=warm.wall, uncached=ours)


def _read_back(recorded: Path) -> float:
    began, digest = time.monotonic(), hashlib.sha256()
    with open_blocks(recorded) as blocks:
        for block in blocks:
            digest.update(block)
    digest.hexdigest()
    return time.monotonic() - began


def python_only(values: Values) -> None:
    """Measure how long it takes to show the help, and to start Python."""
    for _ in range(_STARTS):
        values.add(
            help=run([*COMMAND, "--help"]).wall, python=run([sys.executable, "-c", "pass"]).wall
        )


def pieces(work: Path, sound: Path, short: Path, count: int) -> Values:
    """Measure what recording a file consists of.

    Args:
        work: An empty folder.
        sound: A WAVE file.
        short: One second of sound: recording it is start-up and little else.
        count: How many times.

    Returns:
        Seconds of processor time, by name.
    """
    values = Values()
    for _ in range(count):
        desk = Desk(work / "desk")
        values.add(start=desk.record(short).cpu)
        desk.clear()
        source, encoder = _piece("source", sound), _piece("encoder", sound)
        values.add(source=source, encoder=encoder - source)
        values.add(flac=peers.encode(sound, work / "peer.flac").cpu)
        if _MEMORY.is_dir():
            desk = Desk(_MEMORY / f"modoptager-bench-{work.name}")
            try:
                values.add(no_sync=desk.record(sound).cpu)
            finally:
                desk.clear()
    return values


def _piece(name: str, sound: Path) -> float:
    return float(run([sys.executable, "-m", "benchmarks.pieces", name, sound]).out)


def imports() -> dict[str, float]:
    """Measure the memory of Python with all that recording and archiving load.

    Returns:
        MiB, by command.
    """
    modules = {
        "record": "recorder.capture.process",  # the larger one of the two processes
        "archive": "recorder.cli.archive, esdh_adapter.folder",
    }
    return {
        name: run([sys.executable, "-c", f"import {what}"]).peak for name, what in modules.items()
    }


def memory(work: Path, sound: Path) -> tuple[float, float]:
    """Measure the memory of recording and archiving.

    Args:
        work: An empty folder.
        sound: A WAVE file.

    Returns:
        MiB of ``record`` and of ``archive``.
    """
    desk = Desk(work / "desk")
    recording, home = desk.record(sound), desk.bring_home()
    desk.clear()
    return recording.peak, home.cost.peak


def compared(values: Values, hours: float) -> Iterator[Row]:
    """Put the figures of the rounds beside their peers.

    Args:
        values: From ``rounds``.
        hours: Length of the sound.

    Yields:
        The rows of the table.
    """
    v = values.rows
    yield Row("Recording, processor", "s", v["record_cpu"], v["flac_cpu"], "flac -5", 1.25)
    yield Row(
        "Recording, time (9 000 syncs an hour)", "s", v["record_wall"], v["flac_wall"], "flac -5"
    )
    per_hour = [seconds / hours for seconds in v["sealed"]]
    yield Row("Stop to sealed, an hour of sound", "s", per_hour, goal=0.5)
    yield Row("Stop to sealed", "s", v["sealed"], v["hand_hash"], "openssl dgst")
    yield Row("Stop to wiped", "s", v["wiped"], v["hand_wall"], _BY_HAND, 0.8)
    yield Row(
        "`modoptager archive` as a whole, time", "s", v["home_wall"], v["hand_wall"], _BY_HAND
    )
    yield Row(
        "`modoptager archive` as a whole, processor", "s", v["home_cpu"], v["hand_cpu"], _BY_HAND
    )
    yield Row("— of it, until the first step", "s", v["start_up"])
    for step in ("deliver", "read_back", "wipe", "complete"):
        yield Row(f"— of it, step {step}", "s", v[f"step_{step}"])
    cold = "openssl dgst, from the medium"
    yield Row("Reading back, uncached", "s", v["uncached"], v["openssl_cold"], cold)
    warm = "openssl dgst, from the page cache"
    yield Row("Reading back, uncached", "s", v["uncached"], v["openssl_warm"], warm)
    yield Row("`modoptager --help`", "s", v["help"], v["python"], "python -c pass", 5.0)


def split(values: Values) -> Iterator[Row]:
    """Say what recording a file consists of.

    Args:
        values: From ``pieces``.

    Yields:
        The rows of the table.
    """
    v = values.rows
    flac = v["flac"]
    yield Row("Start-up: recording one second", "s", v["start"], flac, "flac -5")
    yield Row("Reading the WAVE file (no microphone needs it)", "s", v["source"], flac, "flac -5")
    yield Row("Encoding FLAC", "s", v["encoder"], flac, "flac -5")
    if "no_sync" in v:
        yield Row("All of it on a file system in memory", "s", v["no_sync"], flac, "flac -5")


def kept(peak: Sequence[float], base: float, name: str) -> Row:
    """Compare peak memory with that of the imports.

    Args:
        peak: MiB.
        base: MiB of the imports.
        name: Of the row.

    Returns:
        The row: MiB beyond the imports.
    """
    return Row(name, "MiB", [value - base for value in peak], goal=60.0)


def folder() -> Path:
    """Name the project's folder."""
    return ROOT
