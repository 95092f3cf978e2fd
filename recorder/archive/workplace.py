# SPDX-License-Identifier: EUPL-1.2
"""Everything that belongs together on one computer: settings, keys, vault, ledger, archive.

Whoever drives the program (command line, window, agent) begins here.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import msgspec

from esdh_adapter.errors import N_, ConfigurationError
from esdh_adapter.registry import open_store
from esdh_adapter.store import RetryPolicy, Store
from recorder.archive.ledger import Ledger
from recorder.archive.outside import Archive
from recorder.clock import Clock, SystemClock
from recorder.config.model import Config
from recorder.config.places import Places
from recorder.vault.choice import KeyStoreChoice, open_key_store
from recorder.vault.vault import Vault


@dataclass(frozen=True)
class Workplace:
    """One user's Modoptager on one computer."""

    config: Config
    places: Places
    clock: Clock = SystemClock()  # noqa: RUF009 - it holds nothing

    @property
    def key_store_choice(self) -> KeyStoreChoice:
        """Which key store the settings choose."""
        return KeyStoreChoice(self.config.keys.store, self.config.keys.directory)

    @functools.cached_property
    def vault(self) -> Vault:
        """The vault.

        Raises:
            KeyStoreError: If the key store does not answer.
            VaultError: If the folder cannot be used.
        """
        return Vault(self.places.vault, open_key_store(self.key_store_choice), self.clock)

    @functools.cached_property
    def archive(self) -> Archive:
        """Case system, ledger and clock."""
        return Archive(
            open_store=self.open_store,
            ledger=Ledger(self.places.ledger, self.clock),
            clock=self.clock,
            overwrite=self.config.vault.overwrite,
        )

    def open_store(self) -> Store:
        """Connect to the case system that the settings name.

        Returns:
            The store; it is reached on first use.

        Raises:
            EsdhError: If the settings are wrong.
        """
        settings = self.config.archive
        if settings.adapter == "folder" and not settings.folder.path:
            raise ConfigurationError(N_("No archive is chosen yet: set archive.folder.path."))
        return open_store(
            settings.adapter,
            msgspec.to_builtins(settings.folder),
            vault=self.places.vault,
            retry=RetryPolicy(attempts=settings.attempts),
        )

    def sweep(self) -> None:
        """Remove what crashes left of entries that hold nothing any more.

        Raises:
            RecorderError: If it cannot be removed.
        """
        self.vault.sweep(self.archive.ledger.condemned())
