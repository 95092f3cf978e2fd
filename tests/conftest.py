# SPDX-License-Identifier: EUPL-1.2
"""What holds for every test: English words, no setting of this computer, no network.

The network is refused in this process by its own error, which no code under test catches by
accident. Child processes are not covered. ``HYPOTHESIS_PROFILE=thorough`` searches longer; in CI
the examples are the same in every run.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator

import pytest
from hypothesis import settings

from recorder.words import use_language

# Before any module of the project is imported: an operator's settings are none of a test's business.
for _name in [name for name in os.environ if name.startswith("MODOPTAGER_")]:
    del os.environ[_name]

# In CI, pytest prints a failed comparison in full: for sound, megabytes. The workers inherit both.
if os.environ.pop("CI", "") or os.environ.pop("BUILD_NUMBER", ""):
    os.environ.setdefault("HYPOTHESIS_PROFILE", "repeatable")
settings.register_profile("fast", max_examples=50, deadline=None)
settings.register_profile("repeatable", max_examples=50, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


class NetworkUsedError(AssertionError):
    """A test reached for another computer."""


def _is_loopback(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


class _GuardedSocket(socket.socket):
    """A socket that reaches this computer only."""

    def _refuse(self, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = address[0] if isinstance(address, tuple) else address
            if not _is_loopback(host):
                raise NetworkUsedError(f"tests run offline, this one connects to {host!r}")

    def connect(self, address: object, /) -> None:
        self._refuse(address)
        super().connect(address)  # type: ignore[arg-type] # as the caller gave it

    def connect_ex(self, address: object, /) -> int:
        self._refuse(address)
        return super().connect_ex(address)  # type: ignore[arg-type] # as the caller gave it


@pytest.fixture(scope="session", autouse=True)
def _offline() -> Iterator[None]:
    """Refuse other computers' names and addresses for the whole run."""
    with pytest.MonkeyPatch.context() as patch:
        resolve = socket.getaddrinfo

        def guarded(host: object, *rest: object, **named: object) -> object:
            if not _is_loopback(host):
                raise NetworkUsedError(f"tests run offline, this one looks up {host!r}")
            return resolve(host, *rest, **named)  # type: ignore[arg-type] # as the caller gave it

        patch.setattr(socket, "socket", _GuardedSocket)
        patch.setattr(socket, "getaddrinfo", guarded)
        yield


@pytest.fixture(autouse=True)
def _english() -> None:
    """Tests compare English message ids; one that wants Danish says so itself."""
    use_language("en")
