# SPDX-License-Identifier: EUPL-1.2
"""Every word that a person sees is there in Danish, with everything that belongs into it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from recorder.documents import phrases
from recorder.errors import RecorderError
from recorder.words import _, ngettext, printable, use_language
from scripts.words import CATALOGUE, extract, messages_in, placeholders, problems_of, read, write


def test_the_danish_catalogue_is_complete_and_compiled() -> None:
    compiled = CATALOGUE.with_suffix(".mo").read_bytes()
    assert problems_of(extract(), read(), compiled) == [], "run `make words`"


def _catalogue(danish: str = "", *, fuzzy: bool = False) -> Catalog:
    catalogue = Catalog(locale="da")
    catalogue.add("{number} files", danish, flags=["fuzzy"] if fuzzy else [])
    return catalogue


@pytest.mark.parametrize(
    ("danish", "problem"),
    [
        (_catalogue(), "no Danish"),
        (_catalogue("{number} filer", fuzzy=True), "no Danish"),
        (Catalog(locale="da"), "no Danish"),
        (_catalogue("{antal} filer"), "other placeholders"),
        (_catalogue("{number filer"), "other placeholders"),
    ],
)
def test_a_bad_translation_is_told(tmp_path: Path, danish: Catalog, problem: str) -> None:
    compiled = write(danish, tmp_path / "catalogue.po")
    assert [found for found in problems_of(_catalogue(), danish, compiled) if problem in found]


def test_a_stale_compiled_catalogue_is_told(tmp_path: Path) -> None:
    old = write(_catalogue("{number} arkiver"), tmp_path / "catalogue.po")
    assert problems_of(_catalogue(), _catalogue("{number} filer"), old) == [
        "the .mo is not what the .po says: run `make words`"
    ]


def test_an_unused_message_is_told(tmp_path: Path) -> None:
    danish = _catalogue("{number} filer")
    compiled = write(danish, tmp_path / "catalogue.po")
    assert problems_of(Catalog(), danish, compiled) == ["unused: '{number} files'"]


def test_writing_a_catalogue_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.po"
    write(_catalogue("{number} filer"), path)
    first = path.read_bytes()
    write(read(path), path)
    assert path.read_bytes() == first


def test_messages_are_found_wherever_python_lets_them_stand() -> None:
    source = (
        'f"{_(\'one\')}"\nN_("two "\n   "lines")\nngettext("{n} file", "{n} files", n)\n_(name)'
    )
    assert {message for _line, message in messages_in(source)} == {
        "one",
        "two lines",
        ("{n} file", "{n} files"),
    }


def test_an_f_string_cannot_be_marked() -> None:
    with pytest.raises(ValueError, match="line 1: an f-string"):
        list(messages_in('_(f"{number} files")'))


def test_a_format_is_part_of_a_place() -> None:
    assert placeholders("U+{code:04X}") != placeholders("U+{code}")
    assert placeholders("%Y at %H") == placeholders("kl. %H i %Y") != set()


def test_danish_is_spoken_where_danish_is_chosen() -> None:
    use_language("da")
    assert _(RecorderError.title) == "Noget gik galt"
    assert phrases.moment(dt.datetime(2026, 3, 2, 10, 5).astimezone()) == "02-03-2026 kl. 10.05"


def test_an_unknown_language_is_english() -> None:
    use_language("xx")
    assert _("Something went wrong") == "Something went wrong"
    assert ngettext("one file", "files", 2) == "files"


def test_no_text_is_no_text() -> None:
    # gettext answers the empty message with its catalogue's header.
    use_language("da")
    assert _("") == ""


@pytest.mark.parametrize("bad", ["\x1b[2J", "\u202e", "\u2066", "\x00", "\r\n", "\ud800"])
def test_text_from_outside_is_shown_without_control_characters(bad: str) -> None:
    shown = printable(f"a{bad}b")
    assert "\N{REPLACEMENT CHARACTER}" in shown
    assert not set(bad) - set("[2J") & set(shown)


def test_text_from_outside_is_shown_bounded() -> None:
    assert printable("a" * 600, limit=5) == "aaaaa…"
