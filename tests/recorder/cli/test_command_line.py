# SPDX-License-Identifier: EUPL-1.2
"""The command line's frame: help, completion, languages, and a hostile place to stand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from desk import Desk

from recorder.cli.app import app
from recorder.cli.state_words import what_to_do, word_for
from recorder.documents import phrases
from recorder.lifecycle.parts import GapCause
from recorder.lifecycle.states import State
from recorder.meeting.model import PermissionForm, Role

SPEECH = Path(__file__).parents[3] / "recorder" / "cli" / "demo_speech.flac"
COMMAND = Path(sys.executable).with_name("modoptager")


def test_every_cause_role_form_and_state_has_words() -> None:
    assert all(phrases.cause(cause) for cause in GapCause)
    assert all(phrases.role(role) for role in Role)
    assert all(phrases.form(form) for form in PermissionForm)
    assert all(word_for(state) for state in State)
    assert all(what_to_do(state, "", is_busy=False) for state in State)


def test_every_command_has_help() -> None:
    for name in app.list_commands(None):  # type: ignore[arg-type]  # the group does not look at it
        command = app.get_command(None, name)  # type: ignore[arg-type]  # likewise
        assert command is not None
        assert command.help


@pytest.mark.parametrize(
    ("language", "word"), [("da", "Optag et møde"), ("en", "Record a meeting")]
)
def test_help_speaks_the_chosen_language(tmp_path: Path, language: str, word: str) -> None:
    desk = Desk(tmp_path)
    desk.environment["MODOPTAGER_LANGUAGE"] = language
    assert word in desk.run("--help").out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(tmp_path: Path, shell: str) -> None:
    ran = Desk(tmp_path).run("completion", shell)
    assert ran.code == 0
    assert "_MODOPTAGER_COMPLETE" in ran.out


def test_a_folder_named_like_the_program_where_the_user_stands_is_not_run(tmp_path: Path) -> None:
    hostile = tmp_path / "standing here"
    for package in ("recorder", "recorder/capture"):
        (hostile / package).mkdir(parents=True)
        for module in ("__init__.py", "__main__.py", "devices.py"):
            (hostile / package / module).write_text("open('ran', 'w'); raise SystemExit(0)")
    desk = Desk(tmp_path)
    done = subprocess.run(
        [COMMAND, "record", "--meeting", desk.meeting, "--source", f"file:{SPEECH}", "--fast"],
        cwd=hostile,
        env=desk.environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not (hostile / "ran").exists()


def test_an_unknown_command_is_a_usage_error(tmp_path: Path) -> None:
    assert Desk(tmp_path).run("recrod").code == 2


def test_an_id_may_be_typed_with_spaces_dashes_and_capitals(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    recording = str(desk.record(SPEECH).result["id"])
    spoken = "-".join(recording[n : n + 4] for n in range(0, 16, 4)).upper()
    assert desk.run("verify", spoken).code == 0
    assert desk.run("verify", "0000 0000 0000 0000").code == 12
    assert desk.run("verify", "not an id").code == 12
