# SPDX-License-Identifier: EUPL-1.2
"""However an archive answers, or does not, a document ends up in its case once or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from esdh_adapter import durable
from esdh_adapter.driver import Case, CaseNumber, Document, Driver, StoredDocument
from esdh_adapter.errors import (
    ConflictError,
    ContentMismatchError,
    CorruptError,
    EsdhError,
    RefusedError,
    UnavailableError,
    UnknownOutcomeError,
)
from esdh_adapter.memory import MemoryArchive, MemoryDriver
from esdh_adapter.store import RetryPolicy, Store
from esdh_adapter.testing import make_document
from esdh_adapter.testing_lies import Lie, LyingDriver, lying, memory_for

NUMBER = CaseNumber("2026-1")
CONTENT = b"sound " * 100_000
LATE = timedelta(minutes=10)


class Clock:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Archive(MemoryArchive):
    """An archive whose stores are counted."""

    stores = 0

    def open_driver(self) -> MemoryDriver:
        archive = self

        class Counting(MemoryDriver):
            def store(
                self, case: Case, document: Document, content: Iterable[bytes]
            ) -> StoredDocument:
                archive.stores += 1
                return super().store(case, document, content)

        return Counting(self)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archive(clock: Clock) -> Archive:
    return Archive(cases={NUMBER: True}, clock=clock)


@pytest.fixture
def document(clock: Clock) -> Document:
    return replace(make_document(CONTENT), created=clock.now)


def open_store(open_driver: Callable[[], Driver], clock: Clock, attempts: int = 1) -> Store:
    retry = RetryPolicy(attempts=attempts, first_wait=0, max_wait=0)
    return Store(open_driver, clock=clock, retry=retry)


def put(store: Store, document: Document, intended: datetime | None = None) -> StoredDocument:
    case = store.find_case(NUMBER)
    return store.put(case, document, lambda: [CONTENT], intended=intended)


def test_what_was_stored_by_an_earlier_attempt_is_found_and_not_sent_again(
    archive: Archive, clock: Clock, document: Document
) -> None:
    put(open_store(archive.open_driver, clock), document)

    def must_not_be_opened() -> Iterable[bytes]:
        raise AssertionError("sent again")

    store = open_store(archive.open_driver, clock)
    found = store.put(store.find_case(NUMBER), document, must_not_be_opened, intended=clock.now)
    assert found.key == document.key
    assert archive.stores == 1


def test_absence_counts_only_after_the_visibility_delay(
    archive: Archive, clock: Clock, document: Document
) -> None:
    archive.capabilities = replace(archive.capabilities, visibility_delay=LATE)
    store = open_store(archive.open_driver, clock, attempts=3)
    intended = clock.now
    clock.now += LATE - timedelta(seconds=1)
    with pytest.raises(UnknownOutcomeError, match="may show it later"):
        put(store, document, intended)
    assert archive.stores == 0
    clock.now += timedelta(seconds=1)
    put(store, document, intended)
    assert archive.stores == 1


def test_an_archive_that_is_honestly_late_is_believed_until_read_back(
    archive: Archive, clock: Clock, document: Document
) -> None:
    archive.capabilities = replace(archive.capabilities, visibility_delay=LATE)
    store = open_store(archive.open_driver, clock)
    stored = put(store, document)
    with pytest.raises(UnknownOutcomeError, match="may need some time"):
        store.read_back(stored, expected=document)
    clock.now += LATE
    assert store.read_back(stored, expected=document).sha256 == document.sha256


def test_an_answer_that_was_lost_is_looked_up_and_nothing_is_sent_twice(
    archive: Archive, clock: Clock, document: Document
) -> None:
    store = open_store(lying(archive.open_driver, Lie.UNAVAILABLE_AFTER_STORING), clock)
    assert put(store, document).key == document.key
    assert archive.stores == 1


def test_an_archive_that_is_gone_for_a_moment_is_tried_again(
    archive: Archive, clock: Clock, document: Document
) -> None:
    memory = memory_for(Lie.UNAVAILABLE_BEFORE, times=2)
    store = open_store(
        lying(archive.open_driver, Lie.UNAVAILABLE_BEFORE, memory=memory), clock, attempts=3
    )
    put(store, document)
    assert (archive.stores, memory.told) == (1, ["store", "store"])


def test_an_archive_that_stays_away_is_reported_as_unavailable(
    archive: Archive, clock: Clock, document: Document
) -> None:
    memory = memory_for(Lie.UNAVAILABLE_BEFORE, times=99)
    store = open_store(
        lying(archive.open_driver, Lie.UNAVAILABLE_BEFORE, memory=memory), clock, attempts=3
    )
    with pytest.raises(UnavailableError):
        put(store, document)
    assert len(memory.told) == 3


class Cutting(MemoryDriver):
    """The connection is cut while bytes go out; nothing answers from then on."""

    def store(self, case: Case, document: Document, content: Iterable[bytes]) -> StoredDocument:
        next(iter(content))
        self._archive.is_reachable = False
        raise UnavailableError


def test_a_cut_connection_leaves_the_outcome_unknown(
    archive: Archive, clock: Clock, document: Document
) -> None:
    driver = Cutting(archive)
    store = open_store(lambda: driver, clock, attempts=3)
    with pytest.raises(UnknownOutcomeError, match="stopped answering"):
        put(store, document)


def test_a_cut_connection_is_not_followed_by_a_second_copy_within_the_delay(
    archive: Archive, clock: Clock, document: Document
) -> None:
    class CuttingOnce(Cutting):
        def store(self, case: Case, document: Document, content: Iterable[bytes]) -> StoredDocument:
            next(iter(content))
            archive.stores += 1
            raise UnavailableError

    archive.capabilities = replace(archive.capabilities, visibility_delay=LATE)
    driver = CuttingOnce(archive)
    store = open_store(lambda: driver, clock, attempts=3)
    with pytest.raises(UnknownOutcomeError):
        put(store, document)
    assert archive.stores == 1


def test_without_a_search_an_unknown_outcome_stays_unknown(
    archive: Archive, clock: Clock, document: Document
) -> None:
    archive.capabilities = replace(archive.capabilities, finds_by_key=False)
    store = open_store(archive.open_driver, clock)
    with pytest.raises(UnknownOutcomeError, match="cannot be asked"):
        put(store, document, intended=clock.now - timedelta(days=9))
    assert archive.stores == 0
    stored = put(store, document)
    assert store.read_back(stored, expected=document).size == document.size
    with pytest.raises(RefusedError):
        store.find_set(document.set_id)


def test_an_archive_that_only_says_that_it_stored_is_not_believed(
    archive: Archive, clock: Clock, document: Document
) -> None:
    store = open_store(lying(archive.open_driver, Lie.SUCCESS_WITHOUT_STORING), clock)
    with pytest.raises(UnknownOutcomeError, match="does not show it"):
        put(store, document)


def test_a_document_that_is_there_twice_is_an_error(
    archive: Archive, clock: Clock, document: Document
) -> None:
    store = open_store(lying(archive.open_driver, Lie.STORES_TWICE), clock)
    with pytest.raises(ConflictError, match="2 times instead of once"):
        put(store, document)


def test_metadata_that_is_forgotten_is_an_error(
    archive: Archive, clock: Clock, document: Document
) -> None:
    store = open_store(lying(archive.open_driver, Lie.FORGETS_METADATA), clock)
    with pytest.raises(CorruptError, match="metadata it was given \\(key, role\\)"):
        put(store, document)


@pytest.mark.parametrize("change", [{"size": 1}, {"name": "other.flac"}, {"set_id": "other"}])
def test_a_found_document_that_is_another_is_a_conflict(
    archive: Archive, clock: Clock, document: Document, change: dict[str, object]
) -> None:
    put(open_store(archive.open_driver, clock), document)
    [(handle, (stored, data))] = archive.documents.items()
    archive.documents[handle] = (replace(stored, **change), data)  # type: ignore[arg-type]  # one field each
    with pytest.raises(ConflictError, match="with another"):
        put(open_store(archive.open_driver, clock), document, intended=clock.now)
    assert archive.stores == 1


def test_a_driver_that_hides_an_error_of_the_content_does_not_hide_it_from_the_caller(
    archive: Archive, clock: Clock, document: Document
) -> None:
    class Hiding(MemoryDriver):
        def store(self, case: Case, document: Document, content: Iterable[bytes]) -> StoredDocument:
            try:
                return super().store(case, document, content)
            except ContentMismatchError:
                raise UnavailableError from None

    store = open_store(lambda: Hiding(archive), clock, attempts=3)
    with pytest.raises(ContentMismatchError):
        store.put(store.find_case(NUMBER), document, lambda: [b"wrong"], intended=None)
    assert archive.documents == {}


def noting_its_end(closed: list[bool]) -> Iterator[bytes]:
    try:
        yield CONTENT[:7]
        yield CONTENT[7:]
    finally:
        closed.append(True)


def test_progress_counts_the_bytes_and_the_source_is_closed(
    archive: Archive, clock: Clock, document: Document
) -> None:
    closed: list[bool] = []
    seen: list[int] = []
    store = open_store(archive.open_driver, clock)
    store.put(
        store.find_case(NUMBER),
        document,
        lambda: noting_its_end(closed),
        intended=None,
        progress=seen.append,
    )
    assert seen == sorted(seen)
    assert seen[-1] == document.size
    assert closed == [True]


def test_a_source_that_was_not_used_up_is_closed_too(
    archive: Archive, clock: Clock, document: Document
) -> None:
    closed: list[bool] = []

    class GivingUp(MemoryDriver):
        def store(self, case: Case, document: Document, content: Iterable[bytes]) -> StoredDocument:
            raise RefusedError

    store = open_store(lambda: GivingUp(archive), clock)
    source = noting_its_end(closed)
    next(source)
    with pytest.raises(RefusedError):
        store.put(store.find_case(NUMBER), document, lambda: source, intended=None)
    assert closed == [True]


def test_every_call_to_a_driver_can_be_watched(
    archive: Archive, clock: Clock, document: Document
) -> None:
    seen: list[str] = []

    def note(moment: durable.Moment, operation: durable.Operation) -> None:
        if moment is durable.Moment.BEFORE and operation.kind is durable.Kind.CALL:
            seen.append(str(operation.path))

    durable.watch(note)
    with open_store(archive.open_driver, clock) as store:
        stored = put(store, document)
        put(store, document, intended=clock.now)
        store.journalise(stored)
        store.read_back(stored, expected=document)
        list(store.enumerate())
        store.find_set(document.set_id)
        store.delete(stored)
    assert seen == [
        *("open", "find_case", "store", "find_set"),
        *("find_case", "find", "find_set"),
        *("journalise", "open", "find_set", "read"),
        *("enumerate", "find_set", "delete"),
    ]


@pytest.mark.parametrize("lie", Lie)
def test_whatever_the_lie_proof_is_given_only_for_what_is_there(
    archive: Archive, clock: Clock, document: Document, lie: Lie
) -> None:
    memory = memory_for(lie)
    store = open_store(lying(archive.open_driver, lie, memory=memory), clock)
    intended: datetime | None = None
    proof = None
    for _ in range(6):
        try:
            stored = put(store, document, intended)
            proof = store.read_back(stored, expected=document)
            break
        except EsdhError as error:
            assert error.detail or error.title  # noqa: PT017 - each lie ends in its own error
            intended = clock.now
    recovers = {Lie.SHOWS_IT_LATE, Lie.UNAVAILABLE_AFTER_STORING, Lie.UNAVAILABLE_BEFORE}
    assert memory.told
    assert (proof is not None) == (lie in recovers)
    assert len(archive.documents) <= 1


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        (Lie.TRUNCATES, "cut short: 599999 of 600000 bytes"),
        (Lie.FLIPS_A_BIT, "right length, but other bytes"),
        (Lie.RETURNS_ANOTHER_FILE, "right length, but other bytes"),
        (Lie.RETURNS_AN_OLDER_ONE, "right length, but other bytes"),
        (Lie.FORGETS_METADATA, "metadata it was given"),
    ],
)
def test_read_back_says_what_is_wrong(
    archive: Archive, clock: Clock, document: Document, lie: Lie, words: str
) -> None:
    stored = put(open_store(archive.open_driver, clock), document)
    store = open_store(lying(archive.open_driver, lie), clock)
    with pytest.raises(CorruptError, match=words):
        store.read_back(stored, expected=document)


def test_read_back_stops_when_more_comes_than_there_can_be(
    archive: Archive, clock: Clock, document: Document
) -> None:
    stored = put(open_store(archive.open_driver, clock), document)
    [(handle, (kept, data))] = archive.documents.items()
    archive.documents[handle] = (kept, data + b"more")
    with pytest.raises(CorruptError, match="more than the 600000 bytes"):
        open_store(archive.open_driver, clock).read_back(stored, expected=document)


def test_read_back_uses_a_new_driver_and_closes_it(
    archive: Archive, clock: Clock, document: Document
) -> None:
    opened: list[Driver] = []
    closed: list[Driver] = []

    class Noting(LyingDriver):
        def close(self) -> None:
            closed.append(self)

    def open_driver() -> Driver:
        opened.append(
            Noting(archive.open_driver(), Lie.UNAVAILABLE_BEFORE, memory_for(Lie.TRUNCATES, 0))
        )
        return opened[-1]

    store = open_store(open_driver, clock)
    stored = put(store, document)
    assert len(opened) == 1
    store.read_back(stored, expected=document)
    assert len(opened) == 2
    assert closed == [opened[1]]
