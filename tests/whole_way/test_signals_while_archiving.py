# SPDX-License-Identifier: EUPL-1.2
"""A signal while a recording is brought home: it stops at a safe place and says how far it came."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from desk import PATIENCE, Ran
from kept import Kept

# Sends signals to itself at the n-th durable operation below the archive's folder.
_SIGNALLED = """
import os, signal, sys
from recorder.durable import Moment, watch

numbers, at, archive = eval(sys.argv[1]), int(sys.argv[2]), os.environ["MODOPTAGER_ARCHIVE"]
seen = 0

def watcher(moment, operation):
    global seen
    if moment is Moment.BEFORE and str(operation.path).startswith(archive):
        seen += 1
        if seen == at:
            for number in numbers:
                os.kill(os.getpid(), number)

watch(watcher)
sys.argv[1:] = sys.argv[3:]
from recorder.cli import main
main()
"""


def archive(
    kept: Kept, *numbers: signal.Signals, at: int = 3, options: tuple[str, ...] = ()
) -> Ran:
    done = subprocess.run(
        [
            sys.executable, "-c", _SIGNALLED, repr([int(n) for n in numbers]), str(at),
            "archive", *options,
        ],
        env=kept.desk.environment,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_it_stops_tells_the_result_and_the_next_run_completes(
    kept: Kept, number: signal.Signals, code: int
) -> None:
    ran = archive(kept, number, options=("--json",))
    assert ran.code == code, ran
    assert ran.result["id"] == kept.id
    assert ran.result["state"] == kept.state().value
    assert ran.result["state"] not in {"recorded", "completed"}
    kept.require_whole()
    assert kept.desk.run("archive").code == 0
    assert len(kept.desk.sets()) == 1
    assert kept.desk.ids() == []


def test_a_second_one_ends_it_and_loses_nothing(kept: Kept) -> None:
    ran = archive(kept, signal.SIGTERM, signal.SIGINT)
    assert ran.code == 130  # the first is only noted
    assert "Traceback" not in ran.said
    kept.require_whole()
    assert kept.desk.run("archive").code == 0


def test_signals_of_a_recording_mean_nothing_then(kept: Kept) -> None:
    ran = archive(kept, signal.SIGUSR1, signal.SIGUSR2, options=("--json",))
    assert ran.code == 0
    assert kept.desk.ids() == []


def test_a_watch_ends_well(kept: Kept) -> None:
    ran = archive(kept, signal.SIGTERM, options=("--watch",))
    assert ran.code == 0
    kept.require_whole()
