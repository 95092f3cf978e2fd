# SPDX-License-Identifier: EUPL-1.2
"""A program without console or with a poor one still records, and still tells its result."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from desk import COMMAND, Desk
from speech import Shape, speech, write_wav

SHAPE = Shape(16_000)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_were_closed_before_the_start_end_no_recording(
    tmp_path: Path, closed: str
) -> None:
    desk = Desk(tmp_path)
    talk = write_wav(tmp_path / "talk.wav", speech(SHAPE, 1.0), SHAPE)
    command = [*COMMAND, "record", "--meeting", desk.meeting, "--source", f"file:{talk}", "--fast"]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *map(str, command)],
        env=desk.environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done
    assert len(desk.sets()) == 1
    assert desk.ids() == []


def test_the_result_is_told_whatever_characters_the_terminal_knows(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.environment["PYTHONIOENCODING"] = "cp1252"
    desk.environment["MODOPTAGER_ARCHIVE"] = str(tmp_path / "Łódź")
    ran = desk.record(write_wav(tmp_path / "talk.wav", speech(SHAPE, 1.0), SHAPE))
    assert ran.code == 0, ran
    assert "Łódź" in json.loads(ran.out.splitlines()[-1])["folder"]
