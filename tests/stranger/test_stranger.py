# SPDX-License-Identifier: EUPL-1.2
"""What a stranger reads with docs/format.md alone is what the program reads, damage included."""

from __future__ import annotations

import ast
import random
import sys
from pathlib import Path

import decoder
import msgspec
import pytest

from recorder.clock import SystemClock
from recorder.identifiers import RecordingId
from recorder.lifecycle.events import Planned, Recorded
from recorder.vault.keystore import FileKeyStore
from recorder.vault.log import LogAddress, LogEnd, LogReader
from recorder.vault.log_writer import LogWriter
from recorder.vault.segment import LogKind, RecordType
from recorder.vault.vault import Vault

ID = RecordingId("0123456789abcdef")
KEY = bytes(range(32))
CONTENTS = [b"one", b"", b"three" * 20, b"four"]


def _same(address: LogAddress) -> bool:
    reader = LogReader(address, KEY)
    ours = [bytes([record.kind.value]) + record.payload for record in reader]
    name = address.segment(1).name.partition(".")[0]
    theirs = decoder.read_log(address.directory, name, ID.encode(), KEY)
    if reader.end is LogEnd.CLOSED:
        return theirs == [*ours, b"Z"]
    return theirs == ours or (reader.end is LogEnd.DAMAGED and theirs == [*ours, b"Z"])


def _write(address: LogAddress, first: int, contents: list[bytes], *, close: bool = False) -> None:
    writer = LogWriter(address, KEY, next_sequence=first, reserve=None)
    for content in contents:
        writer.append(RecordType.AUDIO, content)
    writer.sync()
    if close:
        writer.close()
    writer.release()


@pytest.fixture(params=[(LogKind.SOUND, 1), (LogKind.SOUND, 12), (LogKind.DOCUMENTS, 0)], ids=str)
def address(tmp_path: Path, request: pytest.FixtureRequest) -> LogAddress:
    return LogAddress(tmp_path, ID, *request.param)


def test_a_log_of_several_segments(address: LogAddress) -> None:
    for first, close in ((0, False), (3, False), (2, False), (6, True)):
        _write(address, first, CONTENTS, close=close)
        assert _same(address)
    assert (
        len(decoder.read_log(address.directory, address.segment(1).name[:-6], ID.encode(), KEY))
        == 11
    )


def test_a_log_with_damage_anywhere(address: LogAddress) -> None:
    _write(address, 0, CONTENTS)
    _write(address, 3, CONTENTS, close=True)
    chance = random.Random(1)
    for path in address.segments():
        whole = path.read_bytes()
        for offset in range(len(whole)):
            flipped = bytearray(whole)
            flipped[offset] ^= 1 << chance.randrange(8)
            zeroed = whole[:offset].ljust(len(whole), b"\0")
            path.write_bytes(chance.choice([bytes(flipped), whole[:offset], zeroed]))
            assert _same(address), (path.name, offset)
        path.write_bytes(whole)


def test_a_whole_entry_from_its_folder_and_the_key_store(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault", FileKeyStore(tmp_path / "keys"), SystemClock())
    with vault.create(ID) as entry:
        entry.journal.append(Planned(msgspec.Raw(b'{"case":"1"}'), "policy", "1", "software"))
        writer = entry.sound_writer(0)
        writer.append(RecordType.AUDIO, b"\0\1sound")
        writer.close()
        entry.journal.append(Recorded((), 0, 0.0, 0, 2, recovered=False, damaged=False))
        folder = entry.directory
    keys = {
        role: decoder.data_key(
            (folder / f"{role}.slot").read_bytes(),
            (tmp_path / "keys" / f"{ID}.{role}.key").read_bytes(),
        )
        for role in ("sound", "record")
    }
    assert decoder.read_log(folder, "sound-1", ID.encode(), keys["sound"]) == [b"A\0\1sound", b"Z"]
    journal = decoder.read_journal(folder, ID.encode(), keys["record"])
    assert [entry["event"]["kind"] for entry in journal] == ["planned", "recorded"]
    assert journal[0]["event"]["meeting"] == {"case": "1"}
    assert [entry["number"] for entry in journal] == [1, 2]


def test_the_stranger_needs_forty_lines_and_only_one_library() -> None:
    source = Path(decoder.__file__).read_text("utf-8")
    tree = ast.parse(source)
    imported = {
        (node.module or "").partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    } | {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}
    code = [line for line in source.splitlines() if line.strip() and line[0] not in '#"']
    assert len([line for line in code if not line.startswith(("import ", "from "))]) <= 40
