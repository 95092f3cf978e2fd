# SPDX-License-Identifier: EUPL-1.2
"""From a name and settings to a store; drivers of third parties by entry point.

A distribution offers a driver under the entry point group ``modoptager.drivers``: a callable that
takes ``(settings, vault)``, raises ``ConfigurationError`` with all that is wrong with them, and
returns a callable that opens a driver. The in-memory driver is not to be had here: tests make it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from esdh_adapter.driver import Driver
from esdh_adapter.errors import N_, ConfigurationError, EsdhError, Sentence
from esdh_adapter.folder import FolderDriver, FolderSettings
from esdh_adapter.store import RetryPolicy, Store

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINT_GROUP = "modoptager.drivers"
"""Where distributions offer drivers."""

OpenDriver = Callable[[], Driver]
"""Opens a new driver of one configured system."""

DriverFactory = Callable[[Mapping[str, object], Path], OpenDriver]
"""Takes the system's settings and the folder of the vault."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def open_store(
    name: str,
    settings: Mapping[str, object],
    *,
    vault: Path,
    retry: RetryPolicy | None = None,
    clock: Callable[[], datetime] = _utc_now,
) -> Store:
    """Make the store for a configured system; it is reached on first use.

    Args:
        name: The driver's name, ``folder`` or one that a distribution offers.
        settings: Its section of the configuration.
        vault: The folder of the vault, for drivers that must keep away from it.
        retry: How often to try.
        clock: The present time, with a time zone.

    Returns:
        The store.

    Raises:
        ConfigurationError: If there is no such driver, or with all that is wrong with its settings.
    """
    factory = _factories().get(name)
    if factory is None:
        from importlib.metadata import entry_points  # noqa: PLC0415 - slow, and rarely needed

        offered = {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}
        if name not in offered:
            raise ConfigurationError(
                N_("there is no archive driver of this name; known are: {known}"),
                known=", ".join(sorted({*_factories(), *offered})),
            )
        factory = _loaded(offered[name])
    return Store(factory(settings, vault), retry=retry, clock=clock)


def folder_factory(settings: Mapping[str, object], vault: Path) -> OpenDriver:
    """Check the settings of a folder archive.

    Args:
        settings: ``path`` (text, needed), ``allow_same_volume`` and ``allow_sync_folder``.
        vault: The folder of the vault.

    Returns:
        What opens the archive; each opening checks the folder again, as shares come and go.

    Raises:
        ConfigurationError: With all that is wrong with the settings.
    """
    problems = [
        Sentence(N_("there is no such setting: {key}"), {"key": str(key)[:60]})
        for key in settings
        if key not in {"path", "allow_same_volume", "allow_sync_folder"}
    ]
    path = settings.get("path")
    if not isinstance(path, (str, Path)) or not str(path):
        problems.append(Sentence(N_("path must name the archive's folder")))
    problems += [
        Sentence(N_("{key} must be true or false"), {"key": key})
        for key in ("allow_same_volume", "allow_sync_folder")
        if not isinstance(settings.get(key, False), bool)
    ]
    if problems:
        raise ConfigurationError(problems=problems)
    checked = FolderSettings(
        root=Path(str(path)),
        allow_same_volume=settings.get("allow_same_volume", False) is True,
        vault=vault,
        allow_sync_folder=settings.get("allow_sync_folder", False) is True,
    )

    def open_driver() -> Driver:
        driver = FolderDriver(checked)
        driver.check()
        return driver

    return open_driver


def _factories() -> dict[str, DriverFactory]:
    return {"folder": folder_factory}


def _loaded(point: EntryPoint) -> DriverFactory:
    try:
        factory: DriverFactory = point.load()
    except EsdhError:
        raise
    except Exception as error:
        # Whatever foreign code raises while it is imported: the driver cannot be used.
        raise ConfigurationError(
            N_("the archive driver {name} cannot be loaded"), name=point.name
        ) from error
    return factory
