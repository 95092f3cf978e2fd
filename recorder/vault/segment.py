# SPDX-License-Identifier: EUPL-1.2
"""The segment format: one file of encrypted records (``docs/format.md``, chapter 1).

    header  88 bytes   magic 8 | log kind 1 | track 1 | zero 2 | segment number 4
                       | first record's sequence 8 | recording id 16 | salt 32 | tag 16
    record  20 + n     length n of the plaintext 4 | ciphertext n | tag 16

All numbers are big-endian. The segment key is HKDF-SHA256 (RFC 5869) of the data key with the
header's salt; records are AES-256-GCM (NIST SP 800-38D) in the STREAM construction (Hoang,
Reyhanitabar, Rogaway and Vizár, 2015/189): nonce = 7 zero bytes | record index 4 | last flag 1;
associated data = the header's first 72 bytes. A plaintext is one type byte and the payload. The
header's tag is that of an empty plaintext under the nonce of twelve bytes 255, which no record has.

Rules: a segment has one writer, which created it with a fresh salt; nobody ever appends to a
segment that another process began, so no nonce is used twice under one key. A reader takes
records until the first that is incomplete or does not authenticate, and none after it.
"""

from __future__ import annotations

import enum
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from recorder.identifiers import RecordingId

MAGIC = b"MODOSEG1"
HEADER_BYTES = 88
MAX_PLAINTEXT = 1 << 20
"""Longest plaintext of a record, in bytes: bounds what a reader holds in memory."""
OVERHEAD = 20
"""Bytes that a record adds to its plaintext."""
TORN_LIMIT = MAX_PLAINTEXT + OVERHEAD
"""Bytes behind the last valid record that a crash can explain; more means damage. A writer syncs
before more than this waits for it."""

_FIELDS = struct.Struct(">8sBBHIQ16s32s")
_LENGTH = struct.Struct(">I")
_NONCE = struct.Struct(">7xIB")
_HEADER_NONCE = b"\xff" * 12
_SALT_BYTES = 32
_INFO = b"modoptager segment 1"
_LOOK_AHEAD = 64
"""How many records may be bad in a row before a genuine one is looked for in vain."""


class LogKind(enum.Enum):
    """What a log holds; its value stands in the header."""

    JOURNAL = ord("J")
    SOUND = ord("S")
    DOCUMENTS = ord("D")


class RecordType(enum.Enum):
    """What a record holds; its value is the plaintext's first byte."""

    EVENT = ord("E")
    """JSON: a journal entry, or in a sound log a gap or marker."""
    PART = ord("P")
    """JSON: a part begins."""
    AUDIO = ord("A")
    """Bytes of the part's file."""
    DIGEST = ord("D")
    """Per-second hashes with their time."""
    HEADER = ord("H")
    """The part's final file header: the part is closed."""
    DOCUMENT = ord("B")
    """JSON: a frozen document begins."""
    CONTENT = ord("C")
    """Bytes of the document."""
    CLOSE = ord("Z")
    """The log is closed; nothing follows."""


_TYPES = {bytes([kind.value]): kind for kind in RecordType}


@dataclass(frozen=True)
class SegmentHeader:
    """The authenticated header of one segment."""

    kind: LogKind
    track: int
    number: int
    """Of the segment within its log, from 1."""
    first_sequence: int
    """Of its first record within the log, from 0."""
    recording: RecordingId
    salt: bytes

    @classmethod
    def fresh(
        cls, kind: LogKind, track: int, number: int, first_sequence: int, recording: RecordingId
    ) -> SegmentHeader:
        """Make a header with a salt that nobody has used.

        Args:
            kind: Of the log.
            track: Of the sound, from 1; 0 in other logs.
            number: Of the segment, from 1.
            first_sequence: Of its first record.
            recording: Whose log it is.

        Returns:
            The header.
        """
        return cls(kind, track, number, first_sequence, recording, os.urandom(_SALT_BYTES))

    def encode(self) -> bytes:
        """Return the header's 72 bytes before its tag."""
        return _FIELDS.pack(
            MAGIC,
            self.kind.value,
            self.track,
            0,
            self.number,
            self.first_sequence,
            self.recording.encode("ascii"),
            self.salt,
        )

    @classmethod
    def decode(cls, data: bytes) -> SegmentHeader | None:
        """Read a header.

        Args:
            data: The first bytes of a file.

        Returns:
            The header, or none where these are not the bytes of one. Whether it is genuine
            says ``SegmentCipher.is_header``.
        """
        if len(data) < HEADER_BYTES:
            return None
        magic, kind, track, zero, number, first, recording, salt = _FIELDS.unpack(
            data[: _FIELDS.size]
        )
        if magic != MAGIC or zero != 0 or kind not in {k.value for k in LogKind}:
            return None
        if not recording.isascii():
            return None
        name = RecordingId(recording.decode("ascii"))
        return cls(LogKind(kind), track, number, first, name, salt)


class SegmentCipher:
    """Seals and opens the records of one segment."""

    def __init__(self, data_key: bytes, header: SegmentHeader) -> None:
        """Derive the segment's key.

        Args:
            data_key: The recording's sound key or record key, 32 bytes.
            header: The segment's header; bound to every record.
        """
        self._header = header.encode()
        derivation = HKDF(SHA256(), length=32, salt=header.salt, info=_INFO)
        self._aead = AESGCM(derivation.derive(data_key))

    @property
    def header(self) -> bytes:
        """The header with its tag, 88 bytes."""
        return self._header + self._aead.encrypt(_HEADER_NONCE, b"", self._header)

    def is_header(self, data: bytes) -> bool:
        """Tell whether these bytes are this segment's header, as its writer wrote it.

        Args:
            data: The first bytes of a file.

        Returns:
            Whether fields and tag are genuine.
        """
        return data == self.header

    def seal(self, index: int, kind: RecordType, payload: bytes) -> bytes:
        """Encrypt one record.

        Args:
            index: Of the record within the segment, from 0. Never the same twice.
            kind: Its type; ``CLOSE`` sets the last flag.
            payload: Its content, at most ``MAX_PLAINTEXT`` - 1 bytes.

        Returns:
            The record's bytes.

        Raises:
            ValueError: If the payload is too long.
        """
        plaintext = bytes([kind.value]) + payload
        if len(plaintext) > MAX_PLAINTEXT:
            raise ValueError("record too long")
        nonce = _NONCE.pack(index, kind is RecordType.CLOSE)
        return _LENGTH.pack(len(plaintext)) + self._aead.encrypt(nonce, plaintext, self._header)

    def open(self, index: int, sealed: bytes) -> tuple[RecordType, bytes] | None:
        """Decrypt one record.

        Args:
            index: Of the record within the segment.
            sealed: Ciphertext and tag, without the length.

        Returns:
            Type and payload, or none if it does not authenticate in this place.
        """
        for last in (0, 1):
            try:
                plaintext = self._aead.decrypt(_NONCE.pack(index, last), sealed, self._header)
            except InvalidTag:
                continue
            kind = _TYPES.get(plaintext[:1])
            # The flag and the type say the same; a record where they differ is not ours.
            if kind is None or (kind is RecordType.CLOSE) != bool(last):
                return None
            return kind, plaintext[1:]
        return None


@dataclass(frozen=True)
class SegmentRecord:
    """One authenticated record."""

    index: int
    kind: RecordType
    payload: bytes
    end: int
    """Offset in the file behind it."""


def read_records(file: BinaryIO, cipher: SegmentCipher) -> Iterator[SegmentRecord]:
    """Read the valid prefix of a segment.

    Args:
        file: Open for reading, positioned behind the header.
        cipher: The segment's.

    Yields:
        The records, in order, until the first that is incomplete or does not authenticate, or
        the closing one.
    """
    end = HEADER_BYTES
    index = 0
    while True:
        prefix = file.read(_LENGTH.size)
        if len(prefix) < _LENGTH.size:
            return
        (length,) = _LENGTH.unpack(prefix)
        if not 1 <= length <= MAX_PLAINTEXT:
            return
        sealed = file.read(length + 16)
        if len(sealed) < length + 16:
            return
        opened = cipher.open(index, sealed)
        if opened is None:
            return
        end += length + OVERHEAD
        yield SegmentRecord(index, opened[0], opened[1], end)
        if opened[0] is RecordType.CLOSE:
            return
        index += 1


def resumes(remainder: bytes, cipher: SegmentCipher, bad_index: int) -> bool:
    """Tell whether a genuine record lies somewhere behind a bad one.

    Args:
        remainder: The bytes from the bad record on.
        cipher: The segment's.
        bad_index: Index of the bad record.

    Returns:
        Whether one of the records that follow it authenticates, and it still does not (a live
        writer may have finished it since). Lengths are not authenticated, so every offset is
        tried; a false length hardly ever fits into what is left.
    """
    for start in range(len(remainder) - OVERHEAD):
        (length,) = _LENGTH.unpack_from(remainder, start)
        end = start + OVERHEAD + length
        if not 1 <= length <= MAX_PLAINTEXT or end > len(remainder):
            continue
        sealed = remainder[start + _LENGTH.size : end]
        if start == 0:
            if cipher.open(bad_index, sealed) is not None:
                return False
        elif any(cipher.open(bad_index + ahead, sealed) for ahead in range(1, _LOOK_AHEAD)):
            return True
    return False
