# SPDX-License-Identifier: EUPL-1.2
"""What the computer is checked with: left-overs do not stop it, and nobody looks into the memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import stamina.instrumentation
from desk import Desk

import esdh_adapter.retry


def test_what_a_doctor_that_was_killed_left_does_not_stop_the_next(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    locks = desk.home / "vault" / "locks"
    locks.mkdir(parents=True)
    desk.keys.mkdir()
    for left in (locks / "probe", locks / "doctor-probe.lock", desk.keys / "doctor-probe.key"):
        left.write_bytes(bytes(32))
    checks = {event["check"]: event["ok"] for event in desk.run("doctor", "--json").find("check")}
    assert checks["key_store"]
    assert checks["disk"]
    desk.run("archive")
    assert not (locks / "doctor-probe.lock").exists()


def test_a_retry_says_nothing_of_its_own() -> None:
    assert esdh_adapter.retry
    assert stamina.instrumentation.get_on_retry_hooks() == ()


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
@pytest.mark.parametrize(
    "begin",
    [
        "from recorder.process_memory import shut_memory; shut_memory()",
        "from recorder.cli.session import loaded_settings; loaded_settings()",
        "import recorder.capture.process as p, sys; p.main()",
    ],
)
def test_no_other_process_of_the_user_looks_into_the_memory(begin: str) -> None:
    get_dumpable = "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    done = subprocess.run(
        [sys.executable, "-c", f"{begin}\n{get_dumpable}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "0"
