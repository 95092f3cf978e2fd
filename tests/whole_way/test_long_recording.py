# SPDX-License-Identifier: EUPL-1.2
"""Hours of real-sized sound go through capture and archive in flat memory.

The input is made on the fly as FLAC of more than 100 MB an hour (speech in a noisy room) and taken
by the fast file source; the memory of the command and of its capture process is watched all along.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
import pytest
from desk import Desk, Recorder, check_contract
from speech import Shape, speech

SHAPE = Shape(48_000)
MIB = 1 << 20
PEAK = 60 * MIB
"""Allowed beyond what the imports alone need."""
GROWTH = 12 * MIB
"""Allowed from a quarter of the way to its end: a leak of one byte per sample would be hundreds."""

_IMPORTS = """
import importlib, os, sys, av, numpy, soundfile
for name in sys.argv[1:]:
    importlib.import_module(name)
print(int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
"""
_CAPTURE = ("recorder.capture.process",)
_COMMAND = ("recorder.cli.record", "recorder.archive.run", "sqlite3", "recorder.cli.steps_view")


@dataclass
class Watched:
    """How much memory one process had."""

    samples: list[int] = field(default_factory=list)

    def look(self, process: psutil.Process) -> None:
        try:
            self.samples.append(process.memory_info().rss)
        except psutil.NoSuchProcess:
            return

    def growth(self) -> int:
        """From the first quarter to the end, by the highest of each."""
        quarter = len(self.samples) // 4
        return max(self.samples[quarter:]) - max(self.samples[quarter // 2 : quarter])


def imports(*modules: str) -> int:
    """What a process needs that has only imported modules."""
    command = [sys.executable, "-c", _IMPORTS, *modules]
    return int(subprocess.run(command, capture_output=True, check=True).stdout)


def write_hours(path: Path, hours: int) -> str:
    """Let the reference encoder make a long file; returns the SHA-256 of its samples."""
    minute = np.frombuffer(speech(SHAPE, 60.0), dtype="<i2").astype(np.int32)
    room = np.random.default_rng(3).normal(0, 40, len(minute))
    pcm = (minute + room).clip(-32_768, 32_767).astype("<i2").tobytes()
    command = ["flac", "--silent", "-0", "--force-raw-format", "--endian=little", "--sign=signed"]
    command += ["--channels=1", "--bps=16", "--sample-rate=48000", "-o", str(path), "-"]
    encoder = subprocess.Popen(command, stdin=subprocess.PIPE)
    assert encoder.stdin is not None
    digest = hashlib.sha256()
    for _minute in range(60 * hours):
        encoder.stdin.write(pcm)
        digest.update(pcm)
    encoder.stdin.close()
    assert encoder.wait() == 0
    assert path.stat().st_size > 100_000_000 * hours
    return digest.hexdigest()


def record_hours(directory: Path, hours: int) -> None:
    desk = Desk(directory)
    talk = directory / "talk.flac"
    expected = write_hours(talk, hours)
    command, capture = Watched(), Watched()
    arguments = ("--meeting", str(desk.meeting), "--source", f"file:{talk}", "--fast")
    with Recorder(desk, *arguments) as recorder:
        recorder.wait_for("recording")
        parent = psutil.Process(recorder.process.pid)
        (child,) = parent.children()
        while recorder.process.poll() is None:
            command.look(parent)
            capture.look(child)
            time.sleep(0.1)  # how often memory is looked at; nothing waits for it
        ran = recorder.end()
    assert ran.code == 0, ran.said
    check_contract(ran.events)
    (part,) = ran.result["parts"]
    assert part["samples"] == hours * 3600 * SHAPE.rate
    assert part["samples_sha256"] == expected
    assert (ran.result["state"], ran.result["gaps"]) == ("completed", 0)
    sound = Path(ran.result["folder"]) / part["file"]
    subprocess.run(["flac", "--silent", "--test", str(sound)], check=True)
    for watched, modules in ((command, _COMMAND), (capture, _CAPTURE)):
        needed = imports(*modules)
        told = f"{modules[0]}: imports {needed >> 20}, peak {max(watched.samples) >> 20} MiB"
        print(told, f"growth {watched.growth() >> 20} MiB")
        assert max(watched.samples) <= needed + PEAK, told
    assert capture.growth() <= GROWTH


@pytest.mark.slow
def test_an_hour_goes_the_whole_way_in_flat_memory(tmp_path: Path) -> None:
    record_hours(tmp_path, 1)


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_eight_hours_go_the_whole_way_in_flat_memory(tmp_path: Path) -> None:
    record_hours(tmp_path, 8)
