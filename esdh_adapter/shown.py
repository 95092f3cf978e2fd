# SPDX-License-Identifier: EUPL-1.2
"""What an archive shows of a document, compared with what it was given."""

from __future__ import annotations

from esdh_adapter import durable
from esdh_adapter.driver import CaseNumber, Document, Driver, StoredDocument
from esdh_adapter.errors import N_, ConflictError, CorruptError


def differences(found: StoredDocument, document: Document, case: CaseNumber) -> list[str]:
    """Name what an archive shows differently from what it was given.

    Args:
        found: What it shows.
        document: What it was given.
        case: Where it was to be filed.

    Returns:
        The names of the fields, empty if all agree. The stated hash is not looked at: it is no
        proof, and some systems state one of something else.
    """
    pairs = {
        "key": (found.key, document.key),
        "recording": (found.set_id, document.set_id),
        "name": (found.name, document.name),
        "role": (found.role, document.role),
        "size": (found.size, document.size),
        "case": (found.case, case),
    }
    return [field for field, (there, here) in pairs.items() if there != here]


def shown_as_stored(
    driver: Driver, stored: StoredDocument, document: Document
) -> StoredDocument | None:
    """Ask the archive for the whole set and pick the one document from it.

    Args:
        driver: The system.
        stored: What it said when it stored the document.
        document: What it was given.

    Returns:
        What it shows now; ``None`` if it does not show the document.

    Raises:
        ConflictError: If the case has the document more than once.
        CorruptError: If the metadata is not what was given.
    """
    with durable.call("find_set"):
        of_set = driver.find_set(document.set_id)
    mine = [
        each
        for each in of_set
        if each.handle == stored.handle or (each.key == document.key and each.case == stored.case)
    ]
    if not mine:
        return None
    if len(mine) > 1:
        raise ConflictError(
            N_("the case has this document {count} times instead of once"), count=len(mine)
        )
    wrong = differences(mine[0], document, stored.case)
    # A wrong size is told apart from wrong metadata when the bytes are read.
    wrong = [field for field in wrong if field != "size"]
    if wrong:
        raise CorruptError(
            N_("the archive does not keep the metadata it was given ({fields})"),
            fields=", ".join(wrong),
        )
    return mine[0]
