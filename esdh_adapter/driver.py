# SPDX-License-Identifier: EUPL-1.2
"""The small protocol that a document system implements, and the words both sides use.

A *case* is what the municipality files documents in. A *set* is all documents of one recording. A
*document* is what we want stored; a *stored document* is what the system says it has. The *key*
names a document for good (``<set>/<role>/<sha256>``): storing the same key twice leaves one.

Rules for drivers: raise only ``esdh_adapter.errors``; never overwrite; hold at most a few MiB of a
document in memory; keep no cache that ``read`` could be answered from; use one driver from one
thread at a time. Hashing, retries and read-back are not theirs: ``esdh_adapter.store`` does them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType, Protocol

CaseNumber = NewType("CaseNumber", str)
"""A case number as the system shows it."""

DocumentKey = NewType("DocumentKey", str)
"""The idempotency key of a document: ``<set>/<role>/<sha256>``."""

Sha256Hex = NewType("Sha256Hex", str)
"""A SHA-256 value (FIPS 180-4) as 64 lower-case hexadecimal digits."""


def document_key(set_id: str, role: str, sha256: Sha256Hex) -> DocumentKey:
    """Build the key of a document.

    Args:
        set_id: The id of the recording.
        role: What the document is in its set, for example ``recording-001``.
        sha256: The hash of its content.

    Returns:
        The key.
    """
    return DocumentKey(f"{set_id}/{role}/{sha256}")


def set_of(key: DocumentKey) -> str:
    """Tell which set a key belongs to.

    Args:
        key: The key of a document.

    Returns:
        The id of the recording.
    """
    return key.partition("/")[0]


@dataclass(frozen=True)
class Capabilities:
    """What a system can do; it is known before the first use."""

    finds_by_key: bool
    """Whether ``find`` and ``find_set`` work. Without, an unknown outcome stays unknown."""
    enumerates: bool
    """Whether ``enumerate`` works."""
    deletes: bool
    """Whether ``delete`` works."""
    journalises: bool
    """Whether the system has a step that files a document for good."""
    atomic_store: bool
    """Whether a store that fails half-way leaves nothing that anyone can see."""
    visibility_delay: timedelta
    """How long after a request ended, or was given up, its document may still come to light."""
    max_bytes: int | None = None
    """The largest document in bytes; ``None`` where no limit is known."""


@dataclass(frozen=True)
class Case:
    """A case that documents can be filed in."""

    number: CaseNumber
    """As the system shows it."""
    title: str
    """For the caseworker to recognise it by; personal data, never logged."""
    is_open: bool
    """Whether it takes documents."""
    handle: str
    """How the driver finds it again; means nothing to anyone else."""


@dataclass(frozen=True)
class Document:
    """A document that is to be stored."""

    key: DocumentKey
    """Built by ``document_key`` from the three fields it names."""
    set_id: str
    """The id of the recording."""
    name: str
    """Its file name."""
    role: str
    """What it is in its set."""
    title: str
    """For people in the archive; personal data, never logged."""
    media_type: str
    """The IANA media type (RFC 6838), for example ``audio/flac``."""
    size: int
    """In bytes."""
    sha256: Sha256Hex
    """Of its content."""
    created: datetime
    """When its bytes were frozen, with a time zone."""


@dataclass(frozen=True)
class StoredDocument:
    """A document as the system shows it."""

    handle: str
    """How a driver finds it again, in this process or a later one; equal for equal documents."""
    key: DocumentKey
    """The key that the system keeps with it."""
    set_id: str
    """The recording's id that the system keeps with it."""
    name: str
    """Its file name."""
    role: str
    """What it is in its set."""
    size: int
    """In bytes, as the system shows it now."""
    stated_sha256: Sha256Hex | None
    """What the system says its hash is. Never a proof."""
    case: CaseNumber
    """The case it is filed in."""
    stored: datetime
    """When, by the system's clock."""
    is_journalised: bool = False
    """Whether it is filed for good."""


class Driver(Protocol):
    """What a document system must be able to do.

    Each method may raise ``UnavailableError`` (nothing is known about the outcome then) and
    ``DeniedError``. Methods that only read may be repeated at will.
    """

    @property
    def name(self) -> str:
        """What to call the system in receipts and messages, without personal data."""

    @property
    def capabilities(self) -> Capabilities:
        """What the system can do; the same for the life of the driver."""

    def find_case(self, number: CaseNumber) -> Case:
        """Find a case.

        Args:
            number: As a person typed it.

        Returns:
            The case, open or closed.

        Raises:
            NotFoundError: If there is no such case.
            DeniedError: If it is there, but not for this account.
            UnavailableError: If the system does not answer.
        """

    def store(self, case: Case, document: Document, content: Iterable[bytes]) -> StoredDocument:
        """Store a document; with a key that is stored already, return that document instead.

        Nothing may come to light before ``content`` has ended well: an iterator that raises, or
        ends before ``document.size`` bytes, means "discard". What the iterator raises is raised
        unchanged. Not to be repeated blindly after ``UnavailableError``.

        Args:
            case: From ``find_case`` of this system.
            document: What it is.
            content: Its bytes in blocks of any size; drawn from once, front to back.

        Returns:
            The document as it is now stored, durably.

        Raises:
            CaseClosedError: If the case takes none.
            RefusedError: If the system does not take this name, type or size.
            ConflictError: If its name is taken by other content. Nothing is overwritten.
            ContentMismatchError: If ``content`` is shorter or longer than ``document.size``.
        """

    def find(self, case: Case, key: DocumentKey) -> StoredDocument | None:
        """Look for a document by its key.

        Args:
            case: Where to look.
            key: Its key.

        Returns:
            The document, which is durably stored then; ``None`` if it is not (yet) shown.
        """

    def find_set(self, set_id: str) -> list[StoredDocument]:
        """Look for everything of one recording, in whatever case.

        Args:
            set_id: The id of the recording.

        Returns:
            Its documents in no particular order.
        """

    def read(self, stored: StoredDocument) -> AbstractContextManager[Iterator[bytes]]:
        """Fetch the bytes of a document from the medium or server itself, past every cache.

        Args:
            stored: From this or an earlier driver of the same system.

        Returns:
            A context whose value gives the bytes in blocks.

        Raises:
            NotFoundError: If it is not (or no longer) there.
        """

    def place(self, stored: StoredDocument) -> str:
        """Say where a person finds a document, without asking the system.

        Args:
            stored: The document.

        Returns:
            A path or an address, which may hold the case number; empty where there is none.
        """

    def enumerate(self, since: datetime | None) -> Iterator[StoredDocument]:
        """Go through all our documents, in bounded memory.

        Args:
            since: Leave out what was stored before; ``None`` for all.

        Returns:
            The documents in no particular order.
        """

    def journalise(self, stored: StoredDocument) -> None:
        """File a document for good; once more changes nothing.

        Args:
            stored: The document.

        Raises:
            NotFoundError: If it is not there.
            RefusedError: If the system has no such step.
        """

    def delete(self, stored: StoredDocument) -> None:
        """Remove a document; one that is gone already is fine.

        Args:
            stored: The document.

        Raises:
            RefusedError: If the system cannot.
        """

    def close(self) -> None:
        """Give back connections; the driver is not used afterwards."""
