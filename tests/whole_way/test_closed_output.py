# SPDX-License-Identifier: EUPL-1.2
"""A closed pipe or terminal ends no meeting: the recording comes home all the same."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import COMMAND, PATIENCE, Desk
from speech import Shape, decoded, speech, write_wav

SHAPE = Shape(8_000)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="terminals are POSIX's")


class Terminal:
    """A ``record`` command at a terminal of its own."""

    def __init__(self, desk: Desk, *arguments: str) -> None:
        self._ours, theirs = os.openpty()
        self.shown = b""
        self.process = subprocess.Popen(
            [sys.executable, "-c", _AT_TERMINAL, *COMMAND[1:], "record", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=desk.environment,
            start_new_session=True,
        )
        os.close(theirs)

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while text.encode() not in self.shown:
            assert time.monotonic() < deadline, self.shown
            self.read(0.2)

    def read(self, timeout: float) -> None:
        if select.select([self._ours], [], [], timeout)[0]:
            with contextlib.suppress(OSError):
                self.shown += os.read(self._ours, 65_536)

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def end(self) -> int:
        """Read until it ends."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.shown[-500:]
            self.read(0.1)
        return self.process.returncode

    def close(self) -> None:
        os.close(self._ours)


# The new session takes the terminal: when that is closed, the system sends SIGHUP.
_AT_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def arguments(desk: Desk) -> tuple[str, ...]:
    talk = write_wav(desk.directory / "talk.wav", speech(SHAPE, 4.0), SHAPE)
    return ("--meeting", str(desk.meeting), "--source", f"file:{talk}")


@contextlib.contextmanager
def terminal(desk: Desk, arguments: tuple[str, ...]) -> Iterator[Terminal]:
    opened = Terminal(desk, *arguments)
    try:
        yield opened
    finally:
        opened.process.kill()
        opened.process.wait()


def archived(desk: Desk) -> bytes:
    (folder,) = desk.sets()
    assert desk.ids() == []
    return decoded(folder / "recording-001.flac")


def test_a_closed_terminal_stops_and_seals(desk: Desk, arguments: tuple[str, ...]) -> None:
    with terminal(desk, arguments) as window:
        window.wait_for("on disk 0:00:01")
        window.close()
        window.process.wait(PATIENCE)
    assert speech(SHAPE, 4.0).startswith(archived(desk))


def test_two_quick_keys_pause_and_resume(desk: Desk, arguments: tuple[str, ...]) -> None:
    with terminal(desk, arguments) as window:
        window.wait_for("on disk")
        window.press("pp")
        assert window.end() == 0
        window.close()
    assert b"PAUSED: nothing is recorded" in window.shown
    assert archived(desk) == speech(SHAPE, 4.0)


def test_a_pipe_whose_reader_has_gone_loses_lines_and_no_sound(
    desk: Desk, arguments: tuple[str, ...]
) -> None:
    process = subprocess.Popen(
        [*COMMAND, "record", "--json", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=desk.environment,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    for _number in range(2):
        assert process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(PATIENCE), said) == (1, b"")
    assert archived(desk) == speech(SHAPE, 4.0)


def test_without_anybody_to_tell_it_is_recorded_all_the_same(
    desk: Desk, arguments: tuple[str, ...]
) -> None:
    process = subprocess.Popen(
        [*COMMAND, "record", "-v", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=desk.environment,
    )
    assert process.stderr is not None
    assert process.stderr.readline()
    process.stderr.close()
    assert process.wait(PATIENCE) == 0
    assert archived(desk) == speech(SHAPE, 4.0)
