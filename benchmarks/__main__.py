# SPDX-License-Identifier: EUPL-1.2
"""``python -m benchmarks``: measures, prints the table and writes it to ``docs/benchmarks.md``.

``--quick`` takes minutes less and writes nothing; ``--long`` adds eight hours of sound.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import figures, microphone, peers, report
from benchmarks.measure import Row, run

_ROUNDS, _QUICK_ROUNDS = 7, 3
_MINUTES, _QUICK_MINUTES = 60, 5
_MICROPHONE_SECONDS = 30
_LONG_HOURS = 8
_PIPELINE = "parecord into flac -5"


def main() -> int:
    """Measure everything.

    Returns:
        The exit code: 1 where peers are missing.
    """
    wishes = _wishes()
    if missing := peers.missing():
        print(f"install these packages first: {', '.join(missing)}", file=sys.stderr)
        return 1
    work = Path(tempfile.mkdtemp(prefix="modoptager-bench-", dir=wishes.directory))
    try:
        lines = _measured(work, wishes)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print("\n".join(lines))
    if not wishes.quick:
        report.write(figures.folder() / "docs" / "benchmarks.md", lines)
    return 0


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds of little sound")
    parser.add_argument("--long", action="store_true", help="the memory of eight hours, too")
    parser.add_argument("--rounds", type=int, help=f"instead of {_ROUNDS}")
    parser.add_argument("--minutes", type=int, help=f"of sound, instead of {_MINUTES}")
    parser.add_argument("--directory", help="on the volume to measure")
    wishes = parser.parse_args()
    wishes.rounds = wishes.rounds or (_QUICK_ROUNDS if wishes.quick else _ROUNDS)
    wishes.minutes = wishes.minutes or (_QUICK_MINUTES if wishes.quick else _MINUTES)
    return wishes


def _measured(work: Path, wishes: argparse.Namespace) -> list[str]:
    sound = _sound(work, "sound.wav", wishes.minutes * 60)
    values = figures.rounds(work, sound, wishes.rounds, _tell)
    _tell("what recording consists of")
    short = _sound(work, "second.wav", 1)
    parts = figures.pieces(work, sound, short, min(2, wishes.rounds))
    memory = list(_memory(work, wishes, values))
    megabytes = values.rows["recorded_bytes"][0] / 1e6
    extent = f"{wishes.rounds} rounds with {wishes.minutes} minutes ({megabytes:.0f} MB) of sound"
    return [
        f"Measured {report.date()}: {extent}, on {report.machine(work)}.",
        "",
        *report.table(figures.compared(values, wishes.minutes / 60)),
        "",
        "What recording a file consists of, processor time:",
        "",
        *report.table(figures.split(parts)),
        "",
        "Memory of the largest process, beyond Python with the same imports:",
        "",
        *report.table(memory),
        "",
        "From a microphone, both recording it at the same time, processor time:",
        "",
        *_microphone(work, sound, wishes, parts),
    ]


def _memory(work: Path, wishes: argparse.Namespace, values: figures.Values) -> Iterator[Row]:
    _tell("memory")
    base = figures.imports()
    lengths = {"10 minutes": 600}
    if wishes.long:
        lengths[f"{_LONG_HOURS} hours"] = _LONG_HOURS * 3600
    yield figures.kept(
        values.rows["record_peak"], base["record"], f"record, {wishes.minutes} minutes"
    )
    yield figures.kept(
        values.rows["home_peak"], base["archive"], f"archive, {wishes.minutes} minutes"
    )
    for name, seconds in lengths.items():
        sound = _sound(work, "memory.wav", seconds)
        recording, archiving = figures.memory(work, sound)
        sound.unlink()
        yield figures.kept([recording], base["record"], f"record, {name}")
        yield figures.kept([archiving], base["archive"], f"archive, {name}")


def _microphone(
    work: Path, sound: Path, wishes: argparse.Namespace, parts: figures.Values
) -> list[str]:
    if not microphone.is_possible():
        return ["The microphone was left out: there is no PulseAudio here."]
    _tell("microphone")
    seconds = _MICROPHONE_SECONDS // (3 if wishes.quick else 1)
    ours, peer = microphone.measure(work, sound, seconds)
    rest = ours.cpu - statistics.median(parts.rows["start"])
    return report.table(
        [
            Row(f"{seconds} seconds", "s", [ours.cpu], [peer.cpu], _PIPELINE),
            Row("The same without our start-up", "s", [rest], [peer.cpu], _PIPELINE),
        ]
    )


def _sound(work: Path, name: str, seconds: int) -> Path:
    _tell(f"speech of {seconds} s")
    path = work / name
    # In a child: see benchmarks.measure.
    run([sys.executable, "-m", "benchmarks.material", path, str(seconds)])
    return path


def _tell(what: str) -> None:
    print(f"· {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
