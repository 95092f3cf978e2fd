# SPDX-License-Identifier: EUPL-1.2
"""One segment: what is read is what was sealed, in its place, or nothing."""

from __future__ import annotations

import dataclasses
import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vault_fakes import KEY, OTHERS, OURS

from recorder.vault.segment import (
    HEADER_BYTES,
    MAX_PLAINTEXT,
    LogKind,
    RecordType,
    SegmentCipher,
    SegmentHeader,
    read_records,
    resumes,
)

HEADER = SegmentHeader.fresh(LogKind.SOUND, 1, 1, 0, OURS)
CIPHER = SegmentCipher(KEY, HEADER)


@given(
    kind=st.sampled_from(LogKind),
    track=st.integers(0, 255),
    number=st.integers(0, 2**32 - 1),
    first=st.integers(0, 2**64 - 1),
    salt=st.binary(min_size=32, max_size=32),
)
def test_a_header_is_read_as_it_was_written(
    kind: LogKind, track: int, number: int, first: int, salt: bytes
) -> None:
    header = SegmentHeader(kind, track, number, first, OURS, salt)
    sealed = SegmentCipher(KEY, header).header
    assert len(sealed) == HEADER_BYTES
    assert SegmentHeader.decode(sealed) == header
    assert SegmentCipher(KEY, header).is_header(sealed)
    assert not SegmentCipher(bytes(32), header).is_header(sealed)


@given(st.binary(max_size=100))
def test_no_bytes_break_the_header_reader(data: bytes) -> None:
    header = SegmentHeader.decode(data)
    assert header is None or header.encode() == data[: HEADER_BYTES - 16]


@given(st.lists(st.tuples(st.sampled_from(RecordType), st.binary(max_size=300)), max_size=8))
def test_records_come_back_in_order_and_none_behind_the_closing_one(
    records: list[tuple[RecordType, bytes]],
) -> None:
    sealed = b"".join(CIPHER.seal(i, kind, payload) for i, (kind, payload) in enumerate(records))
    got = [(r.kind, r.payload) for r in read_records(io.BytesIO(sealed), CIPHER)]
    kinds = [kind for kind, _ in records]
    stop = kinds.index(RecordType.CLOSE) + 1 if RecordType.CLOSE in kinds else len(records)
    assert got == records[:stop]


@given(st.binary(max_size=400))
def test_no_bytes_are_taken_for_a_record(data: bytes) -> None:
    assert list(read_records(io.BytesIO(data), CIPHER)) == []


@pytest.mark.parametrize("field", ["kind", "track", "number", "first_sequence", "recording"])
def test_a_record_opens_under_no_other_header(field: str) -> None:
    other = {
        "kind": LogKind.JOURNAL,
        "track": 2,
        "number": 2,
        "first_sequence": 1,
        "recording": OTHERS,
    }
    header = dataclasses.replace(HEADER, **{field: other[field]})
    sealed = CIPHER.seal(0, RecordType.AUDIO, b"sound")
    assert SegmentCipher(KEY, header).open(0, sealed[4:]) is None
    assert CIPHER.open(0, sealed[4:]) == (RecordType.AUDIO, b"sound")


def test_a_record_opens_in_its_own_place_only() -> None:
    sealed = CIPHER.seal(3, RecordType.AUDIO, b"sound")[4:]
    assert [CIPHER.open(i, sealed) is not None for i in range(6)] == [i == 3 for i in range(6)]


def test_a_type_byte_that_contradicts_the_last_flag_is_no_record() -> None:
    nonce = struct.pack(">7xIB", 0, 1)
    sealed = CIPHER._aead.encrypt(nonce, b"Asound", HEADER.encode())
    assert CIPHER.open(0, sealed) is None
    nonce = struct.pack(">7xIB", 0, 0)
    sealed = CIPHER._aead.encrypt(nonce, b"Z", HEADER.encode())
    assert CIPHER.open(0, sealed) is None


def test_the_longest_record_is_read_and_a_longer_one_refused() -> None:
    longest = bytes(MAX_PLAINTEXT - 1)
    (record,) = read_records(io.BytesIO(CIPHER.seal(0, RecordType.AUDIO, longest)), CIPHER)
    assert record.payload == longest
    with pytest.raises(ValueError, match="too long"):
        CIPHER.seal(0, RecordType.AUDIO, longest + b"!")


def test_two_segments_never_have_the_same_salt() -> None:
    salts = {SegmentHeader.fresh(LogKind.SOUND, 1, 1, 0, OURS).salt for _ in range(1000)}
    assert len(salts) == 1000


def test_a_genuine_record_is_found_behind_bad_ones() -> None:
    sealed = [CIPHER.seal(i, RecordType.EVENT, b"event %d" % i) for i in range(4)]
    bad = bytes(len(sealed[1]))
    assert resumes(bad + sealed[2] + sealed[3], CIPHER, 1)
    assert resumes(bad + bad + sealed[3], CIPHER, 1)
    assert not resumes(bad + bad + bad, CIPHER, 1)
    assert not resumes(sealed[0] + sealed[1], CIPHER, 2), (
        "an earlier record, copied, proves nothing"
    )
    assert not resumes(b"", CIPHER, 0)
