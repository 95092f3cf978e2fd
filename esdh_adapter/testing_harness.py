# SPDX-License-Identifier: EUPL-1.2
"""What tests of drivers and stores need: a system to test, and documents to put into it."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from esdh_adapter.driver import (
    Case,
    CaseNumber,
    Document,
    Driver,
    Sha256Hex,
    StoredDocument,
    document_key,
)
from esdh_adapter.retry import RetryPolicy
from esdh_adapter.store import Store

_set_numbers = itertools.count()


@dataclass(frozen=True)
class Harness:
    """A system to test a driver against."""

    open_driver: Callable[[], Driver]
    """Opens a new driver; all of them see the same archive."""
    open_case: CaseNumber
    """A case that takes documents."""
    other_case: CaseNumber
    """Another one."""
    closed_case: CaseNumber | None = None
    """A case that takes none."""
    missing_case: CaseNumber | None = None
    """A number that no case has."""
    denied_case: CaseNumber | None = None
    """A case that this account may not use."""
    odd_cases: tuple[CaseNumber, ...] = ()
    """Open cases with numbers that are awkward for the system."""

    def open_store(self) -> Store:
        """Make a store around the driver.

        Returns:
            A store that tries once.
        """
        return Store(self.open_driver, retry=RetryPolicy(attempts=1))


def make_document(
    content: bytes, *, name: str = "recording-001.flac", set_id: str = "", role: str = ""
) -> Document:
    """Describe content as a document.

    Args:
        content: Its bytes.
        name: Its file name.
        set_id: The id of its set; a new one if empty.
        role: What it is in its set; from the name if empty.

    Returns:
        The document.
    """
    now = datetime.now(UTC)
    set_id = set_id or f"s{now:%Y%m%d%H%M%S%f}-{next(_set_numbers)}"
    role = role or name.partition(".")[0]
    sha256 = Sha256Hex(hashlib.sha256(content).hexdigest())
    return Document(
        key=document_key(set_id, role, sha256),
        set_id=set_id,
        name=name,
        role=role,
        title="Lydoptagelse, prøve æøå",
        media_type="application/octet-stream",
        size=len(content),
        sha256=sha256,
        created=now,
    )


def in_blocks(content: bytes, size: int = 65536) -> Iterator[bytes]:
    """Cut content into blocks.

    Args:
        content: The bytes.
        size: Of each block.

    Returns:
        The blocks.
    """
    return (content[i : i + size] for i in range(0, len(content), size))


def make_large_document(sha256: Sha256Hex, size: int) -> Document:
    """Describe a document whose content is not at hand as a whole.

    Args:
        sha256: The hash of its content.
        size: In bytes.

    Returns:
        The document.
    """
    pattern = make_document(b"")
    key = document_key(pattern.set_id, pattern.role, sha256)
    return replace(pattern, key=key, size=size, sha256=sha256)


def put(store: Store, case: Case, document: Document, content: bytes) -> StoredDocument:
    """Put a document that was certainly never sent before.

    Args:
        store: Where to.
        case: Which case.
        document: What it is.
        content: Its bytes, or others.

    Returns:
        What the store says.
    """
    return store.put(case, document, lambda: in_blocks(content), intended=None)
