# SPDX-License-Identifier: EUPL-1.2
"""The journal: what was appended is read, chained, legal; or it is called damaged."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from power import Fault, Medium
from vault_fakes import (
    KEY,
    CrashError,
    FaultAt,
    TickingClock,
    broken,
    count_operations,
    full,
    journal_log,
    watching,
)

from recorder.durable import Kind, Moment
from recorder.errors import DamagedError, VaultError, VaultFullError
from recorder.lifecycle.events import (
    CaptureBegan,
    CapturePaused,
    CaptureResumed,
    Event,
    Interrupted,
    Planned,
    Verified,
)
from recorder.lifecycle.fold import IllegalEventError
from recorder.lifecycle.parts import Container, PartFormat
from recorder.lifecycle.states import State
from recorder.vault.journal import FIRST_PREVIOUS, Journal, JournalEntry
from recorder.vault.log import LogAddress
from recorder.vault.log_writer import LogWriter
from recorder.vault.segment import HEADER_BYTES, OVERHEAD, RecordType

PLANNED = Planned(msgspec.Raw(b"{}"), "policy", "1", "software")
BEGAN = CaptureBegan(1, PartFormat(Container.FLAC, 48000, 1, 16), "microphone")
EVENTS: list[Event] = [PLANNED, BEGAN, CapturePaused(), CaptureResumed(), Interrupted()]


def _open(address: LogAddress) -> Journal:
    return Journal(address, KEY, TickingClock())


def _events(address: LogAddress) -> list[Event]:
    journal = _open(address)
    return [entry.event for entry in journal.entries]


def _append_all(address: LogAddress, events: list[Event] = EVENTS) -> list[bytes]:
    journal = _open(address)
    for event in events:
        journal.append(event)
    journal.release()
    return [msgspec.json.encode(entry) for entry in journal.entries]


def test_a_journal_is_read_as_it_was_written_in_one_process_or_several(tmp_path: Path) -> None:
    address = journal_log(tmp_path)
    for event in EVENTS:
        _append_all(address, [event])
    journal = _open(address)
    assert [entry.event for entry in journal.entries] == EVENTS
    assert [entry.number for entry in journal.entries] == [1, 2, 3, 4, 5]
    assert [entry.previous for entry in journal.entries] == [FIRST_PREVIOUS, *journal.hashes[:-1]]
    assert journal.recording.state is State.INTERRUPTED


def test_an_illegal_event_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    journal = _open(journal_log(tmp_path))
    with watching(FaultAt(1, broken, lasting=True)), pytest.raises(IllegalEventError):
        journal.append(Verified())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("make", [full, broken, CrashError])
def test_a_failure_at_any_operation_leaves_a_journal_that_goes_on(
    tmp_path: Path, make: Callable[[], BaseException]
) -> None:
    (tmp_path / "well").mkdir()
    total = count_operations(lambda: _append_all(journal_log(tmp_path / "well")))
    for at in range(1, total + 1):
        address = journal_log(tmp_path / f"at {at}")
        address.directory.mkdir()
        with watching(FaultAt(at, make)):
            _append_all_persistently(address)
        assert _events(address) == EVENTS, at


def _append_all_persistently(address: LogAddress) -> None:
    try:
        journal = _open(address)
    except (VaultError, CrashError):
        journal = _open(address)
    for event in EVENTS:
        try:
            journal.append(event)
        except (VaultError, CrashError):
            journal.append(event)
    journal.release()


def test_an_event_that_failed_does_not_go_out_with_the_next_one(tmp_path: Path) -> None:
    address = journal_log(tmp_path)
    journal = _open(address)
    journal.append(PLANNED)
    journal.append(BEGAN)
    with watching(FaultAt(1, full, lasting=True)), pytest.raises(VaultFullError):
        journal.append(CapturePaused())
    assert journal.recording.state is State.RECORDING
    journal.append(Interrupted())
    journal.release()
    assert _events(address) == [PLANNED, BEGAN, Interrupted()]


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_no_crash_and_no_power_cut_damages_a_journal(
    tmp_path: Path, data: st.DataObject, seed: int
) -> None:
    address = journal_log(Path(tempfile.mkdtemp(dir=tmp_path)))
    chance, medium = random.Random(seed), Medium()
    with watching(medium):
        for _ in range(data.draw(st.integers(1, 4))):
            known = _events(address)
            journal = _open(address)
            medium.fault = data.draw(_faults)
            try:
                for event in EVENTS[len(known) :]:
                    journal.append(event)
                    known.append(event)
            except (VaultError, CrashError):
                pass
            journal.release()
            if data.draw(st.booleans()):
                medium.lose_power(chance)
            medium.fault = None
            after = _events(address)
            assert after[: len(known)] == known
            assert after in (known, EVENTS[: len(known) + 1])


_faults = st.none() | st.builds(
    Fault,
    st.sampled_from([Kind.CREATE, Kind.WRITE, Kind.SYNC, Kind.SYNC_DIRECTORY]),
    st.sampled_from(Moment),
    st.sampled_from([full, broken, CrashError]),
    st.booleans(),
)


def test_cut_at_every_byte_a_journal_holds_the_exact_prefix(tmp_path: Path) -> None:
    address = journal_log(tmp_path)
    lengths = [len(payload) for payload in _append_all(address)]
    path = address.segment(1)
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        assert _events(address) == EVENTS[: _whole(cut, lengths)], cut


def test_a_byte_flipped_anywhere_is_damage_or_takes_the_last_event_alone(tmp_path: Path) -> None:
    address = journal_log(tmp_path)
    lengths = [len(payload) for payload in _append_all(address)]
    path = address.segment(1)
    whole = path.read_bytes()
    last = len(whole) - lengths[-1] - 1 - OVERHEAD
    for offset in range(len(whole)):
        flipped = bytearray(whole)
        flipped[offset] ^= 1
        path.write_bytes(flipped)
        if offset >= last:
            assert _events(address) == EVENTS[:-1], offset
        else:
            with pytest.raises(DamagedError):
                _open(address)


def _whole(cut: int, lengths: list[int]) -> int:
    end, count = HEADER_BYTES, 0
    for length in lengths:
        end += length + 1 + OVERHEAD
        count += end <= cut
    return count


def _forge(address: LogAddress, payloads: list[bytes], kind: RecordType = RecordType.EVENT) -> None:
    """Write what only a holder of the key could."""
    writer = LogWriter(address, KEY, next_sequence=0, reserve=None)
    for payload in payloads:
        writer.append(kind, payload)
        writer.sync()
    writer.release()


@pytest.mark.parametrize(
    "change",
    [
        lambda entries: [entries[0], entries[2]],
        lambda entries: [entries[0], entries[0]],
        lambda entries: [entries[1]],
        lambda entries: [entries[0], entries[1], b"{}"],
        lambda entries: [entries[0], b"\xff not JSON"],
    ],
    ids=["left out", "doubled", "beginning gone", "no event", "no JSON"],
)
def test_a_broken_chain_is_damage(
    tmp_path: Path, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    (tmp_path / "good").mkdir()
    entries = _append_all(journal_log(tmp_path / "good"))
    _forge(journal_log(tmp_path), change(entries))
    with pytest.raises(DamagedError):
        _open(journal_log(tmp_path))


def test_a_chained_but_illegal_event_is_damage(tmp_path: Path) -> None:
    at = TickingClock().now()
    forged = msgspec.json.encode(JournalEntry(1, FIRST_PREVIOUS, at, Verified()))
    _forge(journal_log(tmp_path), [forged])
    with pytest.raises(DamagedError):
        _open(journal_log(tmp_path))


def test_another_record_type_in_a_journal_is_damage(tmp_path: Path) -> None:
    _forge(journal_log(tmp_path), [b"{}"], RecordType.AUDIO)
    with pytest.raises(DamagedError):
        _open(journal_log(tmp_path))
