# SPDX-License-Identifier: EUPL-1.2
"""What is typed into a withdrawal or a discard becomes a document: it is checked like a meeting."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recorder.cli.asked import Question, answers
from recorder.errors import UsageError

QUESTIONS = {"reason": Question("Why", 20), "facts": Question("What", 40, is_multiline=True)}


def given(directory: Path, **said: str) -> dict[str, str]:
    file = directory / "answers.json"
    file.write_text(json.dumps(said), encoding="utf-8")
    return answers(str(file), QUESTIONS)


def test_facts_may_have_lines_and_what_is_left_out_is_empty(tmp_path: Path) -> None:
    assert given(tmp_path, facts="Åse\nsaid\tso") == {"reason": "", "facts": "Åse\nsaid\tso"}


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("reason", "two\nlines"),
        ("reason", "\x1b[2J"),
        ("reason", "x" * 21),
        ("facts", "a \u202e b"),
        ("facts", "null \x00"),
        ("facts", "x" * 41),
    ],
)
def test_what_cannot_be_seen_or_is_too_long_is_named(tmp_path: Path, key: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        given(tmp_path, **{key: said})
    (problem,) = caught.value.problems
    assert problem.startswith(f"{key}: ")


def test_every_problem_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        given(tmp_path, reason="\x07", facts="\x07")
    assert len(caught.value.problems) == 2
