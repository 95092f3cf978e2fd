# SPDX-License-Identifier: EUPL-1.2
"""One document on its way into a case, whatever happens on the way: in the end it is there once.

Rules: after an attempt whose outcome is unknown the archive is asked by key before anything is sent
again, and "not there" counts only after the driver's visibility delay. Limits: the delay is measured
with this device's wall clock; a clock set forward while an answer is missing could make it count too
early. A second copy then shows when the set is counted, which is done after each delivery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from esdh_adapter import durable
from esdh_adapter.content import CheckedContent, Progress
from esdh_adapter.driver import Case, Document, Driver, StoredDocument
from esdh_adapter.errors import (
    N_,
    ConflictError,
    EsdhError,
    RefusedError,
    UnavailableError,
    UnknownOutcomeError,
)
from esdh_adapter.shown import differences, shown_as_stored


@dataclass
class Delivery:
    """A document, and what is known about earlier attempts to store it."""

    case: Case
    """Where it goes."""
    document: Document
    """What it is."""
    open_content: Callable[[], Iterable[bytes]]
    """Gives its bytes afresh for each attempt."""
    clock: Callable[[], datetime]
    """The present time, with a time zone."""
    tried: datetime | None
    """When it may last have been sent; ``None`` if it never was."""
    progress: Progress | None = None
    """Told the bytes that have passed in this attempt."""

    def attempt(self, driver: Driver) -> StoredDocument:
        """Bring the document into its case, unless it is there.

        Args:
            driver: The system.

        Returns:
            The one document that the case now shows.

        Raises:
            UnknownOutcomeError: If an earlier attempt may still come to light.
            ConflictError: If name or key are taken by something else, or it is there twice.
            EsdhError: Whatever the driver raises.
        """
        limit = driver.capabilities.max_bytes
        if limit is not None and self.document.size > limit:
            raise RefusedError(
                N_("the archive takes {limit} bytes at most, this document has {size}"),
                limit=limit,
                size=self.document.size,
            )
        stored = self._earlier(driver) if self.tried is not None else None
        if stored is None:
            stored = self._send(driver)
        self._require_one(driver, stored)
        return stored

    def _earlier(self, driver: Driver) -> StoredDocument | None:
        """Look for what an earlier attempt stored; absence must be certain."""
        assert self.tried is not None
        if not driver.capabilities.finds_by_key:
            raise UnknownOutcomeError(
                N_("it may have been stored before, and this archive cannot be asked for it")
            )
        with durable.call("find"):
            found = driver.find(self.case, self.document.key)
        if found is None:
            if self.clock() < self.tried + driver.capabilities.visibility_delay:
                raise UnknownOutcomeError(
                    N_("it may have been stored before, and the archive may show it later")
                )
            return None
        self._require_same(found)
        return found

    def _send(self, driver: Driver) -> StoredDocument:
        content = CheckedContent(self.open_content(), self.document, self.progress)
        try:
            with durable.call("store"):
                stored = driver.store(self.case, self.document, content)
        except EsdhError as error:
            if content.error is not None:
                # Whatever the driver made of it: the content failed, not the archive.
                raise content.error from None
            if not isinstance(error, (UnavailableError, UnknownOutcomeError)):
                raise
            return self._after_silence(driver, content, error)
        except Exception:
            if content.error is not None:
                raise content.error from None
            raise
        finally:
            content.close()
        self._require_same(stored)
        return stored

    def _after_silence(
        self, driver: Driver, content: CheckedContent, silence: EsdhError
    ) -> StoredDocument:
        """Find out what became of bytes that were sent and never answered."""
        if driver.capabilities.atomic_store and not content.has_started and self.document.size:
            raise silence  # nothing was sent, so the same attempt can simply be made again
        self.tried = self.clock()
        try:
            found = self._earlier(driver)
        except UnavailableError as error:
            raise UnknownOutcomeError(
                N_("the archive stopped answering while the document was sent")
            ) from error
        if found is None:
            raise silence
        return found

    def _require_same(self, found: StoredDocument) -> None:
        wrong = differences(found, self.document, self.case.number)
        if wrong:
            raise ConflictError(
                N_("the archive shows this document with another {fields}"),
                fields=", ".join(wrong),
            )

    def _require_one(self, driver: Driver, stored: StoredDocument) -> None:
        """Count what the case shows; an archive that is merely late is proven by reading back."""
        if not driver.capabilities.finds_by_key:
            return
        shown = shown_as_stored(driver, stored, self.document)
        may_be_late = driver.capabilities.visibility_delay > timedelta(0)
        if shown is None and not may_be_late:
            self.tried = self.clock()
            raise UnknownOutcomeError(
                N_("the archive says that it stored the document, but does not show it")
            )
