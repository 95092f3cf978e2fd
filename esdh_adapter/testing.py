# SPDX-License-Identifier: EUPL-1.2
"""The suite that every driver must pass; needs pytest.

    class TestFolderDriver(DriverContract):
        @pytest.fixture
        def make_harness(self, tmp_path):
            def open_driver(): ...
            return Harness(open_driver, open_case=…, other_case=…)

Tests are skipped only where a capability or a harness field says that the system has no such thing,
and say so. Whoever runs the suite over a real system gives cases made for it.
"""

from __future__ import annotations

import hashlib
import itertools
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta

import pytest

from esdh_adapter.driver import Case, Document, Sha256Hex, StoredDocument
from esdh_adapter.errors import (
    CaseClosedError,
    ConflictError,
    ContentMismatchError,
    DeniedError,
    NotFoundError,
    RefusedError,
)
from esdh_adapter.store import Store
from esdh_adapter.testing_harness import (
    Harness,
    in_blocks,
    make_document,
    make_large_document,
    put,
)

__all__ = ["DriverContract", "Harness", "in_blocks", "make_document", "make_large_document", "put"]

_MEBIBYTE = 1024 * 1024
_LARGE_BYTES = 64 * _MEBIBYTE
_MOST_MEMORY = 16 * _MEBIBYTE
_LONG_AGO = timedelta(days=1)


class _StoppedError(Exception):
    """What the suite lets content raise; no driver knows it."""


class DriverContract:
    """The tests; a driver's test class inherits them and gives ``make_harness``."""

    @pytest.fixture
    def make_harness(self) -> Harness:
        """Give the system to test; each driver overrides this.

        Returns:
            The harness.
        """
        raise NotImplementedError("override make_harness")

    @pytest.fixture
    def harness(self, make_harness: Harness) -> Harness:
        """Hand the system to the tests.

        Returns:
            The harness.
        """
        return make_harness

    @pytest.fixture
    def store(self, harness: Harness) -> Iterator[Store]:
        """Open a store around the driver.

        Yields:
            The store.
        """
        with harness.open_store() as store:
            yield store

    @pytest.fixture
    def case(self, harness: Harness, store: Store) -> Case:
        """Find the open case.

        Returns:
            The case.
        """
        return store.find_case(harness.open_case)

    @pytest.mark.parametrize("size", [0, 1, 3 * _MEBIBYTE + 17])
    def test_a_second_driver_reads_back_exactly_what_was_stored(
        self, store: Store, case: Case, size: int
    ) -> None:
        """Content of any size comes back byte for byte."""
        content = bytes(i * 31 % 251 for i in range(size))
        document = make_document(content)
        stored = put(store, case, document, content)
        with store.open_stored(stored) as blocks:
            assert b"".join(blocks) == content
        proof = store.read_back(stored, expected=document)
        assert (proof.sha256, proof.size) == (document.sha256, size)

    def test_what_is_shown_is_what_was_given(
        self, harness: Harness, store: Store, case: Case
    ) -> None:
        """Key, set, name, role, size and case are kept; handles are equal for equal documents."""
        document = make_document(b"metadata")
        stored = put(store, case, document, b"metadata")
        for shown in [stored, *_shown(harness, case, document)]:
            assert shown.handle == stored.handle
            assert shown.key == document.key
            assert shown.set_id == document.set_id
            assert shown.name == document.name
            assert shown.role == document.role
            assert shown.size == document.size
            assert shown.case == case.number
            assert shown.stored.tzinfo is not None

    def test_the_same_key_twice_leaves_one_document(
        self, harness: Harness, store: Store, case: Case
    ) -> None:
        """Storing again, with or without an earlier intent, gives the document that is there."""
        document = make_document(b"once")
        first = put(store, case, document, b"once")
        again = store.put(case, document, lambda: [b"once"], intended=document.created)
        with harness.open_store() as other:
            blind = put(other, case, document, b"once")
        assert first.handle == again.handle == blind.handle
        assert len(store.find_set(document.set_id)) == 1

    def test_another_content_by_the_same_name_is_a_conflict(self, store: Store, case: Case) -> None:
        """Nothing is ever overwritten."""
        first = make_document(b"first")
        stored = put(store, case, first, b"first")
        second = make_document(b"second", set_id=first.set_id)
        with pytest.raises(ConflictError):
            put(store, case, second, b"second")
        assert store.read_back(stored, expected=first).size == first.size
        assert [each.key for each in store.find_set(first.set_id)] == [first.key]

    @pytest.mark.parametrize(
        "given",
        [b"", b"sealed conten", b"sealed contenT", b"sealed content and more"],
        ids=["nothing", "shorter", "altered", "longer"],
    )
    def test_content_that_is_not_what_was_sealed_is_not_stored(
        self, harness: Harness, store: Store, case: Case, given: bytes
    ) -> None:
        """A wrong hash or length is an error, and nothing comes to light."""
        document = make_document(b"sealed content")
        with pytest.raises(ContentMismatchError):
            store.put(case, document, lambda: in_blocks(given, 5), intended=None)
        assert _shown(harness, case, document) == []

    @pytest.mark.parametrize("error", [_StoppedError(), OSError(5, "the vault's disk")])
    def test_content_that_raises_is_not_stored_and_its_error_comes_through(
        self, harness: Harness, store: Store, case: Case, error: Exception
    ) -> None:
        """A failing source is never taken for a failing archive."""
        content = b"x" * (2 * _MEBIBYTE)
        document = make_document(content)

        def failing() -> Iterator[bytes]:
            yield content[:-1]
            raise error

        with pytest.raises(type(error)) as raised:
            store.put(case, document, failing, intended=None)
        assert raised.value is error
        assert _shown(harness, case, document) == []

    def test_a_driver_alone_discards_content_that_ends_early(
        self, harness: Harness, case: Case
    ) -> None:
        """The driver itself counts what it gets."""
        document = make_document(b"sealed content")
        driver = harness.open_driver()
        with pytest.raises(ContentMismatchError):
            driver.store(case, document, [b"sealed"])
        driver.close()
        assert _shown(harness, case, document) == []

    def test_after_a_stop_the_same_document_can_be_stored(self, store: Store, case: Case) -> None:
        """What is left of a stopped transfer is in nobody's way."""
        content = b"y" * (2 * _MEBIBYTE)
        document = make_document(content)

        def stop(passed: int) -> None:
            assert passed > 0
            raise _StoppedError

        with pytest.raises(_StoppedError):
            store.put(case, document, lambda: in_blocks(content), intended=None, progress=stop)
        stored = store.put(
            case, document, lambda: in_blocks(content), intended=document.created - _LONG_AGO
        )
        assert store.read_back(stored, expected=document).size == len(content)

    @pytest.mark.parametrize(
        "name",
        ["Samtale med borger æøå.flac", "a.b-c_d 1 (2).txt", "é" * 60 + ".json", "x" * 150],
        ids=["danish", "marks", "long in bytes", "long"],
    )
    def test_odd_names_are_kept_as_they_are(self, store: Store, case: Case, name: str) -> None:
        """Names with Danish letters, blanks and great length come back unchanged."""
        document = make_document(b"odd", name=name, role="recording-001")
        put(store, case, document, b"odd")
        assert [each.name for each in store.find_set(document.set_id)] == [name]

    @pytest.mark.parametrize("name", ["../up.flac", "a/b", "line\nbreak", "nul\0", ""])
    def test_names_that_lead_elsewhere_are_refused(
        self, harness: Harness, store: Store, case: Case, name: str
    ) -> None:
        """Separators and control characters in names are never interpreted."""
        document = make_document(b"odd", name=name, role="recording-001")
        with pytest.raises(RefusedError):
            put(store, case, document, b"odd")
        assert _shown(harness, case, document) == []

    def test_odd_case_numbers_are_kept_apart(self, harness: Harness, store: Store) -> None:
        """Each case gets its own document, and says its own number."""
        numbers = (harness.open_case, harness.other_case, *harness.odd_cases)
        documents = [make_document(number.encode()) for number in numbers]
        for number, document in zip(numbers, documents, strict=True):
            put(store, store.find_case(number), document, number.encode())
        for number, document in zip(numbers, documents, strict=True):
            assert [each.case for each in store.find_set(document.set_id)] == [number]

    def test_a_set_is_found_across_cases(self, harness: Harness, store: Store, case: Case) -> None:
        """A set that ended up in two cases shows in both."""
        first = make_document(b"one", name="one.txt")
        second = make_document(b"two", name="two.txt", set_id=first.set_id)
        other = store.find_case(harness.other_case)
        put(store, case, first, b"one")
        put(store, other, second, b"two")
        with harness.open_store() as fresh:
            found = fresh.find_set(first.set_id)
        assert {(each.key, each.case) for each in found} == {
            (first.key, case.number),
            (second.key, other.number),
        }
        assert store.find_set("nosuchset") == []

    def test_a_key_is_found_in_its_case_only(self, harness: Harness, case: Case) -> None:
        """Looking in another case finds nothing."""
        document = make_document(b"here")
        driver = harness.open_driver()
        driver.store(case, document, [b"here"])
        assert driver.find(driver.find_case(harness.other_case), document.key) is None
        assert driver.find(case, document.key) is not None
        driver.close()

    def test_a_case_that_is_not_there_is_not_found(self, harness: Harness, store: Store) -> None:
        """A wrong number is told apart from a missing right."""
        if harness.missing_case is None:
            pytest.skip("in this system every well-formed number is a case")
        with pytest.raises(NotFoundError):
            store.find_case(harness.missing_case)

    def test_a_case_one_may_not_use_is_denied(self, harness: Harness, store: Store) -> None:
        """A missing right is told apart from a wrong number."""
        if harness.denied_case is None:
            pytest.skip("the harness has no case that is denied")
        with pytest.raises(DeniedError):
            store.find_case(harness.denied_case)

    def test_a_closed_case_takes_no_documents(self, harness: Harness, store: Store) -> None:
        """It is found, is said to be closed, and refuses."""
        if harness.closed_case is None:
            pytest.skip("the harness has no closed case")
        case = store.find_case(harness.closed_case)
        assert not case.is_open
        document = make_document(b"late")
        with pytest.raises(CaseClosedError):
            put(store, case, document, b"late")
        assert _shown(harness, case, document) == []

    def test_all_since_a_time_are_enumerated(self, store: Store, case: Case) -> None:
        """What was stored later is listed, what was stored before is not."""
        _require(store.capabilities.enumerates, "enumerate")
        documents = [make_document(b"%d" % i) for i in range(3)]
        stored = [put(store, case, document, b"%d" % i) for i, document in enumerate(documents)]
        wanted = {document.key for document in documents}
        everything = [each.key for each in store.enumerate()]
        assert wanted <= set(everything)
        assert len(everything) == len(set(everything))
        since = stored[0].stored
        assert wanted <= {each.key for each in store.enumerate(since)}
        later = max(each.stored for each in stored) + timedelta(seconds=1)
        assert not wanted & {each.key for each in store.enumerate(later)}

    def test_journalising_shows_and_may_be_repeated(
        self, harness: Harness, store: Store, case: Case
    ) -> None:
        """A document that is filed for good says so, and keeps its bytes."""
        _require(store.capabilities.journalises, "journalise")
        document = make_document(b"filed")
        stored = put(store, case, document, b"filed")
        assert not stored.is_journalised
        for _ in range(2):
            store.journalise(stored)
        with harness.open_store() as fresh:
            assert fresh.read_back(stored, expected=document).stored.is_journalised

    def test_a_deleted_document_is_gone(self, harness: Harness, store: Store, case: Case) -> None:
        """Deleting may be repeated, touches nothing else, and leaves room for the same again."""
        _require(store.capabilities.deletes, "delete")
        document = make_document(b"gone")
        kept = make_document(b"kept", name="kept.txt", set_id=document.set_id)
        stored = put(store, case, document, b"gone")
        put(store, case, kept, b"kept")
        for _ in range(2):
            store.delete(stored)
        assert [each.key for each in store.find_set(document.set_id)] == [kept.key]
        with pytest.raises(NotFoundError):
            store.read_back(stored, expected=document)
        put(store, case, document, b"gone")
        assert {each.key for each in _shown(harness, case, document)} == {document.key, kept.key}

    def test_a_large_document_passes_in_little_memory(self, store: Store, case: Case) -> None:
        """Neither storing nor reading back holds the document in memory."""
        limit = store.capabilities.max_bytes
        if limit is not None and limit < _LARGE_BYTES:
            pytest.skip(f"the system takes {limit} bytes at most")
        block = bytes(range(256)) * 1024
        count = _LARGE_BYTES // len(block)
        digest = hashlib.sha256()
        for _ in range(count):
            digest.update(block)
        document = make_large_document(Sha256Hex(digest.hexdigest()), _LARGE_BYTES)
        tracemalloc.start()
        try:
            stored = store.put(
                case, document, lambda: itertools.repeat(block, count), intended=None
            )
            store.read_back(stored, expected=document)
            assert tracemalloc.get_traced_memory()[1] < _MOST_MEMORY
        finally:
            tracemalloc.stop()

    def test_a_document_over_the_limit_is_refused(self, store: Store, case: Case) -> None:
        """The limit is known before anything is sent."""
        limit = store.capabilities.max_bytes
        if limit is None:
            pytest.skip("the system states no limit")
        too_large = make_large_document(Sha256Hex("0" * 64), limit + 1)
        with pytest.raises(RefusedError):
            store.put(case, too_large, lambda: itertools.repeat(b"never drawn"), intended=None)


def _shown(harness: Harness, case: Case, document: Document) -> list[StoredDocument]:
    """All that a new driver shows of a document's set and key."""
    driver = harness.open_driver()
    try:
        found = driver.find(case, document.key)
        return [*driver.find_set(document.set_id), *([] if found is None else [found])]
    finally:
        driver.close()


def _require(is_able: bool, what: str) -> None:  # noqa: FBT001 - one private caller pattern
    if not is_able:
        pytest.skip(f"the system cannot {what}")
