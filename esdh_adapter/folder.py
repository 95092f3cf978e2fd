# SPDX-License-Identifier: EUPL-1.2
"""The embedded default archive: a folder, on a local disk or a network share.

Layout: ``<percent-encoded case>/<set>/<name>``, what is known of each document in ``.meta`` beside
it. A case folder that holds a file ``.closed`` takes no more documents.

The order of a store, which every rule depends on: index entry, partial file, sync, sidecar
(exclusive, durable), the name (never over another), sync of the folders. A document is there if
sidecar and file are. Before one is called stored, the folders above it are synced *again*: whoever
stored it may have died in between.

Limits: what people do in the folder by hand is not prevented. Files are readable by their owner
only where the file system has owners; a share's server decides for itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from esdh_adapter import durable, folder_sidecar
from esdh_adapter.driver import (
    Capabilities,
    Case,
    CaseNumber,
    Document,
    DocumentKey,
    StoredDocument,
    set_of,
)
from esdh_adapter.errors import (
    N_,
    CaseClosedError,
    ConflictError,
    NotFoundError,
    RefusedError,
)
from esdh_adapter.folder_errors import translated, translating
from esdh_adapter.folder_index import FolderIndex
from esdh_adapter.folder_layout import FolderLayout
from esdh_adapter.folder_names import checked_case_number, is_set_id, require_names
from esdh_adapter.folder_place import FolderSettings, check_place
from esdh_adapter.folder_write import sweep, write_document
from esdh_adapter.uncached import open_blocks

__all__ = ["FolderDriver", "FolderSettings"]

CLOSED_MARK = ".closed"
"""The file that closes a case."""

_CAPABILITIES = Capabilities(
    finds_by_key=True,
    enumerates=True,
    deletes=True,
    journalises=True,
    atomic_store=True,
    visibility_delay=timedelta(0),
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class FolderDriver:
    """An archive in a folder."""

    def __init__(
        self, settings: FolderSettings, *, clock: Callable[[], datetime] = _utc_now
    ) -> None:
        """Prepare to use the folder; nothing is touched before ``check``.

        Args:
            settings: Where it is.
            clock: The present time, with a time zone.
        """
        self._settings = settings
        self._clock = clock
        self._layout = FolderLayout(settings.root)
        self._index = FolderIndex(settings.root, self._layout.sets)

    def check(self) -> None:
        """Make sure that the folder is there and a place to trust; see ``folder_place``.

        Raises:
            ConfigurationError: With all that is wrong with it.
            UnavailableError: If its volume does not answer.
        """
        check_place(self._settings)

    @property
    def name(self) -> str:
        """What to call this archive."""
        return "folder"

    @property
    def capabilities(self) -> Capabilities:
        """What a folder can do."""
        return _CAPABILITIES

    def find_case(self, number: CaseNumber) -> Case:
        """Find a case: every well-formed number is one. See ``Driver.find_case``."""
        number = checked_case_number(number)
        path = self._layout.case_path(number)
        with translating():
            self._layout.require_root()
            is_open = not (path / CLOSED_MARK).exists()
        return Case(number=number, title=number, is_open=is_open, handle=path.name)

    def store(self, case: Case, document: Document, content: Iterable[bytes]) -> StoredDocument:
        """Store a document. See ``Driver.store``."""
        require_names(document.set_id, document.name)
        if set_of(document.key) != document.set_id:
            raise RefusedError(N_("the document's key does not begin with its recording's id"))
        case = self.find_case(case.number)
        if not case.is_open:
            raise CaseClosedError
        directory = self._layout.case_path(case.number) / document.set_id
        with translating():
            existing = self._existing(directory, case.number, document)
            if existing is not None:
                self._layout.settle(directory)
                return existing
            self._index.note(document.set_id, directory.parent.name)
            durable.make_directory(directory / folder_sidecar.DIRECTORY)
            sweep(directory, self._clock())
        sidecar = folder_sidecar.sidecar_for(document, case.number, self._clock())
        write_document(directory, sidecar, content)
        with translating():
            self._layout.settle(directory)
            stored = self._layout.document(directory, document.name)
        if stored is None or stored.key != document.key:
            raise ConflictError(N_("the archive has another document by this name"))
        return stored

    def find(self, case: Case, key: DocumentKey) -> StoredDocument | None:
        """Look for a document by its key. See ``Driver.find``."""
        set_id = set_of(key)
        if not is_set_id(set_id):
            return None
        number = checked_case_number(case.number)
        directory = self._layout.case_path(number) / set_id
        with translating():
            self._layout.require_root()
            for stored in self._layout.documents(directory):
                if stored.key == key and stored.case == number:
                    self._layout.settle(directory)
                    return stored
        return None

    def find_set(self, set_id: str) -> list[StoredDocument]:
        """Look for everything of one recording, in whatever case. See ``Driver.find_set``."""
        if not is_set_id(set_id):
            return []
        with translating():
            self._layout.require_root()
            hinted = self._index.case_directories(set_id)
            by_case = {each: self._layout.documents_in(each, set_id) for each in hinted or ()}
            if not by_case or not all(by_case.values()):
                # The index is never the truth: what it does not know is looked for.
                walked = self._layout.case_directories()
                by_case = {each: self._layout.documents_in(each, set_id) for each in walked}
            found = {each: documents for each, documents in by_case.items() if documents}
            if hinted is None or not found.keys() <= set(hinted):
                self._index.repair()
        return [stored for documents in found.values() for stored in documents]

    @contextmanager
    def read(self, stored: StoredDocument) -> Iterator[Iterator[bytes]]:
        """Open a document's bytes, past the page cache. See ``Driver.read``."""
        path = self._layout.path_of(stored)
        with ExitStack() as stack:
            with translating():
                self._require_file(path)
                blocks = stack.enter_context(open_blocks(path))
            yield _translated(blocks)

    def place(self, stored: StoredDocument) -> str:
        """The document's path. See ``Driver.place``."""
        return str(self._layout.path_of(stored))

    def enumerate(self, since: datetime | None) -> Iterator[StoredDocument]:
        """Go through all documents by walking the folder. See ``Driver.enumerate``."""
        with translating():
            self._layout.require_root()
        sets = self._layout.sets()
        while True:
            with translating():
                place = next(sets, None)
                if place is None:
                    return
                set_id, directory = place
                found = self._layout.documents_in(directory, set_id)
            yield from (stored for stored in found if since is None or stored.stored >= since)

    def journalise(self, stored: StoredDocument) -> None:
        """Write into the sidecar that the document is filed for good. See ``Driver.journalise``."""
        path = self._layout.path_of(stored)
        with translating():
            self._require_file(path)
            sidecar = folder_sidecar.read(path.parent, path.name)
            if sidecar is None:
                raise NotFoundError(N_("the document is not in the archive's folder"))
            if sidecar.journalised is None:
                filed = folder_sidecar.journalised(sidecar, self._clock())
                folder_sidecar.write(path.parent, filed, replace=True)
            else:
                durable.sync_directory(path.parent / folder_sidecar.DIRECTORY)

    def delete(self, stored: StoredDocument) -> None:
        """Remove a document, then its sidecar. See ``Driver.delete``."""
        path = self._layout.path_of(stored)
        sidecar = folder_sidecar.path_for(path.parent, path.name)
        with translating():
            self._layout.require_root()
            for each in (path, sidecar):
                if each.parent.is_dir():
                    durable.unlink(each)
                    durable.sync_directory(each.parent)

    def close(self) -> None:
        """Nothing is kept open."""

    def _existing(
        self, directory: Path, number: CaseNumber, document: Document
    ) -> StoredDocument | None:
        """The same document if it is stored; an error if something else has its name or key."""
        for stored in self._layout.documents(directory):
            if stored.key == document.key:
                if (stored.name, stored.case) != (document.name, number):
                    raise ConflictError(N_("the archive has this document by another name"))
                if stored.size != document.size:
                    raise ConflictError(N_("the archive's copy has another size"))
                return stored
        if os.path.lexists(directory / document.name):
            raise ConflictError(N_("the archive has another document by this name"))
        return None

    def _require_file(self, path: Path) -> None:
        self._layout.require_root()
        if path.is_symlink() or not path.is_file():
            raise NotFoundError(N_("the document is not in the archive's folder"))


def _translated(blocks: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from blocks
    except OSError as error:
        raise translated(error) from error
