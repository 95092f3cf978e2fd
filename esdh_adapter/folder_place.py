# SPDX-License-Identifier: EUPL-1.2
"""Whether a folder is a place to trust an archive to.

Refused unless configured: the vault's own volume (one broken disk would take both; a network drive
that is not connected looks just like this) and folders that a sync client empties or rewrites.
Always refused: a relative path, and a place inside the vault. Limits: sync clients are known by the
names and marker files of their folders; one that hides both is not noticed.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from esdh_adapter import durable
from esdh_adapter.errors import N_, ConfigurationError, Sentence
from esdh_adapter.folder_errors import translated

_SYNC_NAMES = (
    "onedrive",
    "dropbox",
    "google drive",
    "googledrive",
    "my drive",
    "nextcloud",
    "owncloud",
    "icloud drive",
    "iclouddrive",
    "mobile documents",
    "com~apple~clouddocs",
    "cloudstorage",
)
_SYNC_MARKERS = (
    ".dropbox",
    ".dropbox.cache",
    ".849C9593-D756-4E56-8D6E-42412F2A707B",  # OneDrive
    ".sync_*.db",  # Nextcloud, ownCloud
    "._sync_*.db",
    ".nextcloudsync.log",
    ".owncloudsync.log",
    ".tmp.driveupload",  # Google Drive
)
_NOT_CREATABLE = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG}
)


@dataclass(frozen=True)
class FolderSettings:
    """Where a folder archive is."""

    root: Path
    """Its folder, absolute."""
    allow_same_volume: bool = False
    """Whether it may be on the vault's own volume."""
    vault: Path | None = None
    """The folder of the vault, to compare with."""
    allow_sync_folder: bool = False
    """Whether it may be inside the folder of a sync client."""


def check_place(settings: FolderSettings) -> None:
    """Make sure that the archive's folder is there and can be trusted; make it where it is not.

    Args:
        settings: Where it is.

    Raises:
        ConfigurationError: With all that is wrong with the place.
        UnavailableError: If the volume does not answer.
    """
    problems = list(_problems(settings))
    if problems:
        raise ConfigurationError(problems=problems)
    try:
        # Only now: a drive that is not connected must not be replaced by a folder of its name.
        durable.make_directory(settings.root)
    except OSError as error:
        if error.errno in _NOT_CREATABLE:
            raise ConfigurationError(N_("the archive's folder cannot be made")) from error
        raise translated(error) from error
    with suppress(OSError):
        # A crash may have come between making the folder and syncing its name.
        durable.sync_directory(settings.root.parent)


def _problems(settings: FolderSettings) -> Iterator[Sentence]:
    root = settings.root
    if not root.is_absolute():
        yield Sentence(N_("the archive's folder must be given with its full path"))
        return
    try:
        resolved = root.resolve()
        nearest = _nearest_existing(resolved)
        if nearest == resolved and not resolved.is_dir():
            yield Sentence(N_("the archive's folder is a file"))
        if not settings.allow_sync_folder and any(map(_is_synced, {root, resolved})):
            yield Sentence(N_("the archive's folder is inside a folder that a sync client changes"))
        if settings.vault is not None:
            yield from _against_vault(resolved, nearest, settings.vault, settings)
    except OSError as error:
        raise translated(error) from error
    except RuntimeError:  # links in a circle, up to Python 3.12
        yield Sentence(N_("the archive's folder cannot be made"))


def _against_vault(
    root: Path, nearest: Path, vault: Path, settings: FolderSettings
) -> Iterator[Sentence]:
    vault = vault.resolve()
    if root.is_relative_to(vault):
        yield Sentence(N_("the archive's folder is inside the vault"))
    same_volume = nearest.stat().st_dev == _nearest_existing(vault).stat().st_dev
    if same_volume and not settings.allow_same_volume:
        yield Sentence(
            N_(
                "the archive's folder is on the same volume as the vault; "
                "connect the network drive, or set allow_same_volume"
            )
        )


def _nearest_existing(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.exists())


def _is_synced(root: Path) -> bool:
    return any(_has_sync_name(each) or _has_sync_marker(each) for each in (root, *root.parents))


def _has_sync_name(directory: Path) -> bool:
    name = directory.name.casefold()
    # Organisations' folders are called "OneDrive - Some Municipality" or "Dropbox (Some Team)".
    return any(
        name == known or name.startswith((f"{known} ", f"{known}-")) for known in _SYNC_NAMES
    )


def _has_sync_marker(directory: Path) -> bool:
    with suppress(OSError):
        return any(any(directory.glob(marker)) for marker in _SYNC_MARKERS)
    return False
