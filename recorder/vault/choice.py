# SPDX-License-Identifier: EUPL-1.2
"""Which key store is used, as something that another process can be told."""

from __future__ import annotations

from pathlib import Path

import msgspec

from recorder.config.model import KeyStoreKind
from recorder.vault.keystore import FileKeyStore, KeyStore, OsKeyStore


class KeyStoreChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which key store."""

    store: KeyStoreKind
    directory: str = ""
    """Where key files lie; for that kind only."""


def open_key_store(choice: KeyStoreChoice) -> KeyStore:
    """Open the chosen key store.

    Args:
        choice: From the settings.

    Returns:
        The key store.

    Raises:
        KeyStoreError: If it does not answer.
    """
    if choice.store is KeyStoreKind.FILE:
        return FileKeyStore(Path(choice.directory).absolute())
    return OsKeyStore()
