# SPDX-License-Identifier: EUPL-1.2
"""The index of a folder archive is a hint: whatever happens to it, searches stay right."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from esdh_adapter.driver import CaseNumber, Document
from esdh_adapter.folder import FolderDriver, FolderSettings
from esdh_adapter.folder_index import FILE_NAME, FolderIndex
from esdh_adapter.store import RetryPolicy, Store
from esdh_adapter.testing import make_document, put

FIRST, SECOND = CaseNumber("case-1"), CaseNumber("case-2")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "archive"
    root.mkdir()
    return root


@pytest.fixture
def store(root: Path) -> Store:
    return Store(lambda: FolderDriver(FolderSettings(root)), retry=RetryPolicy(attempts=1))


@pytest.fixture
def document(store: Store) -> Document:
    document = make_document(b"indexed")
    put(store, store.find_case(FIRST), document, b"indexed")
    return document


def hinted(root: Path, set_id: str) -> list[str] | None:
    return FolderIndex(root, list).case_directories(set_id)


def remove(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def fill_with_noise(path: Path) -> None:
    path.write_bytes(b"not a database " * 1000)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def cut_at_a_page(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096])


def drop_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE sets")
        connection.commit()


def forget_rows(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM sets")
        connection.commit()


def name_another_case(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE sets SET case_directory = '../../etc'")
        connection.commit()


DAMAGES = [
    remove,
    empty,
    fill_with_noise,
    cut,
    cut_at_a_page,
    drop_table,
    forget_rows,
    name_another_case,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_set_is_found_whatever_the_index_is_like_and_the_index_is_repaired(
    root: Path, store: Store, document: Document, damage: Callable[[Path], None]
) -> None:
    damage(root / FILE_NAME)
    assert [each.key for each in store.find_set(document.set_id)] == [document.key]
    assert hinted(root, document.set_id) == [str(FIRST)]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_document_is_stored_and_found_whatever_the_index_is_like(
    root: Path, store: Store, document: Document, damage: Callable[[Path], None]
) -> None:
    damage(root / FILE_NAME)
    second = make_document(b"second", set_id=document.set_id, name="second.txt")
    put(store, store.find_case(SECOND), second, b"second")
    found = {each.key for each in store.find_set(document.set_id)}
    # An index that lost its rows without a trace is the one thing that is not noticed.
    assert found == ({second.key} if damage is forget_rows else {document.key, second.key})


def test_a_locked_index_stops_nobody_and_is_caught_up_later(
    root: Path, store: Store, document: Document
) -> None:
    with closing(sqlite3.connect(root / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        second = make_document(b"second", set_id=document.set_id, name="second.txt")
        put(store, store.find_case(SECOND), second, b"second")
        assert len(store.find_set(document.set_id)) == 2
        other.execute("ROLLBACK")
    assert hinted(root, document.set_id) is None
    assert len(store.find_set(document.set_id)) == 2
    assert sorted(hinted(root, document.set_id) or []) == [str(FIRST), str(SECOND)]


def test_a_case_folder_that_was_renamed_by_hand_is_found_again(
    root: Path, store: Store, document: Document
) -> None:
    (root / FIRST).rename(root / "moved")
    [found] = store.find_set(document.set_id)
    assert found.handle.startswith("moved/")
    assert "moved" in (hinted(root, document.set_id) or [])


def test_a_set_is_noted_before_its_first_document_has_its_name(root: Path, store: Store) -> None:
    document = make_document(b"late")

    def content() -> list[bytes]:
        return [b"not what was sealed"]

    with pytest.raises(Exception, match="sealed"):
        store.put(store.find_case(FIRST), document, content, intended=None)
    assert hinted(root, document.set_id) == [str(FIRST)]
    assert store.find_set(document.set_id) == []
