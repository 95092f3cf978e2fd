# SPDX-License-Identifier: EUPL-1.2
# ruff: noqa: ANN001, ANN201 - forty lines that anyone can retype; types would double them
"""A decoder in 40 lines, written from docs/format.md alone: shares no code with the program."""

import hashlib
import json

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap


def data_key(slot, wrapping_key):
    return aes_key_unwrap(wrapping_key, slot[32:72])


def read_segment(path, start, recording, key):
    data = path.read_bytes()
    fields, rest, records = data[:72], data[88:], []
    aead = AESGCM(HKDF(SHA256(), 32, fields[40:], b"modoptager segment 1").derive(key))
    start += int(path.name[-5:]).to_bytes(4, "big")
    genuine = data[72:88] == aead.encrypt(b"\xff" * 12, b"", fields)
    if not genuine or (fields[:16], fields[24:40]) != (start, recording):
        return 0, []
    while records[-1:] != [b"Z"] and len(rest) >= 20 + int.from_bytes(rest[:4], "big"):
        size, index = int.from_bytes(rest[:4], "big"), len(records).to_bytes(4, "big")
        for last in (b"\0", b"\1"):
            try:
                plaintext = aead.decrypt(bytes(7) + index + last, rest[4 : 20 + size], fields)
                break
            except InvalidTag:
                continue
        else:
            break
        records, rest = [*records, plaintext], rest[20 + size :]
    return int.from_bytes(fields[16:24], "big"), records


def read_log(folder, name, recording, key):
    start = b"MODOSEG1" + name[0].upper().encode() + bytes([int(name.partition("-")[2] or 0), 0, 0])
    files = sorted(folder.glob(name + "." + "[0-9]" * 5))
    segments = [read_segment(file, start, recording, key) for file in files]
    segments, log = [segment for segment in segments if segment[1]], []
    for position, (first, records) in enumerate(segments):
        limit = min([later for later, _ in segments[position + 1 :]] + [first + len(records)])
        if (first > len(log) and limit > first) or log[-1:] == [b"Z"]:
            break
        log += records[: max(0, limit - first)]
    return log


def read_journal(folder, recording, key):
    payloads = [record[1:] for record in read_log(folder, "journal", recording, key)]
    hashes = ["0" * 64, *(hashlib.sha256(payload).hexdigest() for payload in payloads)]
    events = [json.loads(payload) for payload in payloads]
    assert [event["previous"] for event in events] == hashes[:-1]
    return events
