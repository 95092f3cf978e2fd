# SPDX-License-Identifier: EUPL-1.2
"""Content that is wrong never passes in full, so no server can hold a complete wrong document."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esdh_adapter.content import BLOCK_BYTES, CheckedContent
from esdh_adapter.driver import Sha256Hex
from esdh_adapter.errors import ContentMismatchError
from esdh_adapter.testing import in_blocks, make_document


@given(st.lists(st.binary(max_size=20), max_size=20))
def test_right_content_passes_unchanged(blocks: list[bytes]) -> None:
    whole = b"".join(blocks)
    assert b"".join(CheckedContent(blocks, make_document(whole), None)) == whole


def drain(content: CheckedContent, passed: list[int]) -> None:
    for block in content:
        passed.append(len(block))  # noqa: PERF401 - what passed before the error is wanted


@pytest.mark.parametrize("size", [1, 1000, BLOCK_BYTES, 3 * BLOCK_BYTES + 1])
def test_content_with_another_hash_never_passes_in_full(size: int) -> None:
    content = bytes(size)
    document = replace(make_document(content), sha256=Sha256Hex("0" * 64))
    checked = CheckedContent(in_blocks(content), document, None)
    passed: list[int] = []
    with pytest.raises(ContentMismatchError):
        drain(checked, passed)
    assert sum(passed) < size
    assert isinstance(checked.error, ContentMismatchError)


def test_endless_content_is_stopped() -> None:
    document = make_document(b"x" * (2 * BLOCK_BYTES))
    passed: list[int] = []
    with pytest.raises(ContentMismatchError):
        drain(CheckedContent(itertools.repeat(b"x" * 1000), document, None), passed)
    assert sum(passed) < document.size


def test_small_blocks_are_put_together() -> None:
    content = b"x" * (2 * BLOCK_BYTES + 5)
    sizes = [len(b) for b in CheckedContent(in_blocks(content, 4096), make_document(content), None)]
    assert sizes == [BLOCK_BYTES, BLOCK_BYTES, 5]
