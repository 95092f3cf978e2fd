# SPDX-License-Identifier: EUPL-1.2
"""The bar of a long step: it is drawn on a terminal, and a closed one stops no step."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_DRAW = """
import sys, time
from recorder.archive.progress import Step
from recorder.cli.steps_view import StepsView
from recorder.cli.voice import Voice

voice = Voice(is_json=False, is_quiet=False, is_verbose=False)
view = StepsView(voice, "0123456789abcdef", lambda: None)
view._event = lambda *_unused, **_fields: None
view.started(Step.DELIVER)
for done in (1, 2):
    time.sleep(0.25)
    view.progress(Step.DELIVER, done, 4)
    if done == 1:
        print("half", flush=True)
        sys.stdin.readline()
view.finished(Step.DELIVER, "proof")
print("home", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="terminals are POSIX's")
@pytest.mark.parametrize("is_closed", [False, True])
def test_a_bar_is_drawn_and_a_closed_terminal_is_no_error(*, is_closed: bool) -> None:
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _DRAW],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "MODOPTAGER_LANGUAGE": "en", "TERM": "xterm"},
    )
    os.close(theirs)
    assert process.stdout is not None
    assert process.stdout.readline() == b"half\n"
    shown = b""
    while b"Send to the case" not in shown:  # the bar draws itself ten times a second
        shown += os.read(ours, 65_536)
    if is_closed:
        os.close(ours)
    out, _none = process.communicate(b"\n", timeout=30)
    assert (process.returncode, out) == (0, b"home\n")
    if not is_closed:
        while b"proof" not in shown:
            shown += os.read(ours, 65_536)
        os.close(ours)
