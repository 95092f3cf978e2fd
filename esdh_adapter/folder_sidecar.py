# SPDX-License-Identifier: EUPL-1.2
"""What a folder archive knows of a document, in ``.meta/<name>.json`` beside it.

Rules: a sidecar is created exclusively and durably *before* its document gets its name, so it also
claims that name for one key. A sidecar without its document means that nothing is stored. What is
read from one is checked, as anyone with access to the share can write there.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from esdh_adapter import durable
from esdh_adapter.driver import CaseNumber, Document, DocumentKey, Sha256Hex, StoredDocument
from esdh_adapter.folder_names import is_file_name

DIRECTORY = ".meta"
"""The folder of a set's sidecars."""

_SUFFIX = ".json"
_MAX_BYTES = 64 * 1024


class Sidecar(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The metadata of one document."""

    schema: Literal["modoptager.folder/1"] = "modoptager.folder/1"
    """The form of this file."""
    key: str
    """The document's key."""
    set_id: str
    """The id of the recording."""
    name: str
    """The file name."""
    role: str
    """What it is in its set."""
    title: str
    """For people."""
    media_type: str
    """The IANA media type."""
    size: int
    """In bytes."""
    sha256: str
    """Of the content, as it was given."""
    case: str
    """The case number, not encoded."""
    created: datetime
    """When the bytes were frozen."""
    stored: datetime
    """When it was stored."""
    journalised: datetime | None = None
    """When it was filed for good."""

    def as_stored(self, handle: str, size: int) -> StoredDocument:
        """Say it in the words of the protocol.

        Args:
            handle: How the driver finds the document.
            size: What its file has now, in bytes.

        Returns:
            The document as the archive shows it.
        """
        return StoredDocument(
            handle=handle,
            key=DocumentKey(self.key),
            set_id=self.set_id,
            name=self.name,
            role=self.role,
            size=size,
            stated_sha256=Sha256Hex(self.sha256),
            case=CaseNumber(self.case),
            stored=self.stored,
            is_journalised=self.journalised is not None,
        )


def sidecar_for(document: Document, case: CaseNumber, now: datetime) -> Sidecar:
    """Write down what is known of a document.

    Args:
        document: The document.
        case: Where it is filed.
        now: The present time.

    Returns:
        Its sidecar.
    """
    return Sidecar(
        key=document.key,
        set_id=document.set_id,
        name=document.name,
        role=document.role,
        title=document.title,
        media_type=document.media_type,
        size=document.size,
        sha256=document.sha256,
        case=case,
        created=document.created,
        stored=now,
    )


def journalised(sidecar: Sidecar, now: datetime) -> Sidecar:
    """Write down that a document is filed for good.

    Args:
        sidecar: Its metadata until now.
        now: The present time.

    Returns:
        Its metadata from now on.
    """
    return msgspec.structs.replace(sidecar, journalised=now)


def path_for(directory: Path, name: str) -> Path:
    """Name the sidecar of a document.

    Args:
        directory: The set's folder.
        name: The document's file name.

    Returns:
        The sidecar's path.
    """
    return directory / DIRECTORY / f"{name}{_SUFFIX}"


def write(directory: Path, sidecar: Sidecar, *, replace: bool) -> None:
    """Store a sidecar durably.

    Args:
        directory: The set's folder.
        sidecar: The metadata.
        replace: Whether an earlier one may be replaced.

    Raises:
        FileExistsError: If there is one that must not be replaced.
        OSError: If it cannot be stored.
    """
    data = msgspec.json.format(msgspec.json.encode(sidecar), indent=2) + b"\n"
    durable.write_file(path_for(directory, sidecar.name), data, replace=replace)


def read(directory: Path, name: str) -> Sidecar | None:
    """Read the sidecar of a document.

    Args:
        directory: The set's folder.
        name: The document's file name.

    Returns:
        The metadata; ``None`` if there is none, or none that can be trusted.

    Raises:
        OSError: If it cannot be read.
    """
    try:
        with path_for(directory, name).open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        sidecar = msgspec.json.decode(data, type=Sidecar)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    is_whole = len(data) <= _MAX_BYTES and sidecar.stored.tzinfo is not None
    return sidecar if is_whole and sidecar.name == name else None


def names(directory: Path) -> list[str]:
    """List the documents that a set's folder has sidecars for.

    Args:
        directory: The set's folder.

    Returns:
        File names, sorted; empty if there is no such folder.

    Raises:
        OSError: If it cannot be listed.
    """
    try:
        found = [entry.name for entry in (directory / DIRECTORY).iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    plain = (name.removesuffix(_SUFFIX) for name in found if name.endswith(_SUFFIX))
    return sorted(name for name in plain if is_file_name(name))
