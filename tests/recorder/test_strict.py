# SPDX-License-Identifier: EUPL-1.2
"""Strict conversion: every problem, each at its place, and nothing guessed."""

from __future__ import annotations

import datetime as dt
import enum
import json
import time
from typing import Annotated, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from recorder.strict import (
    DROP,
    MOST_PROBLEMS,
    Problem,
    convert_all,
    decode_all,
    mended,
    parse_json,
    show_path,
)


class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


def _even(value: object) -> str | None:
    return None if isinstance(value, int) and value % 2 == 0 else "must be even"


class Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    colour: Colour
    when: Annotated[dt.datetime, Meta(tz=True)] | None = None


class Tree(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(max_length=5)]
    leaves: Annotated[tuple[Leaf, ...], Meta(min_length=1, max_length=3)]
    size: Annotated[int, Meta(ge=0, le=9, extra={"rule": _even})] = 0
    channels: Literal[1, 2] = 1
    alive: bool = True
    text: Annotated[str, Meta(extra={"multiline": True})] = ""


SOUND = {"name": "oak", "leaves": [{"colour": "red", "when": "2026-03-02T10:15:00+01:00"}]}


def problems_of(**changes: object) -> dict[str, str]:
    _tree, problems = convert_all({**SOUND, **changes}, Tree)
    return {problem.path: problem.message for problem in problems}


def test_a_sound_value_is_converted() -> None:
    tree, problems = convert_all(SOUND, Tree)
    assert problems == []
    assert tree is not None
    assert tree.leaves[0].colour is Colour.RED
    assert tree.leaves[0].when == dt.datetime(2026, 3, 2, 9, 15, tzinfo=dt.UTC)


def test_every_problem_is_listed_with_its_path() -> None:
    value = {
        "name": "much too long",
        "leaves": [{"colour": "red"}, {"colour": "blu"}, {"colour": "green", "when": "today"}],
        "size": 3,
        "channels": 3,
        "alive": "yes",
        "nmae": "x",
    }
    tree, problems = convert_all(value, Tree)
    assert tree is None
    assert {problem.path for problem in problems} == {
        "name",
        "leaves[1].colour",
        "leaves[2].when",
        "size",
        "channels",
        "alive",
        "nmae",
    }


def test_an_unknown_key_names_the_one_that_was_meant() -> None:
    assert 'did you mean "size"?' in problems_of(siez=1)["siez"]


def test_a_misspelled_choice_names_the_one_that_was_meant() -> None:
    message = problems_of(leaves=[{"colour": "grene"}])["leaves[0].colour"]
    assert message == 'must be one of: red, green; did you mean "green"?'


def test_a_missing_key_says_what_it_must_be() -> None:
    _tree, problems = convert_all({"name": "oak"}, Tree)
    assert [str(problem) for problem in problems] == ["leaves: is missing; it must be a list"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("size", True),
        ("size", False),
        ("size", "2"),
        ("size", 2.0),
        ("size", 10),
        ("size", -2),
        ("size", None),
        ("channels", True),
        ("channels", 1.0),
        ("channels", "1"),
        ("alive", 1),
        ("name", 7),
        ("name", None),
        ("leaves", {}),
        ("leaves", "red"),
        ("leaves", []),
        ("leaves", [None]),
    ],
)
def test_no_type_is_guessed(key: str, value: object) -> None:
    assert [path.split("[")[0] for path in problems_of(**{key: value})] == [key]


@pytest.mark.parametrize(
    "when", ["2026-03-02T10:15:00", "2026-03-02", 0, 1.5, "", "2026-02-30T10:00:00Z", True]
)
def test_an_instant_without_time_zone_or_meaning_is_refused(when: object) -> None:
    problems = problems_of(leaves=[{"colour": "red", "when": when}])
    assert "with time zone" in problems["leaves[0].when"]


@pytest.mark.parametrize(
    "character", ["\n", "\x00", "\x1b", "\u202e", "\u2066", "\u200b", "\ufeff", "\ud800", "\u2028"]
)
def test_invisible_characters_are_refused_and_named(character: str) -> None:
    message = problems_of(name="a" + character)["name"]
    assert f"U+{ord(character):04X}" in message
    assert "place 2" in message


def test_joiners_that_names_are_spelled_with_are_allowed() -> None:
    assert problems_of(name="ن\u200cم") == {}


def test_line_breaks_are_allowed_where_the_type_says_so() -> None:
    assert problems_of(text="a\n\tb") == {}
    assert problems_of(text="a\x1bb") != {}


def test_messages_do_not_repeat_the_value() -> None:
    problems = problems_of(name="secretive-name", size="secretive-name", leaves=["secretive-name"])
    assert len(problems) == 3
    assert not any("secretive" in message for message in problems.values())


def test_a_long_list_is_refused_without_reading_it_all() -> None:
    problems = problems_of(leaves=[{}] * 100_000)
    assert problems["leaves"] == "has 100000 entries; allowed: at most 3"
    assert len(problems) == 4


def test_the_list_of_problems_is_bounded() -> None:
    started = time.process_time()
    problems = problems_of(**{f"key{number}": 0 for number in range(50_000)})
    assert len(problems) == MOST_PROBLEMS
    assert time.process_time() - started < 5


def test_hostile_keys_are_shown_harmlessly() -> None:
    _tree, problems = convert_all({**SOUND, "\x1b[31m" + "x" * 500: 1}, Tree)
    assert "\x1b" not in problems[0].path
    assert len(problems[0].path) < 80


def test_a_name_stands_in_front_of_each_path() -> None:
    _tree, problems = convert_all({"name": "oak", "leaves": [{}]}, Tree, name="tree")
    assert [problem.path for problem in problems] == ["tree.leaves[0].colour"]
    assert show_path((), "tree") == "tree"


def test_a_type_that_is_not_known_is_a_mistake_of_the_program() -> None:
    class Odd(msgspec.Struct):
        values: dict[str, int]

    with pytest.raises(TypeError, match="not supported"):
        convert_all({"values": {}}, Odd)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "name": json_values | st.just("oak"),
            "leaves": json_values | st.just([{"colour": "red"}]),
            "size": json_values | st.integers(-1, 10),
            "channels": json_values,
            "alive": json_values,
            "text": json_values,
        },
    )
    | json_values
)
def test_what_passes_here_passes_msgspec_and_the_other_way_problems_are_told(
    value: object,
) -> None:
    tree, problems = convert_all(value, Tree)
    assert (tree is None) == bool(problems)
    if tree is not None:
        assert msgspec.convert(value, Tree) == tree


# --- JSON -----------------------------------------------------------------------------------------


def only_message(data: bytes) -> str:
    parsed = parse_json(data)
    assert not parsed.is_json
    (problem,) = parsed.problems
    return problem.message


def test_json_is_read_and_converted() -> None:
    tree, problems = decode_all(b"\xef\xbb\xbf" + json.dumps(SOUND).encode(), Tree)
    assert problems == []
    assert tree is not None
    assert tree.name == "oak"


def test_broken_json_names_line_and_column() -> None:
    assert "line 2, column 9" in only_message(b'{\n "name" "oak"}')


@pytest.mark.parametrize("data", [b"", b" ", b"nul", b'{"a":1,}', b"{'a':1}", b'{"a":1} x'])
def test_what_is_not_json_is_one_problem(data: bytes) -> None:
    assert "is not valid JSON" in only_message(data)


@pytest.mark.parametrize("data", [b"NaN", b'{"a": Infinity}', b"[-Infinity]", b"1" * 5000])
def test_numbers_that_json_does_not_have_are_refused(data: bytes) -> None:
    assert "number" in only_message(data)


def test_json_that_is_not_utf8_is_refused() -> None:
    assert "byte 2" in only_message(b'{"\xe6":1}')


def test_json_beyond_the_size_limit_is_refused() -> None:
    assert "larger than" in only_message(b" " * ((1 << 20) + 1))


@pytest.mark.parametrize("data", [b"[" * 500_000, b'{"a":' * 100_000, b'["]"' + b",[" * 500_000])
def test_deep_nesting_is_refused_quickly(data: bytes) -> None:
    started = time.process_time()
    assert "nested" in only_message(data)
    assert time.process_time() - started < 5


def test_brackets_inside_texts_are_not_nesting() -> None:
    assert parse_json(json.dumps(["[" * 500, '\\"[' * 500]).encode()).problems == []


def test_an_unclosed_text_does_not_make_the_reader_slow() -> None:
    started = time.process_time()
    assert "is not valid JSON" in only_message(b'"' + b'\\"' * 500_000)
    assert time.process_time() - started < 5


def test_duplicate_keys_are_refused_at_any_depth() -> None:
    tree, problems = decode_all(
        b'{"name":"a","name":"b","leaves":[{"colour":"red","colour":"red"}]}', Tree
    )
    assert tree is None
    assert [problem.path for problem in problems] == ["colour", "name"]


# --- mending --------------------------------------------------------------------------------------


def test_mending_replaces_and_drops_in_the_right_places() -> None:
    value = {"a": [0, 1, 2, 3], "b": {"c": 1}, "d": 1}
    problems = [
        Problem("", "", ("a", 1)),
        Problem("", "", ("a", 3)),
        Problem("", "", ("b", "c")),
        Problem("", "", ("d",), is_unknown_key=True),
        Problem("", "", ("e", "f")),
    ]
    new = mended(value, problems, lambda one: DROP if one.keys[0] in "ad" else "new")
    assert new == {"a": [0, 2], "b": {"c": "new"}}
    assert value == {"a": [0, 1, 2, 3], "b": {"c": 1}, "d": 1}


@given(json_values)
def test_mending_never_fails_on_what_the_walk_found(value: object) -> None:
    _tree, problems = convert_all(value, Tree)
    mended(value, problems, lambda _problem: DROP)
