# SPDX-License-Identifier: EUPL-1.2
"""A store into a folder that stops before or after any operation, or fails at one."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from esdh_adapter import durable
from esdh_adapter.driver import CaseNumber, Document
from esdh_adapter.durable import Kind, Moment, Operation
from esdh_adapter.errors import (
    ConfigurationError,
    DeniedError,
    EsdhError,
    NotFoundError,
    UnavailableError,
    UnknownOutcomeError,
)
from esdh_adapter.folder import FolderDriver, FolderSettings
from esdh_adapter.store import RetryPolicy, Store
from esdh_adapter.testing import make_document, put

pytestmark = pytest.mark.slow  # whole processes, or every operation of a store

NUMBER = CaseNumber("24/00027")
CONTENT = b"sound " * 400_000
SEVERAL_BLOCKS = 2


class Stop(BaseException):
    """The process ends here; no handler in the code may know it."""


class Watcher:
    """Counts operations and does something at one of them."""

    def __init__(self, at: int = -1, error: BaseException | None = None) -> None:
        self.seen: list[tuple[Moment, Operation]] = []
        self._at = at
        self._error = error

    def __call__(self, moment: Moment, operation: Operation) -> None:
        self.seen.append((moment, operation))
        is_over = isinstance(self._error, Stop) and len(self.seen) > self._at
        if self._error is not None and (len(self.seen) == self._at or is_over):
            raise self._error


def open_store(root: Path) -> Store:
    def open_driver() -> FolderDriver:
        driver = FolderDriver(FolderSettings(root))
        driver.check()
        return driver

    return Store(open_driver, retry=RetryPolicy(attempts=1))


def deliver(root: Path, document: Document) -> None:
    store = open_store(root)
    stored = put(store, store.find_case(NUMBER), document, CONTENT)
    store.journalise(stored)
    store.read_back(stored, expected=document)


def whole_sequence(root: Path) -> list[tuple[Moment, Operation]]:
    watcher = Watcher()
    durable.watch(watcher)
    deliver(root, make_document(CONTENT))
    durable.watch(None)
    return watcher.seen


def roots(base: Path) -> Iterator[Path]:
    number = 0
    while True:
        number += 1
        yield base / str(number)


def finish(root: Path, document: Document) -> None:
    """What the next start does: look, store what is missing, prove."""
    store = open_store(root)
    case = store.find_case(NUMBER)
    for shown in store.find_set(document.set_id):
        # Whatever shows is whole.
        store.read_back(shown, expected=document)
    assert len(list(store.enumerate())) == len(store.find_set(document.set_id))
    stored = store.put(case, document, lambda: [CONTENT], intended=document.created)
    store.journalise(stored)
    assert store.read_back(stored, expected=document).stored.is_journalised
    assert len(store.find_set(document.set_id)) == 1
    visible = [each for each in root.rglob("*") if each.is_file() and not _is_hidden(each, root)]
    assert [each.name for each in visible] == [document.name]


def _is_hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def test_a_stop_at_any_operation_leaves_the_document_whole_or_absent(tmp_path: Path) -> None:
    places = roots(tmp_path)
    points = len(whole_sequence(next(places)))
    assert points > 40
    for point in range(1, points + 1):
        root = next(places)
        document = make_document(CONTENT)
        durable.watch(Watcher(point, Stop()))
        with pytest.raises(Stop):
            deliver(root, document)
        durable.watch(None)
        finish(root, document)


@pytest.mark.parametrize(
    ("code", "expected"),
    [(errno.ENOSPC, UnavailableError), (errno.EIO, UnavailableError), (errno.EROFS, DeniedError)],
)
def test_a_failure_at_any_operation_is_told_and_the_next_attempt_goes_on(
    tmp_path: Path, code: int, expected: type[EsdhError]
) -> None:
    places = roots(tmp_path)
    for point, operation in _failing_points(whole_sequence(next(places))):
        root = next(places)
        document = make_document(CONTENT)
        durable.watch(Watcher(point, OSError(code, "refused by the test")))
        try:
            deliver(root, document)
            was_told = False
        except (expected, UnknownOutcomeError, ConfigurationError):
            was_told = True
        durable.watch(None)
        # What fails after the document has its name is made good by looking for it.
        assert was_told or operation.kind in {Kind.SYNC_DIRECTORY, Kind.UNLINK}
        assert not [each for each in root.rglob("*.partial") if operation.kind is not Kind.UNLINK]
        finish(root, document)


def _failing_points(
    sequence: list[tuple[Moment, Operation]],
) -> Iterator[tuple[int, Operation]]:
    for point, (moment, operation) in enumerate(sequence, 1):
        if moment is Moment.BEFORE and operation.kind is not Kind.CALL:
            yield point, operation


def test_content_is_synced_and_claimed_before_it_has_its_name(tmp_path: Path) -> None:
    done = [op for moment, op in whole_sequence(tmp_path / "a") if moment is Moment.AFTER]
    name = "recording-001.flac"
    named = next(
        i
        for i, op in enumerate(done)
        if op.kind in {Kind.LINK, Kind.RENAME} and op.destination and op.destination.name == name
    )
    partial = done[named].path
    folder = partial.parent
    writes = [i for i, op in enumerate(done) if op.kind is Kind.WRITE and op.path == partial]
    synced = next(i for i, op in enumerate(done) if op.kind is Kind.SYNC and op.path == partial)
    claimed = next(
        i
        for i, op in enumerate(done)
        if op.kind is Kind.SYNC_DIRECTORY and op.path == folder / ".meta"
    )
    assert len(writes) > SEVERAL_BLOCKS
    assert max(writes) < synced < claimed < named
    later = [op.path for op in done[named:] if op.kind is Kind.SYNC_DIRECTORY]
    assert {folder, folder.parent, folder.parent.parent} <= set(later)


def test_a_name_whose_writer_died_is_made_durable_before_it_counts(tmp_path: Path) -> None:
    document = make_document(CONTENT)
    open_store(tmp_path / "a")
    durable.watch(_stop_after_naming)
    with pytest.raises(Stop):
        deliver(tmp_path / "a", document)
    watcher = Watcher()
    durable.watch(watcher)
    store = open_store(tmp_path / "a")
    case = store.find_case(NUMBER)
    store.put(case, document, list, intended=document.created)
    synced = [op.path for _, op in watcher.seen if op.kind is Kind.SYNC_DIRECTORY]
    folder = Path(store.place(store.find_set(document.set_id)[0])).parent
    assert {folder, folder.parent, folder.parent.parent} <= set(synced)


def test_a_claim_whose_writer_died_is_made_durable_before_it_is_used(tmp_path: Path) -> None:
    document = make_document(CONTENT)

    def stop_after_claiming(moment: Moment, operation: Operation) -> None:
        is_claim = operation.destination is not None and operation.destination.suffix == ".json"
        if is_claim and moment is Moment.AFTER:
            raise Stop

    durable.watch(stop_after_claiming)
    with pytest.raises(Stop):
        deliver(tmp_path / "a", document)
    watcher = Watcher()
    durable.watch(watcher)
    deliver(tmp_path / "a", document)
    done = [op for moment, op in watcher.seen if moment is Moment.AFTER]
    kinds = [(op.kind, op.path.name) for op in done if op.destination or op.path.name == ".meta"]
    assert kinds[0] == (Kind.SYNC_DIRECTORY, ".meta")
    assert kinds[1][0] in {Kind.LINK, Kind.RENAME}


def _stop_after_naming(moment: Moment, operation: Operation) -> None:
    is_named = operation.destination is not None and operation.destination.suffix == ".flac"
    if is_named and moment is Moment.AFTER:
        raise Stop


def test_deleting_that_stops_anywhere_can_be_repeated(tmp_path: Path) -> None:
    document = make_document(b"gone")
    for point in range(1, 30):
        root = tmp_path / str(point)
        store = open_store(root)
        stored = put(store, store.find_case(NUMBER), document, b"gone")
        watcher = Watcher(point, Stop())
        durable.watch(watcher)
        try:
            store.delete(stored)
        except Stop:
            durable.watch(None)
            store = open_store(root)
            store.delete(stored)
        durable.watch(None)
        assert store.find_set(document.set_id) == []
        with pytest.raises(NotFoundError):
            store.read_back(stored, expected=document)
        if len(watcher.seen) < point:
            return
    raise AssertionError("more operations than expected")
