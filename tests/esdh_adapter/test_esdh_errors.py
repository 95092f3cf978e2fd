# SPDX-License-Identifier: EUPL-1.2
"""The tree of errors is whole, and its texts can be translated."""

from __future__ import annotations

import errno
from collections.abc import Iterator

import pytest

import esdh_adapter
from esdh_adapter import errors
from esdh_adapter.errors import EsdhError, UnknownOutcomeError
from esdh_adapter.folder_errors import translated


def tree(base: type[EsdhError] = EsdhError) -> Iterator[type[EsdhError]]:
    for each in base.__subclasses__():
        yield each
        yield from tree(each)


OURS = [each for each in tree() if each.__module__ == errors.__name__]


def test_reasons_are_unique_and_stand_in_the_drawn_tree() -> None:
    assert len({each.reason for each in OURS}) == len(OURS) >= 10
    for each in OURS:
        assert f"{each.__name__} " in (errors.__doc__ or "")
        assert f" {each.reason} " in (errors.__doc__ or "")


@pytest.mark.parametrize("kind", OURS)
def test_every_error_has_a_title_and_says_what_to_do(kind: type[EsdhError]) -> None:
    assert kind.title != EsdhError.title
    assert kind.advice.endswith(".")
    assert kind().detail == ""
    assert str(kind("why")) == "why"


def test_a_message_keeps_its_id_and_its_values_apart() -> None:
    error = UnknownOutcomeError("{found} of {expected}", found="{x}", expected=2)
    assert error.detail == "{x} of 2"
    assert error.sentence.message == "{found} of {expected}"


@pytest.mark.parametrize(
    ("code", "reason", "words"),
    [
        (errno.ENOSPC, "unavailable", "disk is full"),
        (errno.EDQUOT, "unavailable", "disk is full"),
        (errno.EACCES, "denied", "may not use"),
        (errno.EROFS, "denied", "write-protected"),
        (errno.ENOENT, "unavailable", "network drive"),
        (errno.ESTALE, "unavailable", "ESTALE"),
        (errno.EFBIG, "refused", "does not take"),
    ],
)
def test_what_the_system_says_is_put_into_words_without_paths(
    code: int, reason: str, words: str
) -> None:
    error = translated(OSError(code, "strerror", "/archive/24%2F00027/x"))
    assert error.reason == reason
    assert words in error.detail
    assert "00027" not in str(error)


def test_the_package_lists_what_it_offers_in_order() -> None:
    assert sorted(esdh_adapter.__all__) == esdh_adapter.__all__
