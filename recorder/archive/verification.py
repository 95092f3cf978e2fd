# SPDX-License-Identifier: EUPL-1.2
"""Verify a recording where it is: a folder of files, or the case it was filed in.

A recording in a case is fetched afresh and compared with its manifest, and the manifest with
what this device's ledger knows. Nothing is stored.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from esdh_adapter.driver import StoredDocument
from esdh_adapter.errors import EsdhError
from esdh_adapter.store import Store
from recorder.archive.ledger import LedgerRow, RowKind
from recorder.archive.outside import Archive, translated
from recorder.documents import checksums, completion, receipt
from recorder.errors import AlteredError, ConfigError, MissingError, UncheckedError
from recorder.evidence.verify import (
    MANIFEST,
    Finding,
    OpenFile,
    SetReport,
    check_set,
    compare,
)
from recorder.identifiers import RecordingId, Sha256Hex
from recorder.words import _

LATER_PAPERS = {"completion": completion.NAME, "receipt": receipt.NAME}
"""Files of a set that its manifest cannot list, because they were made after it, by role."""

_WITHDRAWAL = re.compile(r"withdrawal-[0-9a-f]{12}-[0-9a-f]{8}\.txt")

_BLOCK = 1 << 20


def verify_folder(folder: Path) -> SetReport:
    """Check the files in a folder.

    Args:
        folder: With a manifest.

    Returns:
        What is true of each file.

    Raises:
        MissingError: If there is no such folder, or no manifest in it.
        UncheckedError: If it cannot be read.
    """
    try:
        names = [p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingError(_("There is no such folder.")) from error
    except OSError as error:
        raise UncheckedError(_("The folder cannot be read.")) from error
    files: dict[str, OpenFile] = {p.name: functools.partial(_blocks, p) for p in names}
    if "manifest.json" not in files:
        raise MissingError(_("There is no manifest.json in this folder."))
    return _with_sums(check_set(files, later=_later(files, {})), files)


def verify_case(recording: RecordingId, archive: Archive) -> SetReport:
    """Fetch a recording from the case it was filed in and check it.

    Args:
        recording: Its id.
        archive: Case system and ledger.

    Returns:
        What is true of each file.

    Raises:
        MissingError: If the archive has no such recording.
        UncheckedError: If the archive cannot be asked.
    """
    rows = [row for row in archive.ledger.rows() if row.recording == recording]
    try:
        with archive.open_store() as store:
            return _check_stored(store, store.find_set(recording), rows)
    except EsdhError as error:
        wanted = translated(error)
        if isinstance(wanted, ConfigError | AlteredError):
            raise wanted from error
        raise UncheckedError(wanted.detail, problems=wanted.problems) from error


def _check_stored(store: Store, found: list[StoredDocument], rows: list[LedgerRow]) -> SetReport:
    if not found:
        raise MissingError(_("The archive has no recording with this id."))
    files: dict[str, OpenFile] = {
        stored.name: functools.partial(_fetched, store, stored) for stored in found
    }
    sealed = [row.manifest_sha256 for row in rows if row.kind is RowKind.SEALED]
    known = {document.role: document.sha256 for row in rows for document in row.documents}
    report = check_set(
        files, expected_manifest=sealed[-1] if sealed else None, later=_later(files, known)
    )
    return _with_sums(report, files)


def _later(files: dict[str, OpenFile], known: dict[str, Sha256Hex]) -> dict[str, Sha256Hex | None]:
    """Name the papers that were made after the manifest, with the hashes that the ledger has."""
    later = {name: known.get(role) for role, name in LATER_PAPERS.items()}
    withdrawals = {name: None for name in files if _WITHDRAWAL.fullmatch(name)}
    return {**later, **withdrawals, checksums.NAME: None}


def _with_sums(report: SetReport, files: dict[str, OpenFile]) -> SetReport:
    """Add what is true of ``SHA256SUMS``, whose content follows from the manifest."""
    if report.manifest_sha256 is None or report.manifest is not Finding.WHOLE:
        return report
    listed = [(f.file, f.expected) for f in report.files if f.file not in LATER_PAPERS.values()]
    wanted = checksums.encode([*listed, (MANIFEST, report.manifest_sha256)])
    expected = Sha256Hex(hashlib.sha256(wanted).hexdigest())
    own = compare(checksums.NAME, expected, files)
    return replace(report, files=(*report.files, own))


def _fetched(store: Store, stored: StoredDocument) -> Iterator[bytes]:
    with store.open_stored(stored) as blocks:
        yield from blocks


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
