# SPDX-License-Identifier: EUPL-1.2
"""The portable type around a driver: what every document system gets for free.

Retries, idempotency, hashing on the way in, and read-back through a driver of its own. Rules: each
call to a driver is marked with ``durable.call``, so that tests can stop there; memory stays bounded
whatever a document's size; one store is used from one thread at a time.

    with open_store("folder", {"path": "/srv/archive"}, vault=vault) as store:
        case = store.find_case(CaseNumber("27.27.27-G01-5-26"))
        stored = store.put(case, document, open_content, intended=None)
        proof = store.read_back(stored, expected=document)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TypeVar

from esdh_adapter import durable
from esdh_adapter.content import Progress
from esdh_adapter.delivery import Delivery
from esdh_adapter.driver import Capabilities, Case, CaseNumber, Document, Driver, StoredDocument
from esdh_adapter.errors import N_, RefusedError
from esdh_adapter.read_back import ReadBack, fetch, prove
from esdh_adapter.retry import RetryPolicy

__all__ = ["Progress", "ReadBack", "RetryPolicy", "Store"]

_Result = TypeVar("_Result")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Store:
    """A document system, as the rest of the program uses it."""

    def __init__(
        self,
        open_driver: Callable[[], Driver],
        *,
        clock: Callable[[], datetime] = _utc_now,
        retry: RetryPolicy | None = None,
    ) -> None:
        """Prepare to use a system; nothing is opened yet.

        Args:
            open_driver: Gives a new driver of the same system each time.
            clock: The present time, with a time zone.
            retry: How often to try.
        """
        self._open_driver = open_driver
        self._clock = clock
        self._retry = retry or RetryPolicy()
        self._driver: Driver | None = None

    @property
    def name(self) -> str:
        """What to call the system in receipts and messages."""
        return self._usual_driver().name

    @property
    def capabilities(self) -> Capabilities:
        """What the system can do."""
        return self._usual_driver().capabilities

    def find_case(self, number: CaseNumber) -> Case:
        """Find a case.

        Args:
            number: As a person typed it.

        Returns:
            The case, open or closed.

        Raises:
            NotFoundError: If there is no such case.
            DeniedError: If this account may not see it.
            UnavailableError: If the system does not answer.
        """
        return self._repeated("find_case", lambda driver: driver.find_case(number))

    def put(
        self,
        case: Case,
        document: Document,
        open_content: Callable[[], Iterable[bytes]],
        *,
        intended: datetime | None,
        progress: Progress | None = None,
    ) -> StoredDocument:
        """Bring a document into a case, exactly once, however often this is called.

        Args:
            case: From ``find_case``.
            document: What it is; its bytes are frozen.
            open_content: Gives its bytes afresh, as often as asked.
            intended: When an intent to send it was last written down *before* this call began;
                ``None`` if it was certainly never sent. With a time, the archive is asked for it
                first, and its absence counts only after the driver's visibility delay.
            progress: Told the bytes that have passed; begins again with each attempt. What it
                raises stops the transfer, and nothing is stored.

        Returns:
            The document as the archive shows it. This is no proof; ``read_back`` is.

        Raises:
            ContentMismatchError: If the bytes are not those of ``document``; nothing is stored.
            UnknownOutcomeError: If it cannot be told yet whether it is there. Call again later,
                with ``intended``.
            ConflictError: If the name is taken, or the case has it twice.
            CorruptError: If the archive forgets the metadata.
            CaseClosedError: If the case takes no documents.
            RefusedError: If the archive does not take such a document.
            DeniedError: If this account may not file it.
            UnavailableError: If the archive does not answer and certainly has nothing.
        """
        delivery = Delivery(case, document, open_content, self._clock, intended, progress)
        return self._retried(lambda: delivery.attempt(self._usual_driver()))

    def read_back(
        self, stored: StoredDocument, *, expected: Document, progress: Progress | None = None
    ) -> ReadBack:
        """Fetch a document again, over a new driver, and prove that it is what was sealed.

        Args:
            stored: From ``put`` or a search.
            expected: What was sealed.
            progress: Told the bytes that have come; begins again with each attempt.

        Returns:
            The proof.

        Raises:
            CorruptError: If bytes or metadata differ; the message names what.
            ConflictError: If the case has it more than once.
            NotFoundError: If it is not there.
            UnknownOutcomeError: If it is not there, but may still come to light.
            UnavailableError: If the archive does not answer.
        """

        def once() -> ReadBack:
            with self._fresh_driver() as driver:
                shown = prove(driver, stored, expected, self._clock(), progress)
                return ReadBack(
                    shown, expected.sha256, expected.size, driver.name, at=self._clock()
                )

        return self._retried(once)

    def fetch_hash(
        self, stored: StoredDocument, *, progress: Progress | None = None
    ) -> tuple[int, str]:
        """Fetch a document over a new driver and hash it, with nothing to compare it to.

        Args:
            stored: From a search.
            progress: Told the bytes that have come.

        Returns:
            How many bytes came, and their SHA-256 in hexadecimal.

        Raises:
            NotFoundError: If it is not there.
            UnavailableError: If the archive does not answer.
        """

        def once() -> tuple[int, str]:
            with self._fresh_driver() as driver:
                return fetch(driver, stored, progress)

        return self._retried(once)

    @contextmanager
    def open_stored(self, stored: StoredDocument) -> Iterator[Iterator[bytes]]:
        """Open a document's bytes over a new driver, for verification and comparison.

        Args:
            stored: From a search.

        Yields:
            The bytes in blocks.

        Raises:
            NotFoundError: If it is not there.
            UnavailableError: If the archive does not answer.
        """
        with self._fresh_driver() as driver, durable.call("read"), driver.read(stored) as blocks:
            yield blocks

    def place(self, stored: StoredDocument) -> str:
        """Say where a person finds a document.

        Args:
            stored: The document.

        Returns:
            A path or an address, which may hold the case number; empty where there is none.
        """
        return self._usual_driver().place(stored)

    def find_set(self, set_id: str) -> list[StoredDocument]:
        """Look for everything of one recording, in whatever case.

        Args:
            set_id: The id of the recording.

        Returns:
            Its documents.

        Raises:
            RefusedError: If the system cannot search.
            UnavailableError: If the system does not answer.
        """
        self._require(self.capabilities.finds_by_key)
        return self._repeated("find_set", lambda driver: driver.find_set(set_id))

    def journalise(self, stored: StoredDocument) -> None:
        """File a document for good; does nothing where the system has no such step.

        Args:
            stored: The document.

        Raises:
            NotFoundError: If it is not there.
            UnavailableError: If the system does not answer; call again.
        """
        if self.capabilities.journalises:
            self._repeated("journalise", lambda driver: driver.journalise(stored))

    def delete(self, stored: StoredDocument) -> None:
        """Remove a document; one that is gone already is fine.

        Args:
            stored: The document.

        Raises:
            RefusedError: If the system cannot.
            DeniedError: If this account may not.
            UnavailableError: If the system does not answer; call again.
        """
        self._require(self.capabilities.deletes)
        self._repeated("delete", lambda driver: driver.delete(stored))

    def enumerate(self, since: datetime | None = None) -> Iterator[StoredDocument]:
        """Go through all our documents, in bounded memory; not retried.

        Args:
            since: Leave out what was stored before; ``None`` for all.

        Yields:
            The documents in no particular order.

        Raises:
            RefusedError: If the system cannot.
            UnavailableError: If the system stops answering.
        """
        self._require(self.capabilities.enumerates)
        with durable.call("enumerate"):
            yield from self._usual_driver().enumerate(since)

    def close(self) -> None:
        """Give back connections; the store opens new ones when it is used again."""
        driver, self._driver = self._driver, None
        if driver is not None:
            driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _require(self, is_able: bool) -> None:  # noqa: FBT001 - one private caller pattern
        if not is_able:
            raise RefusedError(N_("this archive has no such function"))

    def _usual_driver(self) -> Driver:
        if self._driver is None:
            with durable.call("open"):
                self._driver = self._open_driver()
        return self._driver

    @contextmanager
    def _fresh_driver(self) -> Iterator[Driver]:
        with durable.call("open"):
            driver = self._open_driver()
        try:
            yield driver
        finally:
            driver.close()

    def _repeated(self, name: str, call: Callable[[Driver], _Result]) -> _Result:
        """Make a call that may be made any number of times."""

        def once() -> _Result:
            driver = self._usual_driver()
            with durable.call(name):
                return call(driver)

        return self._retried(once)

    def _retried(self, once: Callable[[], _Result]) -> _Result:
        for attempt in self._retry.contexts():
            with attempt:
                return once()
        raise AssertionError("unreachable: the last attempt raises")
