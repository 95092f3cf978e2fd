# SPDX-License-Identifier: EUPL-1.2
"""Checks files against their manifest and says what was compared with what.

Rules: every problem is told, not the first. What is missing, or could not be read, is told apart
from what is altered; "could not check" is never "whole". Nothing here trusts a file name or a
size: only hashes of bytes that were read.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from recorder.evidence import manifest as manifests
from recorder.identifiers import RecordingId, Sha256Hex

MANIFEST = "manifest.json"
_MANIFEST_LIMIT = 64 << 20

OpenFile = Callable[[], Iterable[bytes]]
"""Gives a file's bytes in blocks; raises ``OSError`` where it cannot."""


class Finding(enum.Enum):
    """What is true of one file."""

    WHOLE = "whole"
    ALTERED = "altered"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class FileReport:
    """One file compared with the manifest."""

    file: str
    finding: Finding
    expected: Sha256Hex
    found: Sha256Hex | None


@dataclass(frozen=True)
class SetReport:
    """All files of a recording compared with its manifest."""

    recording: RecordingId | None
    """None where there is no manifest that can be read."""
    manifest: Finding
    manifest_sha256: Sha256Hex | None
    files: tuple[FileReport, ...]
    unlisted: tuple[str, ...]
    """Files that the manifest does not know and that do not belong to the set's later papers."""

    @property
    def finding(self) -> Finding:
        """The worst that is true of any: altered or added to, then missing, then unreadable."""
        found = {self.manifest, *(report.finding for report in self.files)}
        if self.unlisted:
            found.add(Finding.ALTERED)
        for worst in (Finding.ALTERED, Finding.MISSING, Finding.UNREADABLE):
            if worst in found:
                return worst
        return Finding.WHOLE


def check_set(
    files: Mapping[str, OpenFile],
    *,
    expected_manifest: Sha256Hex | None = None,
    later: Mapping[str, Sha256Hex | None] | None = None,
) -> SetReport:
    """Compare a set of files with the manifest among them.

    Args:
        files: By name.
        expected_manifest: The manifest's hash as somebody else knows it (a ledger, a receipt).
        later: Names that may stand beside what the manifest lists, because they were made after
            it, each with its hash where somebody else knows it.

    Returns:
        What is true of each file.
    """
    if MANIFEST not in files:
        return SetReport(None, Finding.MISSING, None, (), ())
    try:
        body = _bounded(files[MANIFEST]())
    except OSError:
        return SetReport(None, Finding.UNREADABLE, None, (), ())
    found = Sha256Hex(hashlib.sha256(body).hexdigest())
    if expected_manifest is not None and found != expected_manifest:
        return SetReport(None, Finding.ALTERED, found, (), ())
    try:
        manifest = manifests.decode(body)
    except ValueError:
        return SetReport(None, Finding.ALTERED, found, (), ())
    later = later or {}
    wanted = {document.file: document.sha256 for document in manifest.documents}
    wanted |= {name: sha256 for name, sha256 in later.items() if sha256 is not None}
    reports = tuple(compare(name, sha256, files) for name, sha256 in wanted.items())
    unlisted = tuple(sorted(set(files) - set(wanted) - set(later) - {MANIFEST}))
    return SetReport(manifest.recording, Finding.WHOLE, found, reports, unlisted)


def compare(name: str, expected: Sha256Hex, files: Mapping[str, OpenFile]) -> FileReport:
    """Compare one file with what it must be.

    Args:
        name: Of the file.
        expected: Its hash.
        files: By name.

    Returns:
        What is true of it.
    """
    if name not in files:
        return FileReport(name, Finding.MISSING, expected, None)
    digest = hashlib.sha256()
    try:
        for block in files[name]():
            digest.update(block)
    except OSError:
        return FileReport(name, Finding.UNREADABLE, expected, None)
    found = Sha256Hex(digest.hexdigest())
    return FileReport(
        name, Finding.WHOLE if found == expected else Finding.ALTERED, expected, found
    )


def _bounded(blocks: Iterable[bytes]) -> bytes:
    body = bytearray()
    for block in blocks:
        body += block
        if len(body) > _MANIFEST_LIMIT:
            raise OSError("manifest too large")
    return bytes(body)
