# SPDX-License-Identifier: EUPL-1.2
"""A ``keyring`` backend that is no operating system's is not taken for the system's key store."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_PLAIN = '''
import pathlib
from keyring.backend import KeyringBackend


class Plain(KeyringBackend):
    """Keeps secrets in a text file."""

    priority = 99
    file = pathlib.Path(__file__).with_name("secrets.txt")

    def set_password(self, service, name, password):
        self.file.write_text(password)

    def get_password(self, service, name):
        return self.file.read_text() if self.file.exists() else None

    def delete_password(self, service, name):
        self.file.unlink()
'''
_USE = """
from recorder.errors import KeyStoreError
from recorder.vault.keystore import OsKeyStore
try:
    OsKeyStore().put("name", bytes(32))
except KeyStoreError as error:
    print(error.detail)
"""


@pytest.mark.parametrize(
    "backend",
    ["plain.Plain", "keyring.backends.null.Keyring", "keyring.backends.chainer.ChainerBackend"],
)
def test_another_backend_than_the_systems_is_refused(tmp_path: Path, backend: str) -> None:
    (tmp_path / "plain.py").write_text(_PLAIN)
    done = subprocess.run(
        [sys.executable, "-c", _USE],
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("DBUS_")},
            "PYTHON_KEYRING_BACKEND": backend,
            "MODOPTAGER_LANGUAGE": "en",
            "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "none of the operating system's" in done.stdout, done
    assert not (tmp_path / "secrets.txt").exists()
