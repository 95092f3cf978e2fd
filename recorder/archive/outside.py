# SPDX-License-Identifier: EUPL-1.2
"""The border to the ESDH: its documents, its errors, in the recorder's terms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from esdh_adapter.driver import CaseNumber, Document, StoredDocument, document_key
from esdh_adapter.driver import Sha256Hex as EsdhSha256
from esdh_adapter.errors import (
    ConfigurationError,
    ContentMismatchError,
    CorruptError,
    EsdhError,
    NotFoundError,
    Sentence,
)
from esdh_adapter.store import Store
from recorder.archive.ledger import Ledger
from recorder.clock import Clock
from recorder.errors import (
    AlteredError,
    ConfigError,
    DamagedError,
    RecorderError,
    WaitingError,
)
from recorder.identifiers import RecordingId
from recorder.lifecycle.events import FrozenDocument
from recorder.words import _, printable


@dataclass(frozen=True)
class Archive:
    """What the steps need from outside the vault."""

    open_store: Callable[[], Store]
    """Connects to the ESDH; raises ``EsdhError`` where it cannot."""
    ledger: Ledger
    clock: Clock
    overwrite: bool = True
    """Whether ciphertext is overwritten once before it is removed."""


def document_for(
    recording: RecordingId, document: FrozenDocument, created: dt.datetime
) -> Document:
    """Describe a frozen document to the adapter.

    Args:
        recording: Whose document.
        document: As it was frozen.
        created: When it was.

    Returns:
        The adapter's description, with the idempotency key.
    """
    sha256 = EsdhSha256(document.sha256)
    return Document(
        key=document_key(recording, document.role, sha256),
        set_id=recording,
        name=document.name,
        role=document.role,
        title=document.title,
        media_type=document.media_type,
        size=document.size,
        sha256=sha256,
        created=created,
    )


def stored_to_raw(stored: StoredDocument) -> msgspec.Raw:
    """Write down what the adapter says, for the journal."""
    return msgspec.Raw(msgspec.json.encode(stored))


def stored_from_raw(raw: msgspec.Raw) -> StoredDocument:
    """Read back what the adapter said."""
    return msgspec.json.decode(raw, type=StoredDocument)


def case_number(text: str) -> CaseNumber:
    """Take a case number as a person typed it."""
    return CaseNumber(text.strip())


def translated(error: EsdhError) -> RecorderError:
    """Put an adapter's error into the recorder's terms.

    Args:
        error: What the adapter raised.

    Returns:
        ``AlteredError`` where other bytes came back, ``DamagedError`` where the bytes here are not
        as they were sealed, ``ConfigError`` where settings are wrong, else ``WaitingError``: the
        recording is safe here, and the words say what to do.
    """
    said = [_(error.title), sentence(error.sentence), _(error.advice)]
    detail = " ".join(text.rstrip(".") + "." for text in said if text)
    problems = [sentence(problem) for problem in error.problems]
    if isinstance(error, CorruptError):
        return AlteredError(detail, problems=problems)
    if isinstance(error, ConfigurationError):
        return ConfigError(sentence(error.sentence), problems=problems)
    if isinstance(error, ContentMismatchError):
        return DamagedError(detail, problems=problems)
    return WaitingError(detail, problems=problems)


def sentence(said: Sentence) -> str:
    """Translate an adapter's sentence, with what belongs into it made safe to show.

    Args:
        said: Message id and values.

    Returns:
        The text in the language in use.
    """
    if not said.message:
        return ""
    values = {name: printable(str(value)) for name, value in said.values.items()}
    return _(said.message).format(**values)


def is_gone(error: EsdhError) -> bool:
    """Tell whether a delivered document was not found (it is delivered again then)."""
    return isinstance(error, NotFoundError)


def folder_of(store: Store, stored: StoredDocument) -> str:
    """Say where a person finds a stored document.

    Args:
        store: The archive.
        stored: The document.

    Returns:
        A path or address; empty where the system has none.
    """
    place = store.place(stored)
    return str(Path(place).parent) if place else ""
