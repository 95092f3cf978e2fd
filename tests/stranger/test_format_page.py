# SPDX-License-Identifier: EUPL-1.2
"""docs/format.md names what the code writes: every event, every field, every size."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import msgspec

from recorder.archive.ledger import LedgerRow, RowKind
from recorder.lifecycle.events import Event, FrozenDocument
from recorder.vault.journal import JournalEntry
from recorder.vault.segment import HEADER_BYTES, MAX_PLAINTEXT, TORN_LIMIT, LogKind, RecordType

PAGE = (Path(__file__).parents[2] / "docs" / "format.md").read_text("utf-8")


def _chapter(number: int) -> str:
    return PAGE.split(f"\n## {number}. ")[1].split("\n## ")[0]


def test_every_event_stands_there_with_exactly_its_fields() -> None:
    rows = dict(
        re.findall(r"^\| `(\w+)` \| ((?:`\w+`(?:, )?)+|none) \|$", _chapter(4), re.MULTILINE)
    )
    infos = [msgspec.inspect.type_info(event) for event in typing.get_args(Event)]
    assert {
        kind: re.findall(r"\w+", fields.replace("none", "")) for kind, fields in rows.items()
    } == {
        info.tag: [field.encode_name for field in info.fields]
        for info in infos
        if isinstance(info, msgspec.inspect.StructType)
    }


def test_the_other_objects_stand_there_with_all_their_fields() -> None:
    for chapter, kind in ((4, JournalEntry), (4, FrozenDocument), (6, LedgerRow)):
        for field in msgspec.structs.fields(kind):
            assert f"`{field.encode_name}`" in _chapter(chapter), field.encode_name
    for row in RowKind:
        assert f"`{row.value}`" in _chapter(6)


def test_sizes_kinds_and_types_are_those_of_the_code() -> None:
    first = _chapter(1)
    assert f"| {HEADER_BYTES} | | records" in first
    assert f"1 to {MAX_PLAINTEXT:,}".replace(",", " ") in first
    assert f"more than {TORN_LIMIT:,} bytes".replace(",", " ") in first
    for kind in LogKind:
        assert f"`{chr(kind.value)}` {kind.name.lower()}" in first
    for record in RecordType:
        assert f"`{chr(record.value)}`" in first
