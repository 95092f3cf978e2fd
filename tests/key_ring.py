# SPDX-License-Identifier: EUPL-1.2
"""A real GNOME keyring on a session bus of its own, its data in a folder of the test's choice."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_PATIENCE = 20.0
_IS_OPEN = """
import secretstorage
assert not secretstorage.get_default_collection(secretstorage.dbus_init()).is_locked()
"""
PACKAGES = {"gnome-keyring-daemon": "gnome-keyring", "dbus-daemon": "dbus-daemon"}


@contextlib.contextmanager
def key_ring(directory: Path) -> Iterator[dict[str, str]]:
    """Run a keyring that is unlocked.

    Args:
        directory: For its data and sockets; a second keyring there has what the first was given.

    Yields:
        What a process needs in its environment to find it.
    """
    missing = sorted({package for tool, package in PACKAGES.items() if not shutil.which(tool)})
    assert not missing, f"install these packages to run this test: {', '.join(missing)}"
    for name in ("data", "run"):
        (directory / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    environment = {
        "XDG_DATA_HOME": str(directory / "data"),
        "XDG_RUNTIME_DIR": str(directory / "run"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring",
    }
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | environment,
    )
    assert bus.stdout is not None
    environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
    daemon = _unlocked(environment)
    try:
        yield environment
    finally:
        for process in (daemon, bus):
            process.terminate()
            process.wait(10)
        bus.stdout.close()


def _unlocked(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    daemon = subprocess.Popen(
        ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | environment,
    )
    assert daemon.stdin is not None
    daemon.stdin.write(b"a password")
    daemon.stdin.close()
    deadline = time.monotonic() + _PATIENCE
    probe = [sys.executable, "-c", _IS_OPEN]
    while subprocess.run(
        probe, env=os.environ | environment, capture_output=True, check=False
    ).returncode:
        assert daemon.poll() is None, "the keyring ended"
        assert time.monotonic() < deadline, "the keyring does not answer"
    return daemon
