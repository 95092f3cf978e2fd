# SPDX-License-Identifier: EUPL-1.2
"""A driver that lies, one lie at a time: whoever uses a store must never wipe because of one.

    archive = MemoryArchive(cases={number: True})
    store = Store(lying(archive.open_driver, Lie.FLIPS_A_BIT))

Rule: a liar answers as if all were well, so that only bytes read back, or the set counted again,
can tell. All drivers opened by one ``lying`` share what was already lied about.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from esdh_adapter.driver import (
    Capabilities,
    Case,
    CaseNumber,
    Document,
    DocumentKey,
    Driver,
    StoredDocument,
)
from esdh_adapter.errors import NotFoundError, UnavailableError


class Lie(enum.Enum):
    """What a lying archive does."""

    TRUNCATES = "returns all but the last byte"
    FLIPS_A_BIT = "returns one bit of the last block changed"
    SUCCESS_WITHOUT_STORING = "answers that it stored, and has nothing"
    RETURNS_ANOTHER_FILE = "returns other bytes of the same length"
    RETURNS_AN_OLDER_ONE = "returns an earlier state, of which only the first half was there"
    SHOWS_IT_LATE = "shows a document only when it was asked for several times"
    FORGETS_METADATA = "keeps the bytes, but not key and role"
    STORES_TWICE = "has the document twice in the case"
    UNAVAILABLE_AFTER_STORING = "stores, but its answer is lost"
    UNAVAILABLE_BEFORE = "does not answer, and stores nothing"


_LIES_WHEN_READ = frozenset(
    {Lie.TRUNCATES, Lie.FLIPS_A_BIT, Lie.RETURNS_ANOTHER_FILE, Lie.RETURNS_AN_OLDER_ONE}
)
_ONCE = frozenset({Lie.UNAVAILABLE_AFTER_STORING, Lie.UNAVAILABLE_BEFORE})
_LOOKS_UNTIL_SHOWN = 4


@dataclass
class LieMemory:
    """What one lying archive has done so far, whoever is connected."""

    times: int | None
    """How many more times to lie; ``None`` for always."""
    looks: int = 0
    """How often it was asked for what it shows late."""
    told: list[str] = field(default_factory=list)
    """The method of each lie told, so that a test can see that it was."""

    def tell(self, method: str) -> bool:
        """Decide whether to lie now.

        Args:
            method: Where.

        Returns:
            Whether to.
        """
        if self.times is not None:
            if self.times <= 0:
                return False
            self.times -= 1
        self.told.append(method)
        return True


def memory_for(lie: Lie, times: int | None = None) -> LieMemory:
    """Begin a lie.

    Args:
        lie: Which.
        times: How often; by default always, except that an answer is lost only once.

    Returns:
        What the drivers of one lying archive share.
    """
    return LieMemory(1 if times is None and lie in _ONCE else times)


def lying(
    open_driver: Callable[[], Driver], lie: Lie, *, memory: LieMemory | None = None
) -> Callable[[], Driver]:
    """Make an archive lie.

    Args:
        open_driver: Opens the honest one.
        lie: Which lie.
        memory: From ``memory_for``, to choose how often and to see what was told.

    Returns:
        Opens a lying driver of the same archive.
    """
    shared = memory or memory_for(lie)
    return lambda: LyingDriver(open_driver(), lie, shared)


class LyingDriver:
    """A driver around another that tells one lie."""

    def __init__(self, inner: Driver, lie: Lie, memory: LieMemory | None = None) -> None:
        """Wrap an honest driver.

        Args:
            inner: The honest driver.
            lie: Which lie.
            memory: Shared by all drivers of the archive.
        """
        self._inner = inner
        self._lie = lie
        self._memory = memory or memory_for(lie)

    @property
    def name(self) -> str:
        """The honest driver's name."""
        return self._inner.name

    @property
    def capabilities(self) -> Capabilities:
        """What the honest driver can do."""
        return self._inner.capabilities

    def find_case(self, number: CaseNumber) -> Case:
        """Find a case, honestly."""
        return self._inner.find_case(number)

    def store(self, case: Case, document: Document, content: Iterable[bytes]) -> StoredDocument:
        """Store a document, or say so."""
        if self._lie is Lie.SUCCESS_WITHOUT_STORING and self._memory.tell("store"):
            size = sum(map(len, content))
            return _invented(case, replace(document, size=size))
        if self._lie is Lie.UNAVAILABLE_BEFORE and self._memory.tell("store"):
            raise UnavailableError
        stored = self._inner.store(case, document, content)
        if self._lie is Lie.UNAVAILABLE_AFTER_STORING and self._memory.tell("store"):
            raise UnavailableError
        return stored

    def find(self, case: Case, key: DocumentKey) -> StoredDocument | None:
        """Look for a document."""
        if self._hides():
            return None
        found = self._inner.find(case, key)
        if found is not None and self._lie is Lie.FORGETS_METADATA and self._memory.tell("find"):
            return None
        return found

    def find_set(self, set_id: str) -> list[StoredDocument]:
        """Look for a set, with what the archive made of it."""
        if self._hides():
            return []
        found = self._inner.find_set(set_id)
        if found and self._lie is Lie.STORES_TWICE and self._memory.tell("find_set"):
            return [*found, *(replace(each, handle=f"{each.handle}-1") for each in found)]
        if found and self._lie is Lie.FORGETS_METADATA and self._memory.tell("find_set"):
            return [replace(each, key=DocumentKey(""), role="") for each in found]
        return found

    def read(self, stored: StoredDocument) -> AbstractContextManager[Iterator[bytes]]:
        """Give bytes, not always the document's."""
        if self._hides():
            raise NotFoundError
        if self._lie in _LIES_WHEN_READ and stored.size and self._memory.tell("read"):
            return self._read_falsely(stored)
        return self._inner.read(stored)

    def place(self, stored: StoredDocument) -> str:
        """Say where a person finds it, honestly."""
        return self._inner.place(stored)

    def enumerate(self, since: datetime | None) -> Iterator[StoredDocument]:
        """Go through all documents, honestly."""
        return self._inner.enumerate(since)

    def journalise(self, stored: StoredDocument) -> None:
        """File a document, or say so where it is not there."""
        if self._lie is Lie.SUCCESS_WITHOUT_STORING:
            return
        self._inner.journalise(stored)

    def delete(self, stored: StoredDocument) -> None:
        """Remove a document, honestly."""
        self._inner.delete(stored)

    def close(self) -> None:
        """Close the honest driver."""
        self._inner.close()

    def _hides(self) -> bool:
        if self._lie is not Lie.SHOWS_IT_LATE:
            return False
        self._memory.looks += 1
        return self._memory.looks < _LOOKS_UNTIL_SHOWN and self._memory.tell("look")

    @contextmanager
    def _read_falsely(self, stored: StoredDocument) -> Iterator[Iterator[bytes]]:
        with self._inner.read(stored) as blocks:
            yield _false(self._lie, blocks, stored.size)


def _false(lie: Lie, blocks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Change what is read, in bounded memory."""
    position = 0
    for block in blocks:
        left = size - position
        position += len(block)
        match lie:
            case Lie.TRUNCATES:
                yield block[: left - 1]
            case Lie.FLIPS_A_BIT:
                is_last = position >= size
                yield block[:-1] + bytes([block[-1] ^ 1]) if is_last else block
            case Lie.RETURNS_AN_OLDER_ONE:
                known = max(0, size // 2 - (position - len(block)))
                yield block[:known] + bytes(len(block) - min(known, len(block)))
            case _:
                yield bytes(byte ^ 0xFF for byte in block)


def _invented(case: Case, document: Document) -> StoredDocument:
    return StoredDocument(
        handle=f"invented/{document.set_id}/{document.name}",
        key=document.key,
        set_id=document.set_id,
        name=document.name,
        role=document.role,
        size=document.size,
        stated_sha256=document.sha256,
        case=case.number,
        stored=datetime.now(UTC),
    )
