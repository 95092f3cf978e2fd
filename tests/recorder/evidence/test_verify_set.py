# SPDX-License-Identifier: EUPL-1.2
"""Checking a set: every problem is told, and "could not check" is never "whole"."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator

import pytest

from recorder.clock import Instant
from recorder.evidence import manifest as manifests
from recorder.evidence.verify import Finding, OpenFile, check_set
from recorder.identifiers import RecordingId, Sha256Hex

_AT = Instant(dt.datetime(2026, 11, 21, tzinfo=dt.UTC), 0, "boot")


def _sha256(content: bytes) -> Sha256Hex:
    return Sha256Hex(hashlib.sha256(content).hexdigest())


def _manifest(files: dict[str, bytes]) -> bytes:
    documents = [
        manifests.ManifestDocument("role", name, "text/plain", len(content), _sha256(content))
        for name, content in files.items()
    ]
    return manifests.encode(
        manifests.Manifest(
            format=manifests.FORMAT,
            recording=RecordingId("0123456789abcdef"),
            case_number="1",
            device_sequence=1,
            previous=None,
            software="test",
            policy=manifests.PolicyReference("p", "1"),
            planned=_AT,
            sealed=_AT,
            recovered=False,
            damaged=False,
            parts=[],
            gaps=[],
            markers=[],
            documents=documents,
            custody=[],
        )
    )


def _opener(content: bytes) -> OpenFile:
    return lambda: iter([content[:3], content[3:]])


def _broken() -> Iterable[bytes]:
    def blocks() -> Iterator[bytes]:
        yield b"so far"
        raise OSError("gone")

    return blocks()


_FILES = {"a.flac": b"sound of a", "consent.json": b"{}"}


def _set(**changed: bytes | None) -> dict[str, OpenFile]:
    content: dict[str, bytes | None] = {**_FILES, "manifest.json": _manifest(_FILES)}
    content.update({name.replace("_", "."): value for name, value in changed.items()})
    return {name: _opener(value) for name, value in content.items() if value is not None}


def test_untouched_files_are_whole() -> None:
    report = check_set(_set())
    assert report.finding is Finding.WHOLE
    assert [file.finding for file in report.files] == [Finding.WHOLE, Finding.WHOLE]


def test_every_altered_file_is_named_not_only_the_first() -> None:
    report = check_set(_set(a_flac=b"sound of b", consent_json=b"[]"))
    assert [file.finding for file in report.files] == [Finding.ALTERED, Finding.ALTERED]


def test_a_missing_file_is_not_whole() -> None:
    assert check_set(_set(a_flac=None)).finding is Finding.MISSING


def test_a_file_that_cannot_be_read_to_its_end_is_unreadable_not_altered() -> None:
    assert check_set({**_set(), "a.flac": _broken}).finding is Finding.UNREADABLE


def test_altered_is_said_even_where_something_else_could_not_be_read() -> None:
    report = check_set({**_set(consent_json=b"[]"), "a.flac": _broken})
    assert report.finding is Finding.ALTERED


def test_a_file_that_nobody_sealed_is_named() -> None:
    files = {**_set(), "extra.txt": _opener(b"x"), "receipt.txt": _opener(b"x")}
    report = check_set(files, later={"receipt.txt": None})
    assert report.unlisted == ("extra.txt",)
    assert report.finding is Finding.ALTERED


def test_a_later_paper_is_compared_where_somebody_knows_its_hash() -> None:
    files = {**_set(), "receipt.txt": _opener(b"x")}
    assert check_set(files, later={"receipt.txt": _sha256(b"x")}).finding is Finding.WHOLE
    assert check_set(files, later={"receipt.txt": _sha256(b"y")}).finding is Finding.ALTERED
    assert check_set(_set(), later={"receipt.txt": _sha256(b"x")}).finding is Finding.MISSING


def test_another_manifest_than_the_ledger_knows_is_altered() -> None:
    assert check_set(_set(), expected_manifest=_sha256(b"other")).finding is Finding.ALTERED


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b'{"format":"other/1"}', b"[" * 100_000])
def test_a_manifest_that_is_none_is_altered(body: bytes) -> None:
    assert check_set(_set(manifest_json=body)).finding is Finding.ALTERED


def test_a_manifest_without_end_is_not_read_without_end() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield bytes(1 << 20)

    assert check_set({"manifest.json": endless}).finding is Finding.UNREADABLE


def test_a_set_without_manifest_is_missing_it() -> None:
    assert check_set({}).manifest is Finding.MISSING
