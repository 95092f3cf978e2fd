# SPDX-License-Identifier: EUPL-1.2
"""How a document gets into a folder archive: complete and synced before it has a name.

What a process leaves that dies on the way is a partial file, and perhaps a sidecar without a
document; neither is a document to anyone, and the next attempt goes on from there.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from esdh_adapter import durable, folder_sidecar
from esdh_adapter.errors import N_, ConflictError, ContentMismatchError
from esdh_adapter.folder_errors import translating

_PARTIAL_SUFFIX = ".partial"
# Long enough that no store, however slow its share, is still going on.
_STALE_AFTER = timedelta(hours=24)


def write_document(
    directory: Path, sidecar: folder_sidecar.Sidecar, content: Iterable[bytes]
) -> None:
    """Store a document under its name, unless that is taken; the caller syncs the folders.

    Args:
        directory: The set's folder, which exists.
        sidecar: What is known of it.
        content: Its bytes. What this raises is raised unchanged, and nothing is stored.

    Raises:
        ContentMismatchError: If there are fewer or more bytes than the sidecar says.
        ConflictError: If another document claims the name.
        EsdhError: If the file system does not do it.
    """
    partial = directory / f".{sidecar.name}.{secrets.token_hex(4)}{_PARTIAL_SUFFIX}"
    try:
        _write_partial(partial, content, sidecar.size)
        with translating():
            _publish(partial, directory, sidecar)
    except BaseException:
        with suppress(OSError):
            durable.unlink(partial)
        raise


def sweep(directory: Path, now: datetime) -> None:
    """Remove what processes left that died more than a day ago.

    Args:
        directory: The set's folder.
        now: The present time.

    Raises:
        OSError: If the folder cannot be listed or changed.
    """
    oldest = (now - _STALE_AFTER).timestamp()
    for place in (directory, directory / folder_sidecar.DIRECTORY):
        for partial in place.glob(f".*{_PARTIAL_SUFFIX}"):
            with suppress(FileNotFoundError):
                if partial.lstat().st_mtime < oldest:
                    durable.unlink(partial)


def _write_partial(partial: Path, content: Iterable[bytes], size: int) -> None:
    # Only the archive's own errors are translated: those of the content are not the archive's.
    with translating():
        file = durable.DurableFile.create(partial)
    with file:
        for block in content:
            with translating():
                file.write(block)
        if file.size != size:
            raise ContentMismatchError(
                N_("the content has {found} bytes instead of {expected}"),
                found=file.size,
                expected=size,
            )
        with translating():
            file.sync()
            file.close()  # some shares report what went wrong only here


def _publish(partial: Path, directory: Path, sidecar: folder_sidecar.Sidecar) -> None:
    """Claim the name by the sidecar, then give it to the content."""
    try:
        folder_sidecar.write(directory, sidecar, replace=False)
    except FileExistsError:
        claim = folder_sidecar.read(directory, sidecar.name)
        if claim is None:  # damaged, and there is no document: nothing is lost with it
            folder_sidecar.write(directory, sidecar, replace=True)
        elif (claim.key, claim.case) != (sidecar.key, sidecar.case):
            raise ConflictError(
                N_("another document of this name is being stored, or was begun")
            ) from None
        else:  # its writer may have died before its name was durable
            durable.sync_directory(directory / folder_sidecar.DIRECTORY)
    try:
        durable.rename_exclusive(partial, directory / sidecar.name)
    except FileExistsError:
        # Someone stored it meanwhile; the claim says that it was the same document.
        durable.unlink(partial)
