# SPDX-License-Identifier: EUPL-1.2
"""The ledger: append-only, chained, and honest after any crash."""

from __future__ import annotations

import errno
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.archive.ledger import Ledger, LedgerDocument, RowKind
from recorder.clock import SystemClock
from recorder.durable import Kind, Moment, Operation, watch
from recorder.errors import DamagedError, VaultError
from recorder.identifiers import RecordingId, Sha256Hex, new_recording_id

_HASH = Sha256Hex("ab" * 32)


def _ledger(folder: Path) -> Ledger:
    return Ledger(folder / "ledger.jsonl", SystemClock())


def test_a_new_ledger_is_empty_and_reading_makes_no_file(tmp_path: Path) -> None:
    assert _ledger(tmp_path).rows() == []
    assert list(tmp_path.iterdir()) == []


def test_sequence_numbers_run_on_and_name_the_recording_sealed_before(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    first, second = new_recording_id(), new_recording_id()
    assert ledger.reserve(first).sequence == 1
    ledger.note(first, RowKind.SEALED, sequence=1, manifest_sha256=_HASH)
    reservation = ledger.reserve(second)
    assert (reservation.sequence, reservation.previous_sequence) == (2, 1)
    assert reservation.previous_manifest == _HASH


def test_a_recording_that_asks_again_gets_its_number_and_its_predecessor_again(
    tmp_path: Path,
) -> None:
    ledger = _ledger(tmp_path)
    first, second = new_recording_id(), new_recording_id()
    before = ledger.reserve(first)
    ledger.reserve(second)
    ledger.note(second, RowKind.SEALED, sequence=2, manifest_sha256=_HASH)
    assert ledger.reserve(first) == before


def test_a_row_is_written_once_however_often_it_is_noted(tmp_path: Path) -> None:
    ledger, recording = _ledger(tmp_path), new_recording_id()
    for _again in range(3):
        ledger.note(recording, RowKind.WIPED)
    assert [row.kind for row in ledger.rows()] == [RowKind.WIPED]


@given(cut=st.integers(min_value=1, max_value=400))
def test_a_row_that_was_cut_short_never_counted_and_the_next_one_stands_whole(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    ledger, recording = _ledger(folder), new_recording_id()
    ledger.note(recording, RowKind.SEALED, documents=(LedgerDocument("manifest", _HASH),))
    whole = len((folder / "ledger.jsonl").read_bytes())
    ledger.note(recording, RowKind.VERIFIED, documents=(LedgerDocument("manifest", _HASH),))
    data = (folder / "ledger.jsonl").read_bytes()
    (folder / "ledger.jsonl").write_bytes(data[: max(whole, len(data) - cut)])
    assert len(ledger.rows()) == 1
    ledger.note(recording, RowKind.WIPED)
    assert [row.kind for row in ledger.rows()] == [RowKind.SEALED, RowKind.WIPED]


def test_a_zero_filled_tail_never_counted(tmp_path: Path) -> None:
    ledger, recording = _ledger(tmp_path), new_recording_id()
    ledger.note(recording, RowKind.SEALED)
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(path.read_bytes() + bytes(300))
    ledger.note(recording, RowKind.VERIFIED)
    assert [row.kind for row in ledger.rows()] == [RowKind.SEALED, RowKind.VERIFIED]


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_changed_row_is_damage_wherever_it_stands(tmp_path: Path, line: int) -> None:
    ledger = _ledger(tmp_path)
    for _number in range(3):
        ledger.note(new_recording_id(), RowKind.SEALED, adapter="folder")
    path = tmp_path / "ledger.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(b'"number":', b'"number":1')
    path.write_bytes(b"".join(lines))
    with pytest.raises(DamagedError, match="not in one piece"):
        ledger.rows()


@pytest.mark.parametrize("line", [0, 1])
def test_a_row_that_was_taken_away_is_damage(tmp_path: Path, line: int) -> None:
    ledger = _ledger(tmp_path)
    for _number in range(3):
        ledger.note(new_recording_id(), RowKind.SEALED)
    path = tmp_path / "ledger.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    del lines[line]
    path.write_bytes(b"".join(lines))
    with pytest.raises(DamagedError):
        ledger.note(new_recording_id(), RowKind.SEALED)


def test_a_full_disk_is_told_and_the_rows_before_stay(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    ledger.note(new_recording_id(), RowKind.SEALED)

    def full(moment: Moment, operation: Operation) -> None:
        if (moment, operation.kind) == (Moment.BEFORE, Kind.WRITE):
            raise OSError(errno.ENOSPC, "No space left on device")

    watch(full)
    try:
        with pytest.raises(VaultError):
            ledger.note(new_recording_id(), RowKind.SEALED)
    finally:
        watch(None)
    assert len(ledger.rows()) == 1


def test_two_writers_at_once_make_one_chain_without_doubled_numbers(tmp_path: Path) -> None:
    ids = [new_recording_id() for _number in range(12)]

    def work(own: list[RecordingId]) -> None:
        for recording in own:
            _ledger(tmp_path).reserve(recording)

    threads = [threading.Thread(target=work, args=(ids[part::3],)) for part in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = _ledger(tmp_path).rows()
    assert sorted(row.sequence for row in rows) == list(range(1, 13))


def test_no_row_holds_more_than_ids_hashes_and_times(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    ledger.note(new_recording_id(), RowKind.COMPLETED, adapter="folder")
    text = (tmp_path / "ledger.jsonl").read_text(encoding="utf-8")
    assert str(tmp_path) not in text
