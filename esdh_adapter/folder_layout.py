# SPDX-License-Identifier: EUPL-1.2
"""Where things lie in a folder archive, and what is there to be seen.

A document is there if its file and a sidecar that can be trusted are. Its size is the file's, not
the sidecar's, so that a file that was cut short shows. Symbolic links are never followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from esdh_adapter import durable, folder_sidecar
from esdh_adapter.driver import CaseNumber, StoredDocument
from esdh_adapter.errors import N_, NotFoundError
from esdh_adapter.folder_names import case_directory, is_case_directory, is_file_name, is_set_id

_HANDLE_PARTS = 3


class FolderLayout:
    """The archive's folder, to look into; raises ``OSError``, which its user translates."""

    def __init__(self, root: Path) -> None:
        """Look into a folder.

        Args:
            root: The archive's folder.
        """
        self.root = root

    def require_root(self) -> None:
        """Make sure that the folder answers.

        Raises:
            OSError: If its share is gone, or it is a file.
        """
        (self.root / ".").stat()

    def case_path(self, number: CaseNumber) -> Path:
        """Say where a case is.

        Args:
            number: Its checked number.

        Returns:
            Its folder.
        """
        return self.root / case_directory(number)

    def path_of(self, stored: StoredDocument) -> Path:
        """Say where a document is.

        Args:
            stored: The document; its handle may come from anywhere.

        Returns:
            Its file.

        Raises:
            NotFoundError: If the handle cannot be one of this archive.
        """
        parts = stored.handle.split("/")
        if len(parts) == _HANDLE_PARTS:
            directory, set_id, name = parts
            if is_case_directory(directory) and is_set_id(set_id) and is_file_name(name):
                return self.root / directory / set_id / name
        raise NotFoundError(N_("the document is not in the archive's folder"))

    def documents(self, directory: Path) -> Iterator[StoredDocument]:
        """Go through the documents in a set's folder.

        Args:
            directory: The folder; it need not exist.

        Yields:
            What is there.
        """
        for name in folder_sidecar.names(directory):
            stored = self.document(directory, name)
            if stored is not None:
                yield stored

    def document(self, directory: Path, name: str) -> StoredDocument | None:
        """Look at one document.

        Args:
            directory: The set's folder.
            name: The document's file name.

        Returns:
            The document; ``None`` unless both its sidecar and its file are there.
        """
        sidecar = folder_sidecar.read(directory, name)
        path = directory / name
        if sidecar is None or sidecar.set_id != directory.name or path.is_symlink():
            return None
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            return None
        return sidecar.as_stored(f"{directory.parent.name}/{directory.name}/{name}", size)

    def documents_in(self, directory: str, set_id: str) -> list[StoredDocument]:
        """Look for a set in one case.

        Args:
            directory: The name of the case folder, from wherever.
            set_id: The id of the recording.

        Returns:
            Its documents there.
        """
        if not is_case_directory(directory):
            return []
        return list(self.documents(self.root / directory / set_id))

    def case_directories(self) -> Iterator[str]:
        """Go through all case folders.

        Yields:
            Their names.
        """
        with os.scandir(self.root) as entries:
            for entry in entries:
                if is_case_directory(entry.name) and entry.is_dir(follow_symlinks=False):
                    yield entry.name

    def sets(self) -> Iterator[tuple[str, str]]:
        """Go through all sets in all cases.

        Yields:
            Pairs of set id and name of the case folder.
        """
        for directory in self.case_directories():
            with suppress(FileNotFoundError), os.scandir(self.root / directory) as entries:
                for entry in entries:
                    if is_set_id(entry.name) and entry.is_dir(follow_symlinks=False):
                        yield entry.name, directory

    def settle(self, directory: Path) -> None:
        """Make every name on the way to a set's documents durable, whoever wrote it.

        Unlike a file's, a directory's failed sync may be tried again: names go through the file
        system's journal, and a file system whose journal fails stops altogether.

        Args:
            directory: The set's folder.
        """
        durable.sync_directory(directory / folder_sidecar.DIRECTORY)
        durable.sync_directory(directory)
        durable.sync_directory(directory.parent)
        durable.sync_directory(self.root)
