# SPDX-License-Identifier: EUPL-1.2
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


def read_segment(path, place, key):
    data = path.read_bytes()
    fields, first, rest, records = data[:72], int.from_bytes(data[16:24], "big"), data[88:], []
    aead = AESGCM(HKDF(SHA256(), 32, fields[40:], b"modoptager segment 1").derive(key))
    number = int(path.name[-5:]).to_bytes(4, "big")
    tag = aead.encrypt(b"\xff" * 12, b"", fields)
    if (fields[:12] + fields[12:16] + fields[24:40], data[72:88]) != (place(number), tag):
        return first, []
    while records[-1:] != [b"Z"]:
        size = int.from_bytes(rest[:4], "big")
        nonce = bytes(7) + len(records).to_bytes(4, "big")
        for last in (b"\0", b"\1"):
            try:
                plaintext = aead.decrypt(nonce + last, rest[4 : 20 + size], fields)
            except InvalidTag:
                continue
            if plaintext[:1] in b"EPADHBCZ" and (plaintext[:1] == b"Z") == (last == b"\1"):
                break
        else:
            break
        records, rest = [*records, plaintext], rest[20 + size :]
    return first, records


def read_log(folder, name, recording, key):
    kind, track = name[0].upper().encode(), int(name.partition("-")[2] or 0)
    start = b"MODOSEG1" + kind + bytes([track, 0, 0])
    files = sorted(folder.glob(name + "." + "[0-9]" * 5))
    segments = [read_segment(file, lambda n: start + n + recording, key) for file in files]
    segments, log = [(first, records) for first, records in segments if records], []
    for position, (first, records) in enumerate(segments):
        limit = min((later for later, _ in segments[position + 1 :]), default=first + len(records))
        if first <= len(log) and limit > first:
            log += records[: limit - first]
        elif limit > first:
            break
    return log


def read_journal(folder, recording, key):
    payloads = [record[1:] for record in read_log(folder, "journal", recording, key)]
    hashes = ["0" * 64, *(hashlib.sha256(payload).hexdigest() for payload in payloads)]
    events = [json.loads(payload) for payload in payloads]
    assert [event["previous"] for event in events] == hashes[:-1]
    return events
