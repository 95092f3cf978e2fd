# SPDX-License-Identifier: EUPL-1.2
"""The benchmarks' own arithmetic: what a run costs, ratios by round, the table in the page."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.measure import Row, run
from benchmarks.report import table, write


def test_the_cost_of_a_command_is_that_of_its_whole_tree() -> None:
    busy = "import time\nwhile time.process_time() < 0.2: pass"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}], check=True)"
    cost = run([sys.executable, "-c", child + "; print('said')"])
    assert cost.cpu >= 0.2
    assert cost.wall > 0
    assert cost.peak > 1
    assert cost.out == "said\n"


def test_a_command_that_fails_ends_the_run_with_its_words() -> None:
    with pytest.raises(RuntimeError, match="no such thing"):
        run([sys.executable, "-c", "import sys; sys.exit('no such thing')"])


def test_ratios_are_taken_round_by_round() -> None:
    row = Row("a", "s", [2.0, 9.0, 8.0], [1.0, 3.0, 2.0], "peer", 3.0)
    assert row.ratio == 3.0  # not 8 / 2
    assert row.is_met
    assert not Row("a", "s", [2.0], [1.0], "peer", 1.9).is_met


def test_a_goal_without_a_peer_is_one_for_the_value_itself() -> None:
    row = Row("a", "MiB", [50.0, 70.0, 61.0], goal=60.0)
    assert row.ratio is None
    assert row.is_met is False
    assert table([row])[-1] == "| a | 61.0 MiB (50.0 to 70.0) | — | — | ≤ 60 MiB | **no** |"


def test_a_new_run_replaces_the_last_one_in_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nafter\n")
    write(page, ["new", "er"])
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "new\ner" in text
    assert "old" not in text
    write(page, ["newest"])
    assert page.read_text().count("measured: begin") == 1


def test_a_page_without_marks_is_left_as_it_is(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing to replace\n")
    with pytest.raises(ValueError, match="marks"):
        write(page, ["new"])
    assert page.read_text() == "nothing to replace\n"
