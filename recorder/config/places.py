# SPDX-License-Identifier: EUPL-1.2
"""Where the program keeps its things on this computer.

``MODOPTAGER_HOME`` moves the vault, the ledger and the user's settings, all at once. Nothing in
the environment moves the machine-wide settings: whoever may set a variable could else undo what
IT has locked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

HOME_VARIABLE = "MODOPTAGER_HOME"

_NAME = "modoptager"
_CONFIG = "config.toml"
_SHELL_FOLDERS = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\Shell Folders"


@dataclass(frozen=True)
class Places:
    """The files and folders of one user on one computer."""

    home: Path
    """What everything below, settings possibly excepted, lies in."""
    vault: Path
    """The local encrypted store, a folder."""
    ledger: Path
    """The list of what became of each recording, a file of JSON lines."""
    user_config: Path
    """The user's settings, a file that may be missing."""
    machine_config: Path
    """The machine-wide settings, IT's, a file that may be missing."""


def home(environ: Mapping[str, str] = os.environ) -> Path:
    """Find the folder that vault and ledger lie in.

    Args:
        environ: The environment.

    Returns:
        ``MODOPTAGER_HOME`` where set (a relative one counts from the working directory), else
        where the system keeps a program's local, non-roaming data.
    """
    moved = environ.get(HOME_VARIABLE, "")
    if moved:
        return Path(moved).absolute()
    return platformdirs.user_data_path(_NAME, appauthor=False)


def places(environ: Mapping[str, str] = os.environ) -> Places:
    """Find all places.

    Args:
        environ: The environment.

    Returns:
        Absolute paths; nothing is created.
    """
    base = home(environ)
    settings = base
    if not environ.get(HOME_VARIABLE):
        settings = platformdirs.user_config_path(_NAME, appauthor=False)
    return Places(
        home=base,
        vault=base / "vault",
        ledger=base / "ledger.jsonl",
        user_config=settings / _CONFIG,
        machine_config=_machine_config(),
    )


def _machine_config() -> Path:
    if sys.platform == "win32":
        return _program_data() / "Modoptager" / _CONFIG
    if sys.platform == "darwin":
        return Path("/Library/Application Support/Modoptager") / _CONFIG
    return Path("/etc") / _NAME / _CONFIG


def _program_data() -> Path:
    r"""Find ProgramData on Windows from the machine's registry.

    Neither from ``%ProgramData%`` nor by platformdirs, which both the environment can move.
    """
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415 - exists on this platform only

        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _SHELL_FOLDERS) as key:
                found, _kind = winreg.QueryValueEx(key, "Common AppData")
            return Path(str(found))
        except OSError:
            pass
    return Path("C:/ProgramData")
