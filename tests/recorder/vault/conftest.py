# SPDX-License-Identifier: EUPL-1.2
"""The vault's tests crash thousands of times: they need a file system, not a real disk's syncs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from vault_fakes import IN_MEMORY, MemoryKeyStore, TickingClock

from recorder.vault.vault import Vault


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vault-test-", dir=IN_MEMORY) as name:
        yield Path(name)


@pytest.fixture
def keystore() -> MemoryKeyStore:
    return MemoryKeyStore()


@pytest.fixture
def vault(tmp_path: Path, keystore: MemoryKeyStore) -> Vault:
    return Vault(tmp_path / "vault", keystore, TickingClock())
