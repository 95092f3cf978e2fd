# SPDX-License-Identifier: EUPL-1.2
"""``modoptager demo``: the whole way with invented people, in a folder of its own.

It plays speech that ships with the program through the real capture path; on a terminal it offers
the microphone first. Nothing outside ``./demo-data`` is touched, and no setting of this computer
is used, so that it works anywhere and can be thrown away.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import shlex
import sys
import time
from importlib import resources
from pathlib import Path

import click
import msgspec

from recorder.archive.workplace import Workplace
from recorder.capture.protocol import FileChoice, MicrophoneChoice, SourceChoice
from recorder.cli.asked import is_yes
from recorder.cli.record import start_command
from recorder.cli.recording import Wishes, run_recording
from recorder.cli.voice import Voice, speaking
from recorder.config.load import load, require
from recorder.config.places import HOME_VARIABLE, places
from recorder.durable import make_directory, write_file
from recorder.errors import DeviceError, KeyStoreError, VaultError
from recorder.meeting.model import Meeting
from recorder.policy.conditions import require as require_permission
from recorder.process_memory import shut_memory
from recorder.vault.keystore import OsKeyStore
from recorder.words import _

_FOLDER = "demo-data"
_SECONDS = 9.0
_PATIENCE = 10.0
_PROBE = "demo-probe"


@click.command(help=_("Show the whole way with invented people."))
@speaking
def demo(voice: Voice) -> None:
    """Record, archive, prove and wipe an invented meeting under ``./demo-data``.

    Args:
        voice: Tells.

    Raises:
        RecorderError: If any step fails.
    """
    root = Path.cwd() / _FOLDER
    place = _workplace(root, voice)
    began = time.monotonic()
    meeting = _meeting()
    policy = require_permission(meeting, dt.datetime.now(dt.UTC))
    voice.say(
        _("✔ Permission of everyone and guidance are documented ({policy})").format(
            policy=policy.id
        )
        + f"  ({time.monotonic() - began:.2f} s)"
    )
    source = _source(voice)
    with resources.as_file(resources.files("recorder.cli") / "demo_speech.flac") as speech:
        first = start_command(meeting, source or FileChoice(str(speech)), _SECONDS, place)
        try:
            outcome = run_recording(first, Wishes(), place, voice)
        except DeviceError as error:
            if source is None:
                raise
            voice.say(f"✖ {_(error.title)}. {_('The speech that ships with the program is used.')}")
            first = start_command(meeting, FileChoice(str(speech)), _SECONDS, place)
            outcome = run_recording(first, Wishes(), place, voice)
    voice.say("\n" + outcome.receipt)
    voice.result(_("Check it yourself, without Modoptager:"))
    voice.result(f"  cd {shlex.quote(outcome.folder)}")
    voice.result("  sha256sum -c SHA256SUMS")
    voice.result("  flac -t recording-001.flac")
    voice.result("  cat VERIFY.txt")


def _workplace(root: Path, voice: Voice) -> Workplace:
    shut_memory()
    home, archive, keys = root / "home", root / "archive", root / "keys"
    try:
        make_directory(home)
        write_file(home / "config.toml", _settings(archive, keys, voice).encode("utf-8"))
    except OSError as error:
        raise VaultError(error.strerror or "") from error
    found = places({HOME_VARIABLE: str(home)})
    loaded = load(found, {}, machine_file=home / "no-machine-wide-settings.toml")
    return Workplace(require(loaded), found)


def _settings(archive: Path, keys: Path, voice: Voice) -> str:
    lines = [f"language = {_quoted(os.environ.get('MODOPTAGER_LANGUAGE', 'da'))}", "", "[keys]"]
    if _has_os_key_store():
        lines += ['store = "os"']
    else:
        lines += ['store = "file"', f"directory = {_quoted(str(keys))}"]
        voice.say(_("No key store of the operating system answers; the demo uses key files."))
    lines += ["", "[archive.folder]", f"path = {_quoted(str(archive))}"]
    lines += ["allow_same_volume = true", "allow_sync_folder = true"]
    return "\n".join(lines) + "\n"


def _has_os_key_store() -> bool:
    try:
        store = OsKeyStore()
        probe = f"{_PROBE}-{secrets.token_hex(8)}"  # an earlier run may have left one
        store.put(probe, os.urandom(32))
        store.remove(probe)
    except KeyStoreError:
        return False
    return True


def _quoted(text: str) -> str:
    # TOML's basic strings have JSON's escapes.
    return msgspec.json.encode(text).decode("utf-8")


def _meeting() -> Meeting:
    template = (resources.files("recorder.cli") / "demo_meeting.json").read_text(encoding="utf-8")
    now = dt.datetime.now().astimezone().replace(microsecond=0).isoformat()
    return msgspec.json.decode(template.replace("@NOW@", now), type=Meeting)


def _source(voice: Voice) -> SourceChoice | None:
    """Offer the microphone where somebody sits at a terminal; no answer means no."""
    if not voice.is_live or not sys.stdin.isatty():
        return None
    question = _(
        "Record {seconds} seconds with your microphone instead of the demo speech?"
    ).format(seconds=f"{_SECONDS:.0f}")
    voice.say(f"{question} {_('[y = yes, Enter = no]')}")
    return MicrophoneChoice() if _answered_yes() else None


def _answered_yes() -> bool:
    if sys.platform == "win32":
        return is_yes(input())
    import select  # noqa: PLC0415 - waits on a terminal on POSIX only

    ready, _write, _error = select.select([sys.stdin], [], [], _PATIENCE)
    if not ready:
        return False
    return is_yes(sys.stdin.readline())
