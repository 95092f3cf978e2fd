# SPDX-License-Identifier: EUPL-1.2
"""An archive in memory, for tests of programs that use a store.

A real driver: it passes the same suite as every other. It forgets everything when the process ends,
so it is never offered by ``registry`` and no configuration can choose it; only code makes one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from esdh_adapter.driver import (
    Capabilities,
    Case,
    CaseNumber,
    Document,
    DocumentKey,
    StoredDocument,
)
from esdh_adapter.errors import (
    N_,
    CaseClosedError,
    ConflictError,
    ContentMismatchError,
    DeniedError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)

_READ_BYTES = 1024 * 1024

_CAPABILITIES = Capabilities(
    finds_by_key=True,
    enumerates=True,
    deletes=True,
    journalises=True,
    atomic_store=True,
    visibility_delay=timedelta(0),
    max_bytes=32 * 1024 * 1024,
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class MemoryArchive:
    """What a server would hold; all drivers opened from it share it."""

    cases: dict[CaseNumber, bool] = field(default_factory=dict)
    """Case numbers, and whether each is open."""
    denied: set[CaseNumber] = field(default_factory=set)
    """Cases that are there, but not for this account."""
    capabilities: Capabilities = _CAPABILITIES
    """What it can do. With a visibility delay it shows documents only after that time."""
    clock: Callable[[], datetime] = _utc_now
    """The archive's clock."""
    is_reachable: bool = True
    """Whether it answers."""
    documents: dict[str, tuple[StoredDocument, bytes]] = field(default_factory=dict)
    """By handle."""

    def open_driver(self) -> MemoryDriver:
        """Connect to it.

        Returns:
            A new driver.
        """
        return MemoryDriver(self)


class MemoryDriver:
    """A connection to an archive in memory."""

    def __init__(self, archive: MemoryArchive) -> None:
        """Connect; use ``MemoryArchive.open_driver``.

        Args:
            archive: What to connect to.
        """
        self._archive = archive

    @property
    def name(self) -> str:
        """What to call this archive."""
        return "memory"

    @property
    def capabilities(self) -> Capabilities:
        """What it was made to do."""
        return self._archive.capabilities

    def find_case(self, number: CaseNumber) -> Case:
        """Find a case. See ``Driver.find_case``."""
        self._require_reachable()
        if number in self._archive.denied:
            raise DeniedError
        if number not in self._archive.cases:
            raise NotFoundError(N_("there is no such case"))
        return Case(number, number, self._archive.cases[number], number)

    def store(self, case: Case, document: Document, content: Iterable[bytes]) -> StoredDocument:
        """Store a document. See ``Driver.store``."""
        if not self.find_case(case.number).is_open:
            raise CaseClosedError
        if not document.name or "/" in document.name or not document.name.isprintable():
            raise RefusedError(N_("the archive does not take this name"))
        handle = f"{case.number}\n{document.set_id}\n{document.name}"
        earlier = self._archive.documents.get(handle)
        if earlier is not None:
            if earlier[0].key != document.key:
                raise ConflictError(N_("the archive has another document by this name"))
            return earlier[0]
        data = b"".join(content)
        if len(data) != document.size:
            raise ContentMismatchError
        stored = StoredDocument(
            handle=handle,
            key=document.key,
            set_id=document.set_id,
            name=document.name,
            role=document.role,
            size=document.size,
            stated_sha256=None,
            case=case.number,
            stored=self._archive.clock(),
        )
        self._archive.documents[handle] = (stored, data)
        return stored

    def find(self, case: Case, key: DocumentKey) -> StoredDocument | None:
        """Look for a document by its key. See ``Driver.find``."""
        found = (each for each in self._shown() if each.key == key and each.case == case.number)
        return next(found, None)

    def find_set(self, set_id: str) -> list[StoredDocument]:
        """Look for everything of one recording. See ``Driver.find_set``."""
        return [each for each in self._shown() if each.set_id == set_id]

    @contextmanager
    def read(self, stored: StoredDocument) -> Iterator[Iterator[bytes]]:
        """Give a document's bytes. See ``Driver.read``."""
        self._require_shown(stored)
        data = self._archive.documents[stored.handle][1]
        yield (data[i : i + _READ_BYTES] for i in range(0, len(data), _READ_BYTES))

    def place(self, stored: StoredDocument) -> str:  # noqa: ARG002 - the protocol's signature
        """No person finds it anywhere. See ``Driver.place``."""
        return ""

    def enumerate(self, since: datetime | None) -> Iterator[StoredDocument]:
        """Go through all documents. See ``Driver.enumerate``."""
        return (each for each in self._shown() if since is None or each.stored >= since)

    def journalise(self, stored: StoredDocument) -> None:
        """File a document for good. See ``Driver.journalise``."""
        self._require_shown(stored)
        kept, data = self._archive.documents[stored.handle]
        self._archive.documents[stored.handle] = (replace(kept, is_journalised=True), data)

    def delete(self, stored: StoredDocument) -> None:
        """Remove a document. See ``Driver.delete``."""
        self._require_reachable()
        self._archive.documents.pop(stored.handle, None)

    def close(self) -> None:
        """Nothing is kept open."""

    def _shown(self) -> list[StoredDocument]:
        self._require_reachable()
        latest = self._archive.clock() - self.capabilities.visibility_delay
        return [kept for kept, _ in self._archive.documents.values() if kept.stored <= latest]

    def _require_shown(self, stored: StoredDocument) -> None:
        if all(each.handle != stored.handle for each in self._shown()):
            raise NotFoundError(N_("there is no such document"))

    def _require_reachable(self) -> None:
        if not self._archive.is_reachable:
            raise UnavailableError
