# SPDX-License-Identifier: EUPL-1.2
"""Where wrapping keys live: the operating system's key store, or by explicit choice a key file.

Rules: 32-byte secrets only, one per recording and role. What was put is read again before it
counts: a store that forgets (keyring's null backend does) is an error. Absence after a delete is
confirmed by asking again. Names of keys hold the recording id and the role, nothing personal.

Limits: an OS key store is itself a file on the same disk unless the system keeps it in hardware;
what deleting from it is worth is said in the receipt. Windows' credential manager is told not to
roam. Not verified on Windows and macOS.
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path
from typing import Any, Protocol

from recorder.durable import DurableFile, call, make_directory, sync_directory, unlink
from recorder.errors import KeyStoreError
from recorder.words import _

KEY_BYTES = 32
_SERVICE = "modoptager"
# Others keep secrets in plain files, or are put in by an environment variable.
_OF_SYSTEMS = frozenset(
    f"keyring.backends.{name}"
    for name in ("SecretService", "libsecret", "kwallet", "Windows", "macOS")
)


class KeyStore(Protocol):
    """A store of named 32-byte secrets."""

    @property
    def description(self) -> str:
        """What kind of store it is, for receipts; not translated."""

    def put(self, name: str, secret: bytes) -> None:
        """Store a secret and make sure that it is there.

        Args:
            name: Of the key.
            secret: 32 bytes.

        Raises:
            KeyStoreError: If it is not there afterwards.
        """

    def get(self, name: str) -> bytes | None:
        """Fetch a secret.

        Args:
            name: Of the key.

        Returns:
            32 bytes, or none if there is no such key.

        Raises:
            KeyStoreError: If the store cannot say.
        """

    def remove(self, name: str) -> None:
        """Remove a secret and make sure that it is gone; a missing one is fine.

        Args:
            name: Of the key.

        Raises:
            KeyStoreError: If it is still there, or the store cannot say.
        """


class OsKeyStore:
    """The key store of the operating system, through ``keyring``."""

    def __init__(self, backend: object | None = None) -> None:
        """Find the system's key store.

        Args:
            backend: A ``keyring`` backend, trusted as it is; without it the one that ``keyring``
                finds, if it is one of an operating system's.

        Raises:
            KeyStoreError: If there is none, or only one that is no operating system's.
        """
        self._backend: Any = _system_backend() if backend is None else backend
        if hasattr(self._backend, "persist"):
            # Windows: the default roams with the user's profile and leaves copies on servers.
            self._backend.persist = "local machine"

    @property
    def description(self) -> str:
        """The backend's own name."""
        return f"os:{type(self._backend).__module__.rpartition('.')[2]}"

    def put(self, name: str, secret: bytes) -> None:
        """Store a secret and read it again."""
        text = base64.b64encode(secret).decode("ascii")
        with call("keystore put"):
            self._ask("set_password", name, text)
        if self.get(name) != secret:
            raise KeyStoreError(_("The key store did not keep what was put into it."))

    def get(self, name: str) -> bytes | None:
        """Fetch a secret."""
        answer = self._ask("get_password", name)
        if answer is None:
            return None
        try:
            # An answer that is no key must not pass for "there is no such key".
            secret = base64.b64decode(answer, validate=True) if isinstance(answer, str) else b""
        except (binascii.Error, ValueError) as error:
            raise KeyStoreError(
                _("The key store answered with something else than a key.")
            ) from error
        if len(secret) != KEY_BYTES:
            raise KeyStoreError(_("The key store answered with something else than a key."))
        return secret

    def remove(self, name: str) -> None:
        """Remove a secret and confirm its absence."""
        if self.get(name) is None:
            return
        with call("keystore remove"):
            self._ask("delete_password", name)
        if self.get(name) is not None:
            raise KeyStoreError(_("The key store still has a key that was removed."))

    def _ask(self, method: str, *arguments: str) -> object:
        """Call the backend; the one border for its many exceptions."""
        try:
            answer: object = getattr(self._backend, method)(_SERVICE, *arguments)
        except Exception as error:
            raise KeyStoreError(_("The key store is locked or does not answer.")) from error
        return answer


def _system_backend() -> object:
    import keyring  # noqa: PLC0415 - slow to import; --help must stay quick
    import keyring.backends.fail  # noqa: PLC0415

    backend = keyring.get_keyring()
    if isinstance(backend, keyring.backends.fail.Keyring):
        raise KeyStoreError(_("No key store of the operating system was found."))
    # A chainer asks one after the other: the first that may be used is used alone.
    for each in getattr(backend, "backends", [backend]):
        if type(each).__module__ in _OF_SYSTEMS:
            return each
    raise KeyStoreError(_("The key store that was found is none of the operating system's."))


class FileKeyStore:
    """Keys as files in a folder: an explicit choice, named in every receipt."""

    def __init__(self, directory: Path) -> None:
        """Use a folder.

        Args:
            directory: Absolute; made where it is missing.

        Raises:
            KeyStoreError: If it cannot be made.
        """
        self._directory = directory
        try:
            make_directory(directory)
        except OSError as error:
            raise KeyStoreError(_("The folder for key files cannot be used.")) from error

    @property
    def description(self) -> str:
        """Says that these are files."""
        return "key file"

    def put(self, name: str, secret: bytes) -> None:
        """Store a secret and read it again."""
        path = self._path(name)
        try:
            with DurableFile.create(path) as file:
                file.write(secret)
                file.sync()
            sync_directory(self._directory)
        except OSError as error:
            raise KeyStoreError(error.strerror or "") from error
        if self.get(name) != secret:
            raise KeyStoreError(_("The key store did not keep what was put into it."))

    def get(self, name: str) -> bytes | None:
        """Fetch a secret."""
        try:
            secret = self._path(name).read_bytes()
        except FileNotFoundError:
            if not self._directory.is_dir():
                raise KeyStoreError(_("The folder for key files is gone.")) from None
            return None
        except OSError as error:
            raise KeyStoreError(error.strerror or "") from error
        if len(secret) != KEY_BYTES:
            return None  # a torn put: it never counted
        return secret

    def remove(self, name: str) -> None:
        """Overwrite a secret in place, remove it and confirm its absence."""
        path = self._path(name)
        try:
            if path.exists():
                with DurableFile.overwrite(path) as file:
                    file.write(os.urandom(KEY_BYTES))
                    file.sync()
            unlink(path)
            sync_directory(self._directory)
        except OSError as error:
            raise KeyStoreError(error.strerror or "") from error
        if path.exists():
            raise KeyStoreError(_("The key store still has a key that was removed."))

    def _path(self, name: str) -> Path:
        return self._directory / f"{name}.key"
