# SPDX-License-Identifier: EUPL-1.2
"""What plaintext would look like on a disk, in every form that a leak might have."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path

from desk import CASE, NAMES, PLACE, PURPOSE

_PCM_WINDOW = 64
_FLAC_WINDOW = 48
_WINDOWS = 120
_MAGIC = {
    "FLAC header": b"fLaC\x00\x00\x00\x22",
    "FLAC header, last block": b"fLaC\x80\x00\x00\x22",
    "WAV header": b"WAVEfmt ",
    "meeting schema": b"modoptager.meeting",
    "meeting member": b'"participants"',
}


def of_meeting() -> dict[str, bytes]:
    """Names, case number, place and purpose in text, hexadecimal and base64."""
    found: dict[str, bytes] = {}
    for word in (*NAMES, CASE, PLACE, PURPOSE):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            data = word.encode(encoding)
            found |= {f"{encoding} {name}": form for name, form in _forms(word, data)}
    return found


def of_sound(pcm: bytes) -> dict[str, bytes]:
    """Windows of the samples, as they were played."""
    return {f"samples at {at}": pcm[at : at + _PCM_WINDOW] for at in _places(len(pcm), _PCM_WINDOW)}


def of_flac(path: Path) -> dict[str, bytes]:
    """Windows of the archived file, its header left out, and what such files begin with."""
    content = path.read_bytes()
    places = [at for at in _places(len(content), _FLAC_WINDOW) if at > 100]
    windows = {f"frames at {at}": content[at : at + _FLAC_WINDOW] for at in places}
    return windows | _MAGIC


def found_in(raw: bytes, traces: dict[str, bytes]) -> list[str]:
    """Name the traces that are there."""
    return [name for name, trace in traces.items() if trace in raw]


def _places(size: int, window: int) -> Iterable[int]:
    return range(0, size - window, max(1, (size - window) // _WINDOWS) | 1)


def _forms(word: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield word, data
    yield f"{word} in hex", data.hex().encode()
    yield f"{word} in HEX", data.hex().upper().encode()
    for shift in range(3):
        text = base64.b64encode(b"\x00" * shift + data)
        # The first and last characters also depend on what stands beside the word.
        yield f"{word} in base64 at {shift}", text[4:-4] if shift else text[:-4]
