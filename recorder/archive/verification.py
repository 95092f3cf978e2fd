# SPDX-License-Identifier: EUPL-1.2
"""Verify a recording where it is: a folder of files, or the case it was filed in.

A recording in a case is fetched afresh and compared with its manifest, and the manifest with
what this device's ledger knows. Nothing is stored.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

from esdh_adapter.driver import StoredDocument
from esdh_adapter.errors import EsdhError
from esdh_adapter.store import Store
from recorder.archive.ledger import RowKind
from recorder.archive.outside import Archive, translated
from recorder.documents import checksums, completion, receipt
from recorder.errors import AlteredError, ConfigError, MissingError, UncheckedError
from recorder.evidence.verify import OpenFile, SetReport, check_set
from recorder.identifiers import RecordingId, Sha256Hex
from recorder.words import _

LATER_PAPERS = frozenset({checksums.NAME, completion.NAME, receipt.NAME})
"""Files of a set that its manifest cannot list, because they were made after it."""

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
    return check_set(files, known_besides=_later(files))


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
    rows = [
        r for r in archive.ledger.rows() if r.recording == recording and r.kind is RowKind.SEALED
    ]
    expected = rows[-1].manifest_sha256 if rows else None
    try:
        with archive.open_store() as store:
            return _check_stored(store, store.find_set(recording), expected)
    except EsdhError as error:
        wanted = translated(error)
        if isinstance(wanted, ConfigError | AlteredError):
            raise wanted from error
        raise UncheckedError(wanted.detail, problems=wanted.problems) from error


def _check_stored(
    store: Store, found: list[StoredDocument], expected: Sha256Hex | None
) -> SetReport:
    if not found:
        raise MissingError(_("The archive has no recording with this id."))
    files: dict[str, OpenFile] = {
        stored.name: functools.partial(_fetched, store, stored) for stored in found
    }
    return check_set(files, expected_manifest=expected, known_besides=_later(files))


def _later(files: dict[str, OpenFile]) -> frozenset[str]:
    withdrawals = {name for name in files if name.startswith("withdrawal-")}
    return LATER_PAPERS | withdrawals


def _fetched(store: Store, stored: StoredDocument) -> Iterator[bytes]:
    with store.open_stored(stored) as blocks:
        yield from blocks


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
