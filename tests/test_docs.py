# SPDX-License-Identifier: EUPL-1.2
"""The documents say what the code does: exit codes, commands, events, formats, the per-second hashes.

That links lead somewhere is tested in ``test_pages.py``, the chapters on the vault in ``stranger/``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import subprocess
import typing
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from desk import Desk

from esdh_adapter.folder import CLOSED_MARK
from esdh_adapter.folder_index import FILE_NAME
from esdh_adapter.folder_sidecar import Sidecar
from recorder.capture.protocol import CaptureEvent, Failed
from recorder.capture.sound_log import PartBegan
from recorder.cli.app import app
from recorder.documents.completion import Completion, DeliveredDocument
from recorder.documents.consent import ConsentRecord
from recorder.errors import EXIT_INTERNAL, RecorderError
from recorder.evidence.manifest import (
    CustodyEvent,
    LeafInstant,
    Manifest,
    ManifestDocument,
    ManifestPart,
    PolicyReference,
    Predecessor,
)
from recorder.lifecycle.events import WipeReport
from recorder.lifecycle.parts import Gap, GapCause, Marker, Part, PartFormat
from recorder.vault import slot
from recorder.vault.segment import HEADER_BYTES, MAGIC

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
CLI = (ROOT / "docs" / "cli.md").read_text("utf-8")
FORMAT = (ROOT / "docs" / "format.md").read_text("utf-8")
EVERYWHERE = {"--json", "--quiet", "--verbose", "--help"}


def _errors(kind: type[RecorderError] = RecorderError) -> set[type[RecorderError]]:
    found = {kind}
    for below in kind.__subclasses__():
        if below.__module__ == RecorderError.__module__:
            found |= _errors(below)
    return found


def test_the_readme_lists_exactly_the_exit_codes_there_are() -> None:
    listed = [int(code) for code in re.findall(r"^\| (\d+) \| \S", README, re.MULTILINE)]
    stopped = {129, 130, 143}
    assert listed == sorted(stopped | {0, EXIT_INTERNAL} | {kind.exit_code for kind in _errors()})


def _commands(group: click.Group, *names: str) -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            found |= _commands(command, *names, name)
        else:
            found[" ".join((*names, name))] = command
    return found


def _sections() -> dict[str, str]:
    pieces = re.split(r"^## `modoptager ([a-z ]+)`$", CLI, flags=re.MULTILINE)[1:]
    texts = (piece.split("\n## ")[0] for piece in pieces[1::2])
    return dict(zip(pieces[::2], texts, strict=True))


def test_every_command_has_its_section_and_every_section_its_command() -> None:
    assert isinstance(app, click.Group)
    assert set(_sections()) == set(_commands(app))


@pytest.mark.parametrize("name", sorted(_sections()))
def test_every_option_stands_in_the_table_of_its_command(name: str) -> None:
    assert isinstance(app, click.Group)
    command = _commands(app)[name]
    options = {
        text
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for text in parameter.opts
        if text.startswith("--")
    }
    table = re.findall(r"^\| `(--[a-z-]+)[ `]", _sections()[name], re.MULTILINE)
    assert set(table) == options - EVERYWHERE
    assert len(table) == len(set(table))


def test_every_command_that_the_readme_shows_exists() -> None:
    assert isinstance(app, click.Group)
    shown = set(re.findall(r"modoptager ((?:config |ledger )?[a-z]+)\b", README))
    assert shown - set(_commands(app)) == set()


def _events_of_the_code() -> set[str]:
    told = r"(?:\.event|_emit|\b_event)\(\s*\"([a-z_]+)\""
    texts = [path.read_text("utf-8") for path in (ROOT / "recorder" / "cli").glob("*.py")]
    names = {name for text in texts for name in re.findall(told, text)}
    captured = [kind for kind in typing.get_args(CaptureEvent) if kind is not Failed]
    return names | {str(kind.__struct_config__.tag) for kind in captured} | {"error"}


def test_every_json_event_stands_in_the_table() -> None:
    table = CLI.split("\n## JSON events")[1]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    listed = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)} - {"event"}
    assert listed == _events_of_the_code()


def _chapter(number: int) -> str:
    return FORMAT.split(f"\n## {number}. ")[1].split("\n## ")[0]


def test_the_magic_numbers_and_sizes_are_those_of_the_code() -> None:
    assert f"| 0 | 8 | `{MAGIC.decode()}`" in _chapter(1)
    assert f"| {HEADER_BYTES} | | records" in _chapter(1)
    assert f"| 0 | 8 | `{slot._MAGIC.decode()}`" in _chapter(2)
    assert f"a file of {slot._SLOT_BYTES} bytes" in _chapter(2)
    wrapped = slot._WRAPPED
    assert f"| {wrapped.start} | {wrapped.stop - wrapped.start} | the data key" in _chapter(2)
    assert f"{CLOSED_MARK} " in _chapter(7)
    assert f"{FILE_NAME} " in _chapter(7)


@pytest.mark.parametrize(
    ("chapter", "kind"),
    [
        *((3, kind) for kind in (PartBegan, Part, PartFormat, Gap, Marker)),
        (7, Sidecar),
        *((9, kind) for kind in (Manifest, ManifestPart, ManifestDocument, LeafInstant)),
        *((9, kind) for kind in (Predecessor, PolicyReference, CustodyEvent, ConsentRecord)),
        *((9, kind) for kind in (Completion, DeliveredDocument, WipeReport)),
    ],
)
def test_every_member_of_a_json_object_is_named(chapter: int, kind: type[msgspec.Struct]) -> None:
    names = {field.encode_name for field in msgspec.structs.fields(kind)}
    assert names - set(re.findall(r"`(\w+)`", _chapter(chapter))) == set()


def test_every_cause_of_a_gap_is_named() -> None:
    assert {f"`{cause.value}`" for cause in GapCause} <= set(re.findall(r"`[\w ]+`", _chapter(3)))


def _as_the_page_says(part: dict[str, Any], pcm: bytes) -> tuple[list[str], str | None]:
    """Chapter 10, from its words alone."""

    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, "big")

    def root(hashes: list[bytes]) -> bytes:
        if len(hashes) == 1:
            return hashes[0]
        k = 1 << ((len(hashes) - 1).bit_length() - 1)
        return hashlib.sha256(b"\x01" + root(hashes[:k]) + root(hashes[k:])).digest()

    rate, channels, depth = part["rate"], part["channels"], part["depth"]
    frame, seed, leaves = channels * depth // 8, bytes.fromhex(part["leaf_seed"]), []
    for index, first in enumerate(range(0, len(pcm) // frame, rate)):
        samples = pcm[first * frame : (first + rate) * frame]
        salt = hmac.digest(seed, number(index, 8), "sha256")
        place = number(1, 1) + number(part["number"], 2) + number(first, 8)
        form = number(len(samples) // frame, 4) + number(rate, 4)
        form += number(channels, 1) + number(depth, 1)
        leaves.append(hashlib.sha256(b"\x00" + salt + place + form + samples).digest())
    return [leaf.hex() for leaf in leaves], root(leaves).hex() if leaves else None


def test_the_recipe_recomputes_every_second_of_a_real_recording(tmp_path: Path) -> None:
    ran = Desk(tmp_path).record(ROOT / "recorder" / "cli" / "demo_speech.flac")
    assert ran.code == 0, ran.said
    folder = Path(ran.result["folder"])
    (part,) = json.loads((folder / "manifest.json").read_bytes())["parts"]
    raw = ["flac", "-dcs", "--force-raw-format", "--endian=little", "--sign=signed"]
    assert " ".join(raw) in FORMAT
    pcm = subprocess.run([*raw, folder / part["file"]], check=True, capture_output=True).stdout
    assert hashlib.sha256(pcm).hexdigest() == part["samples_sha256"]
    assert len(part["leaves"]) > 4
    assert _as_the_page_says(part, pcm) == (part["leaves"], part["merkle_root"])
    assert _as_the_page_says(part, bytes([pcm[0] ^ 1]) + pcm[1:])[1] != part["merkle_root"]
