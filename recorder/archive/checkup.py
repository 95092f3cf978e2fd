# SPDX-License-Identifier: EUPL-1.2
"""Checks of this computer that need no recording: settings, keys, disk, archive, what waits."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from esdh_adapter.errors import EsdhError
from recorder.archive.outside import translated
from recorder.archive.workplace import Workplace
from recorder.capture.devices import list_devices
from recorder.config.load import Loaded
from recorder.documents.phrases import key_store
from recorder.durable import unlink, write_file
from recorder.errors import ConfigError, DeviceError, RecorderError, VaultError, VaultFullError
from recorder.vault.choice import open_key_store
from recorder.vault.medium import file_system_of
from recorder.words import N_, _, printable

_PROBE = "doctor-probe"
_LEAST_FREE = 2 << 30
"""Bytes: about eight hours of what a microphone gives."""


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    name: str
    """A stable word."""
    title: str
    """Message id."""
    detail: str
    """Translated."""
    error: RecorderError | None
    """What is wrong; none where all is well."""


def examine(loaded: Loaded, place: Workplace) -> Iterator[Finding]:
    """Do every check; one that fails stops no other.

    Args:
        loaded: The settings with their problems.
        place: The workplace.

    Yields:
        What each check found.
    """
    checks: tuple[tuple[str, str, Callable[[], str]], ...] = (
        ("config", N_("Settings"), lambda: _config(loaded)),
        ("key_store", N_("Key store"), lambda: _key_store(place)),
        ("disk", N_("Disk"), lambda: _disk(place)),
        ("microphone", N_("Microphone"), _microphone),
        ("archive", N_("Archive"), lambda: _archive(place)),
        ("ledger", N_("Ledger"), lambda: _ledger(place)),
        ("waiting", N_("Waiting recordings"), lambda: _waiting(place)),
    )
    for name, title, check in checks:
        try:
            yield Finding(name, title, check(), None)
        except EsdhError as error:
            yield Finding(name, title, "", translated(error))
        except RecorderError as error:
            yield Finding(name, title, error.detail, error)


def _config(loaded: Loaded) -> str:
    if loaded.problems:
        raise ConfigError(problems=[str(problem) for problem in loaded.problems])
    return _("in order")


def _key_store(place: Workplace) -> str:
    store = open_key_store(place.key_store_choice)
    probe = _probe_name()
    store.put(probe, os.urandom(32))
    store.remove(probe)
    return _("{store}: a key was put, read again and removed").format(
        store=key_store(store.description)
    )


def _probe_name() -> str:
    """Make a new name: what a run that was cut short left behind must not stop the next."""
    return f"{_PROBE}-{secrets.token_hex(8)}"


def _disk(place: Workplace) -> str:
    folder = place.vault.directory
    # Named like a lock: if this run ends here, the next sweep removes it.
    probe = folder / "locks" / f"{_probe_name()}.lock"
    began = time.monotonic()
    try:
        write_file(probe, os.urandom(64 << 10))
        seconds = time.monotonic() - began
        unlink(probe)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise VaultError(error.strerror or "") from error
    if free < _LEAST_FREE:
        raise VaultFullError(_("Only {free} MB are free.").format(free=free >> 20))
    return _("{free} GB free on {medium}; a synced write takes {ms} ms").format(
        free=free >> 30, medium=file_system_of(folder), ms=round(seconds * 1000)
    )


def _microphone() -> str:
    devices = list_devices()
    if not devices:
        raise DeviceError
    return ", ".join(
        f"{printable(d.name, 60)} ({d.rate} Hz{', ' + _('default') if d.is_default else ''})"
        for d in devices
    )


def _archive(place: Workplace) -> str:
    with place.open_store() as store:
        store.find_set(_PROBE)
        return _("{name}: a search was answered").format(name=store.name)


def _ledger(place: Workplace) -> str:
    return _("{number} rows, in one piece").format(number=len(place.archive.ledger.rows()))


def _waiting(place: Workplace) -> str:
    return _("{number} on this device").format(number=len(place.vault.ids()))
