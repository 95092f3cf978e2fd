# SPDX-License-Identifier: EUPL-1.2
"""A slot: one data key, wrapped, in a file of fixed size that can be overwritten in place.

    4096 bytes   magic 8 | role 1 | zero 7 | recording id 16 | wrapped key 40 | zero to the end

The data key is wrapped by AES-256 key wrap (RFC 3394) under a wrapping key of its own, which
lives in the key store. Destroying the wrapping key makes every copy of the slot worthless.
"""

from __future__ import annotations

import enum
import os
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)

from recorder.durable import DurableFile, sync_directory
from recorder.errors import KeyStoreError, VaultError
from recorder.identifiers import RecordingId
from recorder.vault.keystore import KEY_BYTES, KeyStore
from recorder.vault.medium import overwrite_once
from recorder.words import _

_MAGIC = b"MODOSLT1"
_SLOT_BYTES = 4096
_WRAPPED = slice(32, 72)


class KeyRole(enum.Enum):
    """Which of a recording's data keys; its value names the file and the wrapping key."""

    SOUND = "sound"
    RECORD = "record"


class Slot:
    """One wrapped data key."""

    def __init__(self, directory: Path, recording: RecordingId, role: KeyRole) -> None:
        """Name a slot.

        Args:
            directory: Of the recording's entry.
            recording: Whose key.
            role: Which key.
        """
        self.path = directory / f"{role.value}.slot"
        self._recording = recording
        self._role = role

    @property
    def wrapping_key_name(self) -> str:
        """The wrapping key's name in the key store."""
        return f"{self._recording}.{self._role.value}"

    def create(self, keystore: KeyStore) -> bytes:
        """Draw a data key and a wrapping key, and store both.

        Args:
            keystore: Where the wrapping key goes.

        Returns:
            The data key, 32 bytes.

        Raises:
            KeyStoreError: If the key store does not keep the wrapping key.
            OSError: If the slot cannot be written.
        """
        data_key, wrapping_key = os.urandom(KEY_BYTES), os.urandom(KEY_BYTES)
        keystore.put(self.wrapping_key_name, wrapping_key)
        content = self._frame(aes_key_wrap(wrapping_key, data_key))
        with DurableFile.create(self.path) as file:
            file.write(content)
            file.sync()
        sync_directory(self.path.parent)
        return data_key

    def open(self, keystore: KeyStore) -> bytes:
        """Unwrap the data key.

        Args:
            keystore: Where the wrapping key is.

        Returns:
            The data key, 32 bytes.

        Raises:
            KeyStoreError: If the wrapping key is gone or the key store does not answer.
            VaultError: If the slot is missing or not intact.
        """
        content = self.read()
        wrapping_key = keystore.get(self.wrapping_key_name)
        if wrapping_key is None:
            raise KeyStoreError(_("The key of this recording is no longer in the key store."))
        try:
            return aes_key_unwrap(wrapping_key, content[_WRAPPED])
        except (InvalidUnwrap, ValueError) as error:
            raise VaultError(_("The stored key of this recording is not intact.")) from error

    def read(self) -> bytes:
        """Read the slot as it lies on disk.

        Returns:
            4096 bytes.

        Raises:
            VaultError: If it is missing or not a slot of this recording.
        """
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise VaultError(_("The stored key of this recording is missing.")) from error
        if content != self._frame(content[_WRAPPED]):
            raise VaultError(_("The stored key of this recording is not intact."))
        return content

    def destroy(self, keystore: KeyStore) -> bool:
        """Make the data key unreadable: wrapping key first, then the slot. May be repeated.

        A copy of the slot is held in memory and tried with the key store as it is afterwards.
        The slot is overwritten only once that was refused: so a missing or overwritten slot says
        that an earlier try came that far. Overwriting is best effort: a full disk that copies on
        write must not keep a recording from being erased whose key is gone.

        Args:
            keystore: Where the wrapping key is.

        Returns:
            Whether the slot was overwritten now.

        Raises:
            KeyStoreError: If the wrapping key cannot be removed, or still opens the copy.
            OSError: If the slot cannot be read.
        """
        copy = self.path.read_bytes() if self.path.exists() else b""
        keystore.remove(self.wrapping_key_name)
        if not copy:
            return False
        if not self._is_refused(copy, keystore):
            raise KeyStoreError(_("The key store still has a key that was removed."))
        return overwrite_once(self.path) == len(copy)

    def _is_refused(self, copy: bytes, keystore: KeyStore) -> bool:
        wrapping_key = keystore.get(self.wrapping_key_name)
        if wrapping_key is None:
            return True
        try:
            aes_key_unwrap(wrapping_key, copy[_WRAPPED])
        except (InvalidUnwrap, ValueError):
            return True
        return False

    def _frame(self, wrapped: bytes) -> bytes:
        head = _MAGIC + self._role.value[0].encode("ascii") + bytes(7)
        return (head + self._recording.encode("ascii") + wrapped).ljust(_SLOT_BYTES, b"\0")
