# SPDX-License-Identifier: EUPL-1.2
"""Deliver: put every due document into the case, exactly once.

Rules: the intent, with its idempotency key, is in the journal before a byte is sent; whatever was
intended before is looked for in the case before it is sent again. What a system answers is noted
and proves nothing.
"""

from __future__ import annotations

from functools import partial

from esdh_adapter.driver import Case
from esdh_adapter.errors import CaseClosedError, NotFoundError
from esdh_adapter.store import Store
from recorder.archive.content import content_of
from recorder.archive.outside import Archive, case_number, document_for, stored_to_raw
from recorder.archive.papers import meeting_of
from recorder.archive.progress import Report
from recorder.lifecycle.events import Delivered, DeliveryIntended, FrozenDocument
from recorder.vault.entry import Entry
from recorder.words import _


def undelivered(entry: Entry) -> list[FrozenDocument]:
    """List what is due and not in the case, as far as the journal knows.

    A document that the case was found not to have is delivered again.

    Args:
        entry: The recording's.

    Returns:
        The documents in their order.
    """
    recording = entry.recording
    is_gone = recording.held is not None and recording.held.reason == NotFoundError.reason
    return [
        d
        for d in recording.due
        if d.role not in recording.delivered or (is_gone and d.role not in recording.read_back)
    ]


def deliver(entry: Entry, archive: Archive, store: Store, report: Report) -> str:
    """Send what is due.

    Args:
        entry: The recording's.
        archive: For the clock.
        store: The case system.
        report: Told of progress.

    Returns:
        What it rests on, in words.

    Raises:
        EsdhError: If it cannot be sent now.
        VaultError: If the journal cannot be written.
    """
    documents = undelivered(entry)
    case = open_case(entry, store)
    total, done = sum(d.size for d in documents), 0
    # Where absence shows at once the first intent is enough: a full archive that is asked again
    # every minute must not grow the journal.
    may_be_late = bool(store.capabilities.visibility_delay)
    for document in documents:

        def sent(size: int, before: int = done) -> None:
            report(before + size, total)

        earlier = entry.recording.intended.get(document.role)
        wanted = document_for(entry.id, document, archive.clock.now().wall)
        if earlier is None or document.role in entry.recording.delivered or may_be_late:
            entry.journal.append(DeliveryIntended(document.role, wanted.key))
        stored = store.put(
            case,
            wanted,
            partial(content_of, entry, document),
            intended=earlier.wall if earlier else None,
            progress=sent,
        )
        entry.journal.append(Delivered(document.role, stored_to_raw(stored)))
        done += document.size
    return _("{number} documents sent").format(number=len(documents))


def open_case(entry: Entry, store: Store) -> Case:
    """Find the recording's case.

    Args:
        entry: The recording's.
        store: The case system.

    Returns:
        The case.

    Raises:
        CaseClosedError: If it takes no documents.
        EsdhError: If it cannot be found.
    """
    planned = entry.recording.planned
    assert planned is not None
    case = store.find_case(case_number(meeting_of(planned).case_number))
    if not case.is_open:
        raise CaseClosedError
    return case
