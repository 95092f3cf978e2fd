# SPDX-License-Identifier: EUPL-1.2
"""Writing while the disk fails: what was promised is read, once and in order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from vault_fakes import (
    KEY,
    CrashError,
    FaultAt,
    ShortWriteAt,
    broken,
    count_operations,
    full,
    payloads,
    read,
    read_only,
    sound_log,
    watching,
    write,
)

from recorder.durable import Kind, Moment, Operation
from recorder.errors import VaultError, VaultFullError
from recorder.vault import log_writer
from recorder.vault.log import TORN_LIMIT, LogAddress, LogEnd
from recorder.vault.log_writer import LogWriter, sync_log
from recorder.vault.segment import HEADER_BYTES, MAX_PLAINTEXT, RecordType

CONTENTS = [b"one", b"two", b"three", b"four"]


def _write_all(writer: LogWriter) -> None:
    for number, content in enumerate(CONTENTS):
        writer.append(RecordType.AUDIO, content)
        if number % 2:
            writer.sync()
    writer.close()


def _whole_run(directory: Path) -> None:
    directory.mkdir()
    _write_all(LogWriter(sound_log(directory), KEY, next_sequence=0, reserve=None))


def _new(address: LogAddress, first: int = 0, reserve: Path | None = None) -> LogWriter:
    return LogWriter(address, KEY, next_sequence=first, reserve=reserve)


@pytest.mark.parametrize("make", [full, broken, read_only])
def test_one_failure_at_any_operation_loses_nothing(
    tmp_path: Path, make: Callable[[], OSError]
) -> None:
    total = count_operations(lambda: _whole_run(tmp_path / "well"))
    assert total > 15
    for at in range(1, total + 1):
        address = sound_log(tmp_path / f"at {at}")
        address.directory.mkdir()
        with watching(FaultAt(at, make)):
            try:
                writer = _new(address)
            except VaultError:
                writer = _new(address)
            _write_all_persistently(writer)
        assert payloads(address) == CONTENTS, at
        assert read(address)[1] is LogEnd.CLOSED, at


def _write_all_persistently(writer: LogWriter) -> None:
    """As a caller does: a record that was refused is kept, so it is not appended again."""
    for number, content in enumerate(CONTENTS):
        _twice(lambda content=content: writer.append(RecordType.AUDIO, content), writer.sync)
        if number % 2:
            _twice(writer.sync, writer.sync)
    _twice(writer.close, writer.close)


def _twice(action: Callable[[], object], again: Callable[[], object]) -> None:
    try:
        action()
    except VaultError:
        again()


def test_a_short_write_at_any_place_loses_nothing(tmp_path: Path) -> None:
    for at in range(1, 7):
        address = sound_log(tmp_path / f"at {at}")
        address.directory.mkdir()
        shortening = ShortWriteAt(at)
        with watching(shortening):
            try:
                writer = _new(address)
            except VaultFullError:
                writer = _new(address)
            _write_all_persistently(writer)
        assert payloads(address) == CONTENTS, at
    assert shortening.seen >= 6


def test_a_failed_sync_is_never_tried_again_on_the_same_file(tmp_path: Path) -> None:
    address = sound_log(tmp_path)
    syncs: list[Path] = []
    failed: list[Path] = []

    def fails_twice(moment: Moment, operation: Operation) -> None:
        if moment is Moment.BEFORE and operation.kind is Kind.SYNC:
            assert operation.path not in failed
            syncs.append(operation.path)
            if len(syncs) in {2, 4}:
                failed.append(operation.path)
                raise broken()

    with watching(fails_twice):
        writer = _new(address)
        writer.append(RecordType.AUDIO, b"sound")
        with pytest.raises(VaultError):
            writer.sync()
        writer.append(RecordType.AUDIO, b"more")
        writer.sync()
    assert failed == [address.segment(1), address.segment(2)]
    assert payloads(address) == [b"sound", b"more"]


def test_an_interrupt_at_any_moment_leaves_a_writer_that_goes_on_whole(tmp_path: Path) -> None:
    total = count_operations(lambda: _whole_run(tmp_path / "well"))
    for at in range(1, total + 1):
        address = sound_log(tmp_path / f"at {at}")
        address.directory.mkdir()
        with watching(FaultAt(at, CrashError)):
            try:
                writer = _new(address)
            except CrashError:
                continue
            for content in CONTENTS:
                sequence = writer.next_sequence
                try:
                    writer.append(RecordType.AUDIO, content)
                    writer.sync()
                except CrashError:
                    assert writer.next_sequence == sequence + 1, "kept in memory"
            try:
                writer.close()
            except CrashError:
                writer.close()
        assert payloads(address) == CONTENTS, at


def test_a_full_disk_is_said_so_and_the_record_goes_with_the_next_try(tmp_path: Path) -> None:
    address = sound_log(tmp_path)
    writer = _new(address)
    with watching(FaultAt(1, full, lasting=True)):
        for content in CONTENTS[:3]:
            with pytest.raises(VaultFullError):
                writer.append(RecordType.AUDIO, content)
        with pytest.raises(VaultFullError):
            writer.sync()
    assert writer.synced_sequence == 0
    assert writer.next_sequence == 3
    writer.append(RecordType.AUDIO, CONTENTS[3])
    writer.sync()
    assert writer.synced_sequence == 4
    assert payloads(address) == CONTENTS


def test_the_reserve_is_given_up_when_the_disk_is_full_and_the_caller_can_see_it(
    tmp_path: Path,
) -> None:
    reserve = tmp_path / "reserve"
    reserve.write_bytes(b"room")
    writer = _new(sound_log(tmp_path), reserve=reserve)
    writer.append(RecordType.AUDIO, b"one")
    writer.sync()
    assert not writer.is_reserve_spent

    def full_while_reserved(moment: Moment, operation: Operation) -> None:
        if operation.kind is Kind.WRITE and reserve.exists():
            raise full()

    with watching(full_while_reserved):
        writer.append(RecordType.AUDIO, b"two")
        writer.close()
    assert writer.is_reserve_spent
    assert read(sound_log(tmp_path))[1] is LogEnd.CLOSED
    assert payloads(sound_log(tmp_path)) == [b"one", b"two"]


def test_another_error_than_a_full_disk_leaves_the_reserve_alone(tmp_path: Path) -> None:
    reserve = tmp_path / "reserve"
    reserve.write_bytes(b"room")
    writer = _new(sound_log(tmp_path), reserve=reserve)
    with watching(FaultAt(1, broken, lasting=True)), pytest.raises(VaultError) as caught:
        writer.append(RecordType.AUDIO, b"one")
    assert not isinstance(caught.value, VaultFullError)
    assert reserve.exists()


def test_tries_on_a_full_disk_do_not_use_up_segment_numbers(tmp_path: Path) -> None:
    address = sound_log(tmp_path)
    writer = _new(address)

    def no_room(moment: Moment, operation: Operation) -> None:
        if operation.kind is Kind.WRITE:
            raise full()

    with watching(no_room):
        for _ in range(20):
            with pytest.raises(VaultFullError):
                writer.append(RecordType.AUDIO, b"x")
    assert len(address.segments()) == 1
    writer.sync()
    assert payloads(address) == [b"x"] * 20


def test_a_log_with_too_many_segments_is_refused_not_silently_unread(tmp_path: Path) -> None:
    address = sound_log(tmp_path)
    address.segment(log_writer.MAX_SEGMENTS).write_bytes(b"")
    with pytest.raises(VaultError):
        _new(address)
    assert len(list(tmp_path.iterdir())) == 1


def test_too_long_a_record_is_refused_and_does_not_poison_the_log(tmp_path: Path) -> None:
    address = sound_log(tmp_path)
    writer = _new(address)
    with pytest.raises(ValueError, match="too long"):
        writer.append(RecordType.AUDIO, bytes(MAX_PLAINTEXT))
    with watching(FaultAt(1, broken)):
        writer.append(RecordType.AUDIO, b"fine")
    writer.close()
    assert payloads(address) == [b"fine"]


def test_nothing_is_appended_behind_the_closing_record(tmp_path: Path) -> None:
    address = sound_log(tmp_path)
    writer = _new(address)
    with watching(FaultAt(1, broken, lasting=True)), pytest.raises(VaultError):
        writer.close()
    with pytest.raises(ValueError, match="closed"):
        writer.append(RecordType.AUDIO, b"late")
    writer.close()
    assert read(address)[0] == []
    assert read(address)[1] is LogEnd.CLOSED


def test_no_more_waits_for_a_sync_than_a_reader_takes_for_a_torn_end(tmp_path: Path) -> None:
    address = sound_log(tmp_path)
    synced: list[int] = []

    def note(moment: Moment, operation: Operation) -> None:
        if operation.kind is Kind.SYNC and moment is Moment.AFTER:
            synced.append(operation.path.stat().st_size)

    with watching(note):
        writer = _new(address)
        for _ in range(20):
            writer.append(RecordType.AUDIO, bytes(256 << 10))
        assert writer.synced_sequence >= 16, "copies in memory are let go of, too"
    size = address.segment(1).stat().st_size
    waiting = [b - a for a, b in zip([HEADER_BYTES, *synced[1:]], [*synced[1:], size], strict=True)]
    assert max(waiting) <= TORN_LIMIT
    assert len(synced) < 12, "but not at every record"


def test_a_replay_longer_than_that_is_synced_on_the_way(tmp_path: Path) -> None:
    address = sound_log(tmp_path)
    writer = _new(address)
    with watching(FaultAt(1, full, lasting=True)):
        for _ in range(12):
            with pytest.raises(VaultFullError):
                writer.append(RecordType.AUDIO, bytes(256 << 10))
    sizes: list[int] = []

    def note(moment: Moment, operation: Operation) -> None:
        if operation.kind is Kind.SYNC and moment is Moment.AFTER:
            sizes.append(operation.path.stat().st_size)

    with watching(note):
        writer.sync()
    assert max(b - a for a, b in zip([HEADER_BYTES, *sizes], sizes, strict=False)) <= TORN_LIMIT
    assert len(payloads(address)) == 12


def test_syncing_what_a_dead_writer_left_covers_every_file_and_the_folder(tmp_path: Path) -> None:
    address = sound_log(tmp_path)
    write(address, 0, [b"a"])
    write(address, 1, [b"b"])
    seen: list[tuple[Kind, str]] = []

    def note(moment: Moment, operation: Operation) -> None:
        if moment is Moment.AFTER:
            seen.append((operation.kind, operation.path.name))

    with watching(note):
        sync_log(address)
    assert seen == [
        (Kind.SYNC, "sound-1.00001"),
        (Kind.SYNC, "sound-1.00002"),
        (Kind.SYNC_DIRECTORY, tmp_path.name),
    ]
    with watching(FaultAt(1, broken)), pytest.raises(VaultError):
        sync_log(address)


def test_a_log_that_cannot_be_read_at_all_is_an_error_not_an_empty_log(tmp_path: Path) -> None:
    address = sound_log(tmp_path)
    address.segment(1).mkdir()
    with pytest.raises(VaultError):
        read(address)
