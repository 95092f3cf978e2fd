# SPDX-License-Identifier: EUPL-1.2
"""The published example documents every setting and its default."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from recorder.config import Config, load, places, require, settings
from recorder.config.lines import find_lines

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"
TEXT = EXAMPLE.read_text("utf-8")


def test_the_example_is_valid_and_gives_the_defaults(tmp_path: Path) -> None:
    environ = {"MODOPTAGER_HOME": str(tmp_path)}
    (tmp_path / "config.toml").write_text(TEXT, "utf-8")
    loaded = load(places(environ), environ, machine_file=tmp_path / "none.toml")
    assert require(loaded) == Config()


def test_the_example_names_every_setting() -> None:
    lines = find_lines(TEXT)
    missing = [key for key in settings(Config()) if tuple(key.split(".")) not in lines]
    assert missing == []


def test_every_setting_is_explained_with_its_default() -> None:
    rows = TEXT.splitlines()
    lines = find_lines(TEXT)
    for key in settings(Config()):
        above = lines[tuple(key.split("."))] - 2
        comment = ""
        while rows[above].startswith("#"):
            comment = rows[above] + comment
            above -= 1
        assert "Default:" in comment, key


def test_the_locks_shown_are_valid_machine_wide(tmp_path: Path) -> None:
    commented = TEXT[TEXT.index("# [locked]") :]
    machine = tmp_path / "machine.toml"
    machine.write_text(re.sub(r"(?m)^# ", "", commented), "utf-8")
    assert "locked" in tomllib.loads(machine.read_text("utf-8"))
    environ = {"MODOPTAGER_HOME": str(tmp_path)}
    loaded = load(places(environ), environ, machine_file=machine)
    require(loaded)
    assert loaded.sources["archive.folder.path"].is_locked
    assert not loaded.sources["language"].is_locked
