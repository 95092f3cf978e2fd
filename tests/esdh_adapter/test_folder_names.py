# SPDX-License-Identifier: EUPL-1.2
"""Names in a folder archive are safe, reversible and distinct."""

from __future__ import annotations

from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esdh_adapter.driver import CaseNumber
from esdh_adapter.errors import NotFoundError
from esdh_adapter.folder_names import (
    case_directory,
    checked_case_number,
    is_case_directory,
    is_file_name,
    is_set_id,
)

SAFE = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-%~")


@given(st.text(max_size=110))
def test_every_accepted_number_has_a_safe_folder_name_that_leads_back(text: str) -> None:
    try:
        number = checked_case_number(text)
    except NotFoundError:
        return
    name = case_directory(number)
    assert set(name) <= SAFE
    assert is_case_directory(name)
    assert 0 < len(name) <= 255
    assert name not in {".", ".."}
    assert not name.startswith(".")
    assert not name.endswith(".")
    assert "~" in name or unquote(name) == number


@given(st.lists(st.text(alphabet="æøåAa./ ~%41", min_size=1, max_size=100), unique=True))
def test_different_numbers_have_different_folders(texts: list[str]) -> None:
    names = set()
    numbers = set()
    for text in texts:
        try:
            number = checked_case_number(text)
        except NotFoundError:
            continue
        numbers.add(number)
        names.add(case_directory(number))
    assert len(names) == len(numbers)


@pytest.mark.parametrize(
    "number", ["27.27.27-G01-5-26", "24/00027", "2022 - 1172", "GEO-2022-033830", "S2022-12345"]
)
def test_usual_numbers_are_plainly_percent_encoded(number: str) -> None:
    assert case_directory(CaseNumber(number)) == quote(number, safe="")


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (".", "%2E"),
        ("..", "%2E%2E"),
        (".a", "%2Ea"),
        ("a.", "a%2E"),
        ("CON", "%43ON"),
        ("nul.txt", "%6Eul.txt"),
        ("a b", "a%20b"),
        ("~", "%7E"),
        ("COM1.2026", "%43OM1.2026"),
        ("console", "console"),
    ],
)
def test_awkward_numbers(number: str, name: str) -> None:
    assert case_directory(CaseNumber(number)) == name
    assert unquote(name) == number


@pytest.mark.parametrize(
    "name", ["recording-001.flac", "evidence.asice", "Møde nr. 2 (æøå).m4a", "SHA256SUMS", "a"]
)
def test_file_names_that_are_taken(name: str) -> None:
    assert is_file_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", ".meta", " a", "a ", "a.", "a/b", "a\\b", "a:b", "a*", "a?", 'a"', "a|b"),
        *("con", "NUL.txt", "lpt1.flac", "com¹", "a\0", "a\n", "a\u202egpj.exe", "x" * 201),
        *("ø" * 101, "\udcff", "con .txt"),
    ],
)
def test_file_names_that_are_refused(name: str) -> None:
    assert not is_file_name(name)


@pytest.mark.parametrize("text", ["", ".", "a.b", "a/b", "-a", "con", "x" * 65, "æ"])
def test_set_ids_that_are_refused(text: str) -> None:
    assert not is_set_id(text)
