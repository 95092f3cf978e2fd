# SPDX-License-Identifier: EUPL-1.2
"""The lines that keys stand in."""

from __future__ import annotations

import time
import tomllib

from hypothesis import given
from hypothesis import strategies as st

from recorder.config.lines import find_lines, line_of

TEXT = """\
# a comment with = and [brackets]
language = "da"   # trailing = comment

[capture]
rate = 1
'depth' = 2
"chan nels" = 3

[ archive . folder ]  # spaces
path = "a # b ] [x] = 1"
  indented = 1

[archive]
text = \"\"\"
attempts = 99
[locked]
\\\"\"\" still text
\"\"\"
raw = '''
keys = 1
'''
attempts = 4
list = [
  "a = 1",  # ] comment
  [ "[b]" ],
]
inline = { x = 1, y = { z = 2 } }
dotted.key.deep = 7
[[tool]]
name = 1

[[tool]]
name = 2
"""


def test_keys_are_found_in_their_lines() -> None:
    tomllib.loads(TEXT)  # the text is what the scan promises to understand
    lines = find_lines(TEXT)
    number = {text.strip(): n for n, text in enumerate(TEXT.splitlines(), start=1)}
    expected = {
        ("language",): 2,
        ("capture",): number["[capture]"],
        ("capture", "rate"): number["rate = 1"],
        ("capture", "depth"): number["'depth' = 2"],
        ("capture", "chan nels"): number['"chan nels" = 3'],
        ("archive", "folder", "path"): number['path = "a # b ] [x] = 1"'],
        ("archive", "folder", "indented"): number["indented = 1"],
        ("archive",): number["[archive]"],
        ("archive", "text"): number['text = """'],
        ("archive", "attempts"): number["attempts = 4"],
        ("archive", "list"): number["list = ["],
        ("archive", "dotted", "key", "deep"): number["dotted.key.deep = 7"],
        ("tool", 0, "name"): number["name = 1"],
        ("tool", 1, "name"): number["name = 2"],
    }
    assert {keys: lines.get(keys) for keys in expected} == expected
    assert ("locked",) not in lines
    assert ("archive", "keys") not in lines


def test_what_has_no_line_of_its_own_gets_that_of_its_parent() -> None:
    lines = find_lines(TEXT)
    assert line_of(lines, ("archive", "inline", "y", "z")) == lines["archive", "inline"]
    assert line_of(lines, ("archive", "list", 1)) == lines["archive", "list"]
    assert line_of(lines, ("nowhere",)) is None
    assert line_of(lines, ()) is None


def test_windows_line_ends_count_once() -> None:
    assert find_lines("a = 1\r\n\r\n[b]\r\nc = 2\r\n") == {("a",): 1, ("b",): 3, ("b", "c"): 4}


names = st.text("abcdefghij", min_size=1, max_size=4)
values = st.sampled_from(
    [
        "1",
        '"x"',
        "[1,\n 2]",
        '"""\na = 1\n"""',
        "'''\n[t]\n'''",
        '"\\"["',
        "{ q = 1 }",
        "1979-05-27",
    ]
)


@given(st.dictionaries(names, st.dictionaries(names, values, max_size=4), max_size=4))
def test_every_generated_key_is_found_where_it_was_written(
    tables: dict[str, dict[str, str]],
) -> None:
    text, expected = "", {}
    for table, keys in tables.items():
        text += f"\n# [no]\n[{table}]\n"
        expected[table,] = text.count("\n")
        for key, value in keys.items():
            text += f"{key} = {value} # c = 1\n"
            expected[table, key] = text.count("\n") - value.count("\n")
    tomllib.loads(text)
    assert find_lines(text) == expected


@given(st.text(alphabet="ab=[]{}\"'.# \n\\", max_size=60))
def test_no_text_stops_the_scan(text: str) -> None:
    find_lines(text)


def test_hostile_text_is_scanned_quickly() -> None:
    started = time.process_time()
    for text in ("a" * 250_000, 'a = "' + '\\"' * 120_000, "a = [" * 50_000, "a." * 120_000):
        find_lines(text)
    find_lines("a = 1\n" * 40_000)
    assert time.process_time() - started < 5
