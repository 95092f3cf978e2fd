# SPDX-License-Identifier: EUPL-1.2
"""Key stores: what was put is there, what was removed is gone, and anything else is an error."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from vault_fakes import FaultAt, broken, count_operations, full, read_only, watching

from recorder.errors import KeyStoreError
from recorder.vault.keystore import FileKeyStore, OsKeyStore

NAME = "0123456789abcdef.sound"
SECRET = bytes(range(32))


class FakeBackend:
    """Keeps passwords as a ``keyring`` backend does."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], object] = {}

    def set_password(self, service: str, name: str, password: str) -> None:
        self.kept[service, name] = password

    def get_password(self, service: str, name: str) -> object:
        return self.kept.get((service, name))

    def delete_password(self, service: str, name: str) -> None:
        del self.kept[service, name]


class ForgettingBackend(FakeBackend):
    """As keyring's null backend: takes everything, keeps nothing."""

    def set_password(self, service: str, name: str, password: str) -> None:
        pass


class LockedBackend(FakeBackend):
    """Raises an exception of its own for everything."""

    def set_password(self, service: str, name: str, password: str) -> None:
        raise RuntimeError("locked")

    def get_password(self, service: str, name: str) -> object:
        raise RuntimeError("locked")


class KeepingBackend(FakeBackend):
    """Does not delete."""

    def delete_password(self, service: str, name: str) -> None:
        pass


class RoamingBackend(FakeBackend):
    """As Windows' credential manager: roams unless told not to."""

    persist = "enterprise"


def test_the_system_store_keeps_gives_and_removes_a_key() -> None:
    backend = FakeBackend()
    store = OsKeyStore(backend)
    assert store.get(NAME) is None
    store.put(NAME, SECRET)
    assert store.get(NAME) == SECRET
    assert list(backend.kept) == [("modoptager", NAME)]
    store.remove(NAME)
    assert backend.kept == {}
    store.remove(NAME)


def test_a_store_that_forgets_is_an_error_when_something_is_put() -> None:
    with pytest.raises(KeyStoreError):
        OsKeyStore(ForgettingBackend()).put(NAME, SECRET)


def test_a_locked_store_is_never_taken_for_an_empty_one() -> None:
    store = OsKeyStore(LockedBackend())
    for ask in (store.get, store.remove):
        with pytest.raises(KeyStoreError):
            ask(NAME)
    with pytest.raises(KeyStoreError):
        store.put(NAME, SECRET)


def test_a_store_that_does_not_delete_is_an_error() -> None:
    store = OsKeyStore(KeepingBackend())
    store.put(NAME, SECRET)
    with pytest.raises(KeyStoreError):
        store.remove(NAME)


@pytest.mark.parametrize("answer", ["not base64 æøå", "QUJD", "", 17, b"bytes", object()])
def test_an_answer_that_is_no_key_is_an_error_and_not_an_absence(answer: object) -> None:
    backend = FakeBackend()
    backend.kept["modoptager", NAME] = answer
    store = OsKeyStore(backend)
    for ask in (store.get, store.remove):
        with pytest.raises(KeyStoreError):
            ask(NAME)


def test_a_store_that_would_roam_is_told_not_to() -> None:
    backend = RoamingBackend()
    OsKeyStore(backend)
    assert backend.persist == "local machine"


def test_the_receipt_gets_the_name_of_the_store(tmp_path: Path) -> None:
    assert OsKeyStore(FakeBackend()).description == "os:test_key_stores"
    assert FileKeyStore(tmp_path).description == "key file"


def test_without_a_system_store_it_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    program = "from recorder.vault.keystore import OsKeyStore; OsKeyStore()"
    environment = {**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "KeyStoreError" in done.stderr


def test_a_key_file_is_kept_given_and_removed(tmp_path: Path) -> None:
    store = FileKeyStore(tmp_path / "keys")
    assert store.get(NAME) is None
    store.put(NAME, SECRET)
    (file,) = (tmp_path / "keys").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert FileKeyStore(tmp_path / "keys").get(NAME) == SECRET
    store.remove(NAME)
    store.remove(NAME)
    assert list((tmp_path / "keys").iterdir()) == []


def test_a_key_file_is_overwritten_before_it_is_removed(tmp_path: Path) -> None:
    store = FileKeyStore(tmp_path)
    store.put(NAME, SECRET)
    (file,) = tmp_path.iterdir()
    with file.open("rb") as held:
        store.remove(NAME)
        assert held.read() != SECRET


@pytest.mark.parametrize("make", [full, broken, read_only])
def test_a_disk_that_fails_is_a_key_store_error_wherever(
    tmp_path: Path, make: Callable[[], OSError]
) -> None:
    def run(directory: Path) -> None:
        store = FileKeyStore(directory)
        store.put(NAME, SECRET)
        store.remove(NAME)

    total = count_operations(lambda: run(tmp_path / "well"))
    for at in range(1, total + 1):
        with watching(FaultAt(at, make)), pytest.raises(KeyStoreError):
            run(tmp_path / f"at {at}")
        FileKeyStore(tmp_path / f"at {at}").remove(NAME)


@pytest.mark.parametrize("content", [b"", SECRET[:31], SECRET + b"!"])
def test_a_torn_key_file_is_no_key(tmp_path: Path, content: bytes) -> None:
    store = FileKeyStore(tmp_path)
    store.put(NAME, SECRET)
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert store.get(NAME) is None


def test_a_folder_that_vanished_is_not_taken_for_removed_keys(tmp_path: Path) -> None:
    store = FileKeyStore(tmp_path / "keys")
    store.put(NAME, SECRET)
    shutil.rmtree(tmp_path / "keys")
    with pytest.raises(KeyStoreError):
        store.get(NAME)
    with pytest.raises(KeyStoreError):
        store.remove(NAME)


def test_a_file_where_the_folder_should_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"")
    with pytest.raises(KeyStoreError):
        FileKeyStore(tmp_path / "keys")


_WITH_A_REAL_STORE = f"""
from recorder.errors import KeyStoreError
from recorder.vault.keystore import OsKeyStore
store = OsKeyStore()
assert store.get({NAME!r}) is None
store.put({NAME!r}, {SECRET!r})
assert OsKeyStore().get({NAME!r}) == {SECRET!r}
store.remove({NAME!r})
assert OsKeyStore().get({NAME!r}) is None
print(store.description)
"""

_SESSION = """
printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null
exec "$0" -c "$1"
"""


def test_a_real_gnome_keyring_keeps_gives_and_removes_a_key(tmp_path: Path) -> None:
    for program, package in (
        ("dbus-run-session", "dbus"),
        ("gnome-keyring-daemon", "gnome-keyring"),
    ):
        if shutil.which(program) is None:
            pytest.fail(f"the system package {package} is not installed")
    places = {"HOME": "home", "XDG_DATA_HOME": "data", "XDG_RUNTIME_DIR": "run"}
    for name in places.values():
        (tmp_path / name).mkdir(mode=0o700)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        **{variable: str(tmp_path / name) for variable, name in places.items()},
    }
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", _SESSION, sys.executable, _WITH_A_REAL_STORE],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "os:SecretService"
    (keyring,) = (tmp_path / "data" / "keyrings").glob("*.keyring")
    assert SECRET not in keyring.read_bytes()
