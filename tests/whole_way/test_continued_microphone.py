# SPDX-License-Identifier: EUPL-1.2
"""A recording that is gone on with over lines ends when whoever drives it is gone."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psutil
import pytest
from desk import Desk, Recorder
from sound_server import Sink, sound_server

pytestmark = pytest.mark.slow


def test_a_continued_microphone_recording_ends_with_its_input(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with (
        tempfile.TemporaryDirectory(prefix="mic-") as near,
        sound_server(Path(near), [Sink()]) as server,
    ):
        around = server.environment
        with Recorder(desk, "--meeting", str(desk.meeting), environment=around) as recorder:
            recorder.take(1.2)
            processes = [psutil.Process(recorder.process.pid)]
            processes += processes[0].children()
            for process in processes:
                process.kill()
            psutil.wait_procs(processes[1:], timeout=30)
            left = recorder.events[0]["id"]
        with Recorder(desk, "--continue", left, environment=around) as recorder:
            recorder.take(0.5)
            assert recorder.process.stdin is not None
            recorder.process.stdin.close()
            ran = recorder.end()
    assert (ran.code, ran.result["state"]) == (0, "completed")
    assert len(ran.result["parts"]) == 2
