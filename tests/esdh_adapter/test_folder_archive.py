# SPDX-License-Identifier: EUPL-1.2
"""What a folder archive looks like from outside, and what it makes of what others did to it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from esdh_adapter.driver import CaseNumber, Document, StoredDocument
from esdh_adapter.errors import (
    CaseClosedError,
    ConflictError,
    CorruptError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from esdh_adapter.folder import CLOSED_MARK, FolderDriver, FolderSettings
from esdh_adapter.store import RetryPolicy, Store
from esdh_adapter.testing import make_document, put

NUMBER = CaseNumber("24/00027 æ")
FOLDER = "24%2F00027%20%C3%A6"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "archive"
    root.mkdir()
    return root


@pytest.fixture
def store(root: Path) -> Store:
    return Store(lambda: FolderDriver(FolderSettings(root)), retry=RetryPolicy(attempts=1))


@pytest.fixture
def document() -> Document:
    return make_document(b"content", set_id="abc123")


@pytest.fixture
def stored(store: Store, document: Document) -> StoredDocument:
    return put(store, store.find_case(NUMBER), document, b"content")


def sidecar_of(root: Path) -> Path:
    return root / FOLDER / "abc123" / ".meta" / "recording-001.flac.json"


def test_a_document_lies_where_a_person_looks_for_it(
    root: Path, store: Store, stored: StoredDocument, document: Document
) -> None:
    path = root / FOLDER / "abc123" / "recording-001.flac"
    assert path.read_bytes() == b"content"
    assert store.place(stored) == str(path)
    known = json.loads(sidecar_of(root).read_text(encoding="utf-8"))
    assert known["case"] == NUMBER
    assert known["key"] == document.key
    assert known["sha256"] == document.sha256


def test_a_case_is_closed_by_a_file_and_still_shows_its_documents(
    root: Path, store: Store, stored: StoredDocument, document: Document
) -> None:
    (root / FOLDER / CLOSED_MARK).touch()
    case = store.find_case(NUMBER)
    assert not case.is_open
    with pytest.raises(CaseClosedError):
        put(store, case, make_document(b"late"), b"late")
    assert store.read_back(stored, expected=document).size == document.size


@pytest.mark.parametrize("number", ["", "   ", "a\nb", "a\u202eb", "x" * 101, "\ud800"])
def test_what_cannot_be_a_case_number_is_not_found(store: Store, number: str) -> None:
    with pytest.raises(NotFoundError):
        store.find_case(CaseNumber(number))


def test_the_same_number_in_two_unicode_forms_is_one_case(store: Store) -> None:
    composed = store.find_case(CaseNumber("\u00c5-1"))
    assert store.find_case(CaseNumber("A\u030a-1")) == composed


@pytest.mark.parametrize("set_id", ["", "..", "a/b", ".meta", "con", "ø", "x" * 65])
def test_a_set_id_that_is_no_folder_name_is_refused(store: Store, set_id: str) -> None:
    document = make_document(b"x", set_id=set_id or "/")
    with pytest.raises(RefusedError):
        put(store, store.find_case(NUMBER), document, b"x")
    assert store.find_set(set_id) == []


def test_a_key_of_another_set_is_refused(store: Store) -> None:
    theirs = make_document(b"x").key
    document = make_document(b"x")
    wrong = Document(**{**document.__dict__, "key": theirs})
    with pytest.raises(RefusedError, match="does not begin"):
        put(store, store.find_case(NUMBER), wrong, b"x")


@pytest.mark.parametrize(
    "handle", ["", "a/b", "../../x", "a/../b", "/a/b/c", f"{FOLDER}/abc123/.meta"]
)
def test_a_handle_from_elsewhere_leads_nowhere(
    store: Store, stored: StoredDocument, handle: str
) -> None:
    foreign = StoredDocument(**{**stored.__dict__, "handle": handle})
    with pytest.raises(NotFoundError):
        store.fetch_hash(foreign)
    with pytest.raises(NotFoundError):
        store.delete(foreign)


def test_a_file_that_was_cut_short_is_corrupt_and_never_sent_again(
    root: Path, store: Store, stored: StoredDocument, document: Document
) -> None:
    (root / FOLDER / "abc123" / "recording-001.flac").write_bytes(b"cont")
    with pytest.raises(CorruptError, match="cut short: 4 of 7 bytes"):
        store.read_back(stored, expected=document)
    with pytest.raises(ConflictError, match="another size"):
        put(store, store.find_case(NUMBER), document, b"content")
    with pytest.raises(ConflictError, match="another size"):
        store.put(store.find_case(NUMBER), document, list, intended=document.created)


def test_a_file_that_was_altered_is_corrupt(
    root: Path, store: Store, stored: StoredDocument, document: Document
) -> None:
    (root / FOLDER / "abc123" / "recording-001.flac").write_bytes(b"cOntent")
    with pytest.raises(CorruptError, match="other bytes"):
        store.read_back(stored, expected=document)


@pytest.mark.parametrize("damage", [b"", b"{", b"{}", b"\xff" * 9, b'{"schema":"x"}', b" " * 70000])
def test_a_damaged_sidecar_hides_the_document_and_nothing_is_overwritten(
    root: Path, store: Store, stored: StoredDocument, document: Document, damage: bytes
) -> None:
    sidecar_of(root).write_bytes(damage)
    with pytest.raises(NotFoundError):
        store.read_back(stored, expected=document)
    with pytest.raises(ConflictError):
        put(store, store.find_case(NUMBER), document, b"content")
    assert (root / FOLDER / "abc123" / "recording-001.flac").read_bytes() == b"content"


def test_a_damaged_sidecar_without_a_document_is_in_nobodys_way(
    root: Path, store: Store, document: Document
) -> None:
    sidecar_of(root).parent.mkdir(parents=True)
    sidecar_of(root).write_bytes(b"{")
    stored = put(store, store.find_case(NUMBER), document, b"content")
    assert store.read_back(stored, expected=document).size == document.size


def test_a_name_that_another_document_claims_is_not_taken(
    root: Path, store: Store, stored: StoredDocument
) -> None:
    (root / FOLDER / "abc123" / "recording-001.flac").unlink()
    other = make_document(b"other", set_id="abc123")
    with pytest.raises(ConflictError, match="or was begun"):
        put(store, store.find_case(NUMBER), other, b"other")


def test_a_foreign_file_of_the_name_is_not_overwritten(
    root: Path, store: Store, document: Document
) -> None:
    path = root / FOLDER / "abc123" / "recording-001.flac"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"foreign")
    with pytest.raises(ConflictError):
        put(store, store.find_case(NUMBER), document, b"content")
    assert path.read_bytes() == b"foreign"


def test_a_link_in_place_of_a_document_is_not_followed(
    root: Path, tmp_path: Path, store: Store, stored: StoredDocument, document: Document
) -> None:
    path = root / FOLDER / "abc123" / "recording-001.flac"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotFoundError):
        store.read_back(stored, expected=document)
    with pytest.raises(ConflictError):
        put(store, store.find_case(NUMBER), document, b"content")


def test_what_dead_processes_left_is_removed_after_a_day(
    root: Path, store: Store, document: Document
) -> None:
    folder = root / FOLDER / "abc123"
    (folder / ".meta").mkdir(parents=True)
    old = (datetime.now(UTC) - timedelta(hours=25)).timestamp()
    left = [folder / ".a.flac.0a1b.partial", folder / ".meta" / ".a.flac.json.0a1b.partial"]
    for path in left:
        path.touch()
        os.utime(path, (old, old))
    young = folder / ".b.flac.0a1b.partial"
    young.touch()
    put(store, store.find_case(NUMBER), document, b"content")
    assert [path.exists() for path in left] == [False, False]
    assert young.exists()


def test_a_share_that_is_gone_is_unavailable_and_is_not_made_anew(
    root: Path, store: Store, stored: StoredDocument, document: Document
) -> None:
    case = store.find_case(NUMBER)
    root.rename(root.with_name("gone"))
    calls: list[Callable[[], object]] = [
        lambda: store.find_case(NUMBER),
        lambda: put(store, case, document, b"content"),
        lambda: store.find_set("abc123"),
        lambda: store.read_back(stored, expected=document),
        lambda: list(store.enumerate()),
        lambda: store.journalise(stored),
        lambda: store.delete(stored),
    ]
    for call in calls:
        with pytest.raises(UnavailableError):
            call()
    assert not root.exists()


def test_journalising_writes_the_time_once(
    root: Path, store: Store, stored: StoredDocument
) -> None:
    store.journalise(stored)
    first = sidecar_of(root).read_bytes()
    store.journalise(stored)
    assert sidecar_of(root).read_bytes() == first
    assert json.loads(first)["journalised"] is not None


def test_a_document_under_another_cases_folder_is_not_that_cases_document(
    root: Path, store: Store, stored: StoredDocument, document: Document
) -> None:
    (root / FOLDER).rename(root / "other")
    other = store.find_case(CaseNumber("other"))
    assert FolderDriver(FolderSettings(root)).find(other, document.key) is None
    with pytest.raises(ConflictError):
        put(store, other, document, b"content")


def test_foreign_files_in_the_archive_disturb_nothing(
    root: Path, store: Store, stored: StoredDocument
) -> None:
    (root / "readme.txt").touch()
    (root / "desktop.ini").mkdir()
    (root / FOLDER / "notes.docx").touch()
    (root / FOLDER / "abc123" / "Thumbs.db").touch()
    (root / FOLDER / "abc123" / ".meta" / "x.json").write_bytes(b"[]")
    (root / "loop").symlink_to(root)
    assert list(store.enumerate()) == [stored]
    assert store.find_set("abc123") == [stored]
