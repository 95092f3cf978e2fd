# SPDX-License-Identifier: EUPL-1.2
"""A log that was cut, zeroed, flipped, reordered or mixed: its exact valid prefix, never more."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest
from vault_fakes import KEY, OTHERS, journal_log, read, sound_log, write

from recorder.vault.log import LogAddress, LogEnd, LogReader
from recorder.vault.segment import HEADER_BYTES, OVERHEAD

CONTENTS = [b"first", b"", b"the third record", b"4", b"\0\0\0\0"]


def _ends(contents: list[bytes], *, closed: bool) -> list[int]:
    """Offsets behind each record of a segment, the closing one included."""
    ends, end = [], HEADER_BYTES
    for content in contents + ([b""] if closed else []):
        end += len(content) + 1 + OVERHEAD
        ends.append(end)
    return ends


def _whole_before(offset: int, ends: list[int]) -> int:
    """Records that lie wholly before an offset."""
    return sum(end <= offset for end in ends) if offset >= HEADER_BYTES else 0


@pytest.fixture
def closed_log(tmp_path: Path) -> LogAddress:
    address = sound_log(tmp_path)
    write(address, 0, CONTENTS, close=True)
    return address


def _prefix(address: LogAddress) -> tuple[list[bytes], LogEnd]:
    records, end, following = read(address)
    assert [r.sequence for r in records] == list(range(len(records)))
    assert following == len(records) + (end is LogEnd.CLOSED)
    return [r.payload for r in records], end


def test_a_whole_log_is_read_whole_and_closed(closed_log: LogAddress) -> None:
    assert _prefix(closed_log) == (CONTENTS, LogEnd.CLOSED)


def test_cut_at_every_byte_gives_the_exact_prefix_and_never_closed(closed_log: LogAddress) -> None:
    path = closed_log.segment(1)
    whole = path.read_bytes()
    ends = _ends(CONTENTS, closed=True)
    assert ends[-1] == len(whole)
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        assert _prefix(closed_log) == (CONTENTS[: _whole_before(cut, ends)], LogEnd.TORN), cut


def test_zeros_from_every_byte_on_give_the_exact_prefix_and_never_closed(
    closed_log: LogAddress,
) -> None:
    path = closed_log.segment(1)
    whole = path.read_bytes()
    ends = _ends(CONTENTS, closed=True)
    for cut in range(len(whole)):
        zeroed = whole[:cut].ljust(len(whole), b"\0")
        if zeroed == whole:
            continue
        intact = next(i for i, (a, b) in enumerate(zip(zeroed, whole, strict=True)) if a != b)
        path.write_bytes(zeroed)
        assert _prefix(closed_log) == (CONTENTS[: _whole_before(intact, ends)], LogEnd.TORN), cut


def test_every_bit_flipped_stops_at_the_exact_record(closed_log: LogAddress) -> None:
    path = closed_log.segment(1)
    whole = path.read_bytes()
    ends = _ends(CONTENTS, closed=True)
    for offset, bit in itertools.product(range(len(whole)), range(8)):
        flipped = bytearray(whole)
        flipped[offset] ^= 1 << bit
        path.write_bytes(flipped)
        before = _whole_before(offset, ends)
        expected = LogEnd.DAMAGED if offset < HEADER_BYTES else LogEnd.TORN
        assert _prefix(closed_log) == (CONTENTS[:before], expected), (offset, bit)


def test_records_swapped_dropped_or_doubled_stop_at_the_exact_place(
    closed_log: LogAddress,
) -> None:
    path = closed_log.segment(1)
    whole = path.read_bytes()
    starts = [HEADER_BYTES, *_ends(CONTENTS, closed=True)]
    header, last = whole[:HEADER_BYTES], len(starts) - 2
    pieces = [whole[a:b] for a, b in itertools.pairwise(starts)]
    for i in range(last + 1):
        without = pieces[:i] + pieces[i + 1 :]
        path.write_bytes(header + b"".join(without))
        assert _prefix(closed_log) == (CONTENTS[:i], LogEnd.TORN), f"{i} dropped"
        if i == last:
            continue  # behind the closing record nothing is read
        doubled = [*pieces[: i + 1], pieces[i], *pieces[i + 1 :]]
        path.write_bytes(header + b"".join(doubled))
        assert _prefix(closed_log) == (CONTENTS[: i + 1], LogEnd.TORN), f"{i} doubled"
        for j in range(i + 1, last + 1):
            swapped = list(pieces)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            path.write_bytes(header + b"".join(swapped))
            assert _prefix(closed_log) == (CONTENTS[:i], LogEnd.TORN), f"{i} and {j} swapped"


def test_a_record_of_another_recording_is_not_read_even_under_the_same_key(
    closed_log: LogAddress, tmp_path: Path
) -> None:
    foreign = sound_log(tmp_path / "other", OTHERS)
    foreign.directory.mkdir()
    write(foreign, 0, CONTENTS, close=True)
    ours, theirs = closed_log.segment(1).read_bytes(), foreign.segment(1).read_bytes()
    start, end = _ends(CONTENTS, closed=True)[:2]
    closed_log.segment(1).write_bytes(ours[:start] + theirs[start:end] + ours[end:])
    assert _prefix(closed_log) == (CONTENTS[:1], LogEnd.TORN)
    shutil.copy(foreign.segment(1), closed_log.segment(1))
    assert _prefix(closed_log) == ([], LogEnd.DAMAGED)


def test_a_segment_under_another_name_is_not_read(closed_log: LogAddress) -> None:
    shutil.copy(closed_log.segment(1), closed_log.segment(2))
    assert _prefix(closed_log) == (CONTENTS, LogEnd.CLOSED)
    closed_log.segment(1).unlink()
    assert _prefix(closed_log) == ([], LogEnd.DAMAGED)


def test_a_segment_of_another_log_or_track_is_not_read(tmp_path: Path) -> None:
    journal, second = journal_log(tmp_path), LogAddress(tmp_path, *_second_track())
    write(journal, 0, CONTENTS)
    write(second, 0, CONTENTS)
    for source in (journal, second):
        shutil.copy(source.segment(1), sound_log(tmp_path).segment(1))
        assert _prefix(sound_log(tmp_path)) == ([], LogEnd.DAMAGED)


def _second_track() -> tuple[object, ...]:
    address = sound_log(Path())
    return address.recording, address.kind, 2


def test_a_wrong_key_reads_nothing(closed_log: LogAddress) -> None:
    assert read(closed_log, bytes(32)) == ([], LogEnd.DAMAGED, 0)


@pytest.fixture
def three_segments(tmp_path: Path) -> LogAddress:
    address = sound_log(tmp_path)
    write(address, 0, CONTENTS[:2])
    write(address, 2, CONTENTS[2:4])
    write(address, 4, CONTENTS[4:], close=True)
    return address


def test_damage_in_an_earlier_segment_is_called_damage_at_every_byte(
    three_segments: LogAddress,
) -> None:
    assert _prefix(three_segments) == (CONTENTS, LogEnd.CLOSED)
    for number, before, contents in ((1, 0, CONTENTS[:2]), (2, 2, CONTENTS[2:4])):
        path = three_segments.segment(number)
        whole = path.read_bytes()
        ends = _ends(contents, closed=False)
        for offset in range(len(whole)):
            for damaged in (_flipped(whole, offset), whole[:offset]):
                path.write_bytes(damaged)
                count = before + _whole_before(offset, ends)
                assert _prefix(three_segments) == (CONTENTS[:count], LogEnd.DAMAGED), offset
        path.write_bytes(whole)


def test_a_missing_earlier_segment_is_damage(three_segments: LogAddress) -> None:
    second = three_segments.segment(2).read_bytes()
    three_segments.segment(2).unlink()
    assert _prefix(three_segments) == (CONTENTS[:2], LogEnd.DAMAGED)
    three_segments.segment(2).write_bytes(second)
    three_segments.segment(1).unlink()
    assert _prefix(three_segments) == ([], LogEnd.DAMAGED)


def test_damage_in_the_last_of_several_segments_leaves_the_rest_and_never_closed(
    three_segments: LogAddress,
) -> None:
    path = three_segments.segment(3)
    whole = path.read_bytes()
    ends = _ends(CONTENTS[4:], closed=True)
    for offset in range(len(whole)):
        path.write_bytes(_flipped(whole, offset))
        count = 4 + _whole_before(offset, ends)
        expected = LogEnd.DAMAGED if offset < HEADER_BYTES else LogEnd.TORN
        assert _prefix(three_segments) == (CONTENTS[:count], expected), offset


def test_what_a_later_segment_supersedes_is_not_read(tmp_path: Path) -> None:
    address = sound_log(tmp_path)
    write(address, 0, [b"kept", b"old", b"old too"], close=True)
    write(address, 1, [b"new"])
    assert _prefix(address) == ([b"kept", b"new"], LogEnd.TORN)
    write(address, 0, [b"all new"], close=True)
    assert _prefix(address) == ([b"all new"], LogEnd.CLOSED)


def test_a_segment_behind_the_closing_record_is_damage(tmp_path: Path) -> None:
    address = sound_log(tmp_path)
    write(address, 0, [b"a"], close=True)
    write(address, 2, [b"nobody would read this"])
    assert read(address)[1] is LogEnd.DAMAGED


def test_more_garbage_than_a_crash_explains_is_damage(tmp_path: Path) -> None:
    address = sound_log(tmp_path)
    write(address, 0, [b"a"])
    path = address.segment(1)
    whole = path.read_bytes()
    path.write_bytes(whole + b"\x55" * (1 << 20))
    assert _prefix(address) == ([b"a"], LogEnd.TORN)
    path.write_bytes(whole + b"\x55" * ((1 << 20) + OVERHEAD + 1))
    assert _prefix(address) == ([b"a"], LogEnd.DAMAGED)
    path.write_bytes(whole + bytes(3 << 20))
    assert _prefix(address) == ([b"a"], LogEnd.TORN), "zeros are what a crash leaves"


def test_a_segment_whose_header_is_gone_but_not_its_content_is_damage(tmp_path: Path) -> None:
    address = sound_log(tmp_path)
    write(address, 0, CONTENTS)
    path = address.segment(1)
    path.write_bytes(bytes(HEADER_BYTES) + path.read_bytes()[HEADER_BYTES:])
    assert _prefix(address) == ([], LogEnd.DAMAGED)


def test_a_segment_that_was_only_begun_supersedes_nothing(tmp_path: Path) -> None:
    address = sound_log(tmp_path)
    write(address, 0, [b"a", b"b"])
    write(address, 1, [])
    write(address, 0, [])
    assert _prefix(address) == ([b"a", b"b"], LogEnd.TORN)


def test_in_a_journal_a_bad_record_before_a_good_one_is_damage(tmp_path: Path) -> None:
    address = journal_log(tmp_path)
    write(address, 0, CONTENTS)
    path = address.segment(1)
    whole = path.read_bytes()
    ends = _ends(CONTENTS, closed=False)
    for offset in range(ends[-1]):
        path.write_bytes(_flipped(whole, offset))
        count = _whole_before(offset, ends)
        expected = LogEnd.TORN if count == len(CONTENTS) - 1 else LogEnd.DAMAGED
        assert _prefix(address) == (CONTENTS[:count], expected), offset


def test_a_reader_can_be_used_again_and_follows_a_growing_log(tmp_path: Path) -> None:
    address = sound_log(tmp_path)
    write(address, 0, [b"a"])
    reader = LogReader(address, KEY)
    assert [r.payload for r in reader] == [b"a"]
    write(address, 1, [b"b"], close=True)
    assert [r.payload for r in reader] == [b"a", b"b"]
    assert reader.end is LogEnd.CLOSED


def _flipped(whole: bytes, offset: int) -> bytes:
    flipped = bytearray(whole)
    flipped[offset] ^= 0x10
    return bytes(flipped)
