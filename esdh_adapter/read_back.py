# SPDX-License-Identifier: EUPL-1.2
"""The proof that an archive has a document: its bytes, fetched afresh and hashed here.

Rules: nothing that the server states about size or hash counts. Reading stops as soon as more bytes
come than there can be. The result names what was read, so that it can be put into evidence.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from esdh_adapter import durable
from esdh_adapter.content import Progress
from esdh_adapter.driver import Document, Driver, Sha256Hex, StoredDocument
from esdh_adapter.errors import N_, CorruptError, NotFoundError, UnknownOutcomeError
from esdh_adapter.shown import shown_as_stored


@dataclass(frozen=True)
class ReadBack:
    """That a document was fetched again and is the same."""

    stored: StoredDocument
    """What the archive shows of it now, metadata checked."""
    sha256: Sha256Hex
    """Hashed here from the bytes that came."""
    size: int
    """In bytes, counted here."""
    driver: str
    """The name of the system."""
    at: datetime
    """When the last byte had come."""


def fetch(driver: Driver, stored: StoredDocument, progress: Progress | None) -> tuple[int, str]:
    """Fetch a document's bytes and hash them.

    Args:
        driver: The system; new, so that nothing of it can be cached.
        stored: The document.
        progress: Told the bytes that have come.

    Returns:
        How many bytes came, and their SHA-256 in hexadecimal.
    """
    return _fetch(driver, stored, None, progress)


def prove(
    driver: Driver,
    stored: StoredDocument,
    expected: Document,
    now: datetime,
    progress: Progress | None,
) -> StoredDocument:
    """Fetch a document again and hold it against what was sealed.

    Args:
        driver: The system; new, so that nothing of it can be cached.
        stored: What it said when it stored the document.
        expected: What was sealed.
        now: The present time.
        progress: Told the bytes that have come.

    Returns:
        What the archive shows of the document.

    Raises:
        UnknownOutcomeError: If it is not shown, but may still come to light.
        NotFoundError: If it is not there.
        CorruptError: If anything differs; the message names what.
        ConflictError: If the case has it more than once.
    """
    try:
        shown = _require_shown(driver, stored, expected)
        size, sha256 = _fetch(driver, shown, expected.size, progress)
    except NotFoundError as error:
        delay = driver.capabilities.visibility_delay
        # Without a delay the archive's clock, which may be wrong, has no say.
        if delay and now < stored.stored + delay:
            raise UnknownOutcomeError(
                N_("the archive does not show the document yet; it may need some time")
            ) from error
        raise
    _compare(size, sha256, expected)
    return shown


def _require_shown(driver: Driver, stored: StoredDocument, expected: Document) -> StoredDocument:
    if not driver.capabilities.finds_by_key:
        return stored
    shown = shown_as_stored(driver, stored, expected)
    if shown is None:
        raise NotFoundError(N_("the archive does not show the document"))
    return shown


def _fetch(
    driver: Driver, stored: StoredDocument, most: int | None, progress: Progress | None
) -> tuple[int, str]:
    digest = hashlib.sha256()
    size = 0
    with durable.call("read"), driver.read(stored) as blocks:
        for block in blocks:
            size += len(block)
            if most is not None and size > most:
                raise CorruptError(
                    N_("the archive returned more than the {expected} bytes it was given"),
                    expected=most,
                )
            digest.update(block)
            if progress is not None:
                progress(size)
    return size, digest.hexdigest()


def _compare(size: int, sha256: str, expected: Document) -> None:
    if size != expected.size:
        raise CorruptError(
            N_("the archive's copy is cut short: {found} of {expected} bytes"),
            found=size,
            expected=expected.size,
        )
    if sha256 != expected.sha256:
        raise CorruptError(
            N_(
                "the archive's copy has the right length, but other bytes "
                "(SHA-256 {found} instead of {expected})"
            ),
            found=sha256,
            expected=expected.sha256,
        )
