# SPDX-License-Identifier: EUPL-1.2
"""Every setting, with its default and what it may be.

Each one is documented for IT in ``config.example.toml``, which a test compares with this module.
Defaults make a safe recording on a machine that nobody configured.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from recorder.words import _

LOWEST_RATE = 8_000
"""Samples per second: telephone quality, and what Bluetooth headsets give."""
HIGHEST_RATE = 192_000
"""Samples per second: the best that common interfaces give."""

_ADAPTER_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def _rate(value: object) -> str | None:
    if value == 0 or (isinstance(value, int) and value >= LOWEST_RATE):
        return None
    return _("must be 0 (the microphone's own rate) or from {low} to {high}").format(
        low=LOWEST_RATE, high=HIGHEST_RATE
    )


def _adapter(value: object) -> str | None:
    if isinstance(value, str) and _ADAPTER_NAME.fullmatch(value):
        return None
    return _("must be an adapter's name, such as folder")


_Path = Annotated[str, Meta(max_length=4096)]


class KeyStoreKind(enum.Enum):
    """Where the wrapping keys are kept."""

    OS = "os"
    FILE = "file"


class VaultSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The local encrypted store."""

    overwrite: bool = True
    """Whether a wipe also overwrites the ciphertext once, besides destroying its key."""


class KeySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys that the local store is encrypted under."""

    store: KeyStoreKind = KeyStoreKind.OS
    """The operating system's key store, or key files; every receipt names key files."""
    directory: _Path = ""
    """Where key files lie; needed for ``store = "file"``."""


class CaptureSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How sound is taken in."""

    microphone: Annotated[str, Meta(max_length=300)] = ""
    """The microphone's name; empty for the system's default."""
    rate: Annotated[int, Meta(ge=0, le=HIGHEST_RATE, extra={"rule": _rate})] = 0
    """Samples per second, ``LOWEST_RATE`` to ``HIGHEST_RATE``; 0 for the device's own."""
    channels: Literal[1, 2] = 1
    """How many channels."""
    depth: Literal[16, 24] = 16
    """Bits per sample."""
    fall_back: bool = True
    """Whether recording goes on with another microphone when this one is lost."""


class FolderSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The archive in a folder."""

    path: _Path = ""
    """The folder; empty as long as there is none, and recordings wait."""
    allow_same_volume: bool = False
    """Whether the folder may lie on the local store's own volume."""
    allow_sync_folder: bool = False
    """Whether the folder may be one that a sync client (OneDrive, Dropbox …) watches."""


class ArchiveSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where recordings are delivered."""

    adapter: Annotated[str, Meta(extra={"rule": _adapter})] = "folder"
    """Which adapter delivers."""
    folder: FolderSettings = FolderSettings()
    """For the adapter ``folder``."""
    attempts: Annotated[int, Meta(ge=1, le=20)] = 3
    """How often a failed step is tried before the recording waits."""
    watch_interval: Annotated[int, Meta(ge=5, le=86_400)] = 60
    """Seconds between two rounds of ``archive --watch``."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings."""

    language: Literal["da", "en"] = "da"
    """The language that people are spoken to in."""
    vault: VaultSettings = VaultSettings()
    """The local encrypted store."""
    keys: KeySettings = KeySettings()
    """Its keys."""
    capture: CaptureSettings = CaptureSettings()
    """How sound is taken in."""
    archive: ArchiveSettings = ArchiveSettings()
    """Where recordings are delivered."""


SettingValue = str | int | bool

PATH_KEYS = frozenset({"keys.directory", "archive.folder.path"})
"""Settings that name a place; relative ones count from the file they stand in."""


def settings(config: Config) -> Mapping[str, SettingValue]:
    """List every setting with its value.

    Args:
        config: The settings.

    Returns:
        Values as TOML writes them, by dotted key, in the order of the model.
    """
    return dict(_flat(config, ""))


def _flat(section: msgspec.Struct, above: str) -> list[tuple[str, SettingValue]]:
    found: list[tuple[str, SettingValue]] = []
    for name in section.__struct_fields__:
        value = getattr(section, name)
        if isinstance(value, msgspec.Struct):
            found += _flat(value, f"{above}{name}.")
        else:
            plain = value.value if isinstance(value, enum.Enum) else value
            found.append((above + name, plain))
    return found
