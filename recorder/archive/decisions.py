# SPDX-License-Identifier: EUPL-1.2
"""The two ways out that are decided by people: a withdrawal and a discard.

* **Withdrawal**, from every state. Before delivery the material facts go into a note in the case,
  then the sound is erased. Once the sound is, or may be, in the case, recording and use stop and
  an authorised person decides; the note says so. No paper promises deletion.
* **Discard** needs a reason and a second person; a ledger row without content stays.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from esdh_adapter.driver import CaseNumber, StoredDocument
from esdh_adapter.errors import EsdhError
from recorder.archive.ledger import RowKind
from recorder.archive.outside import Archive, document_for, translated
from recorder.archive.papers import TEXT, meeting_of
from recorder.documents.withdrawal import WithdrawalFacts, withdrawal_note
from recorder.errors import MissingError, NotAllowedError
from recorder.identifiers import RecordingId, Sha256Hex
from recorder.lifecycle.events import Discarded, FrozenDocument, Withdrawn
from recorder.lifecycle.states import State
from recorder.vault.documents import freeze
from recorder.vault.entry import Entry
from recorder.words import _

_CANNOT_BE_DISCARDED = frozenset({State.NEW, State.COMPLETED, State.DISCARDED})


@dataclass(frozen=True)
class Withdrawal:
    """What a person said when withdrawing a permission."""

    reason: str
    """Why, or by whom; may be empty."""
    facts: str
    """What was said in the meeting that matters to the case."""


def withdraw(entry: Entry, archive: Archive, withdrawal: Withdrawal) -> None:
    """Withdraw a recording that is still on this device; ``bring_home`` does the rest.

    Args:
        entry: Locked by this process: nobody records any more.
        archive: For the clock.
        withdrawal: What was said.

    Raises:
        NotAllowedError: If it was withdrawn or discarded already.
        VaultError: If it cannot be stored.
    """
    recording = entry.recording
    if recording.state in {State.NEW, State.WITHDRAWN, State.DISCARDED} or not recording.planned:
        raise NotAllowedError(_("The recording was given up already."))
    at = archive.clock.now().wall
    in_case = any(d.part and d.role in recording.intended for d in recording.documents)
    note = withdrawal_note(
        WithdrawalFacts(
            recording=entry.id,
            case_number=meeting_of(recording.planned).case_number,
            when=at,
            reason=withdrawal.reason,
            facts=withdrawal.facts,
            in_case=in_case,
        )
    )
    document = _note_document(note, at)
    freeze(entry, [(document, note)])
    entry.journal.append(
        Withdrawn(withdrawal.reason, withdrawal.facts, at, (document,), in_case=in_case)
    )


def withdraw_archived(recording: RecordingId, archive: Archive, withdrawal: Withdrawal) -> None:
    """File a withdrawal in the case of a recording that has left this device.

    Args:
        recording: Its id.
        archive: Case system, ledger, clock.
        withdrawal: What was said.

    Raises:
        MissingError: If the archive has no such recording.
        RecorderError: If the note cannot be filed now; nothing is kept here, so do it again.
    """
    at = archive.clock.now().wall
    try:
        with archive.open_store() as store:
            found = store.find_set(recording)
            if not found:
                raise MissingError
            case = store.find_case(CaseNumber(found[0].case))
            note = withdrawal_note(
                WithdrawalFacts(
                    recording=recording,
                    case_number=case.number,
                    when=at,
                    reason=withdrawal.reason,
                    facts=withdrawal.facts,
                    in_case=True,
                )
            )
            wanted = document_for(recording, _note_document(note, at), at)
            stored: StoredDocument = store.put(case, wanted, lambda: [note], intended=None)
            store.read_back(stored, expected=wanted)
    except EsdhError as error:
        raise translated(error) from error
    archive.ledger.note(recording, RowKind.WITHDRAWN)


def discard(entry: Entry, reason: str, decided_by: str, second_person: str) -> None:
    """Give a recording up; ``bring_home`` erases it.

    Args:
        entry: Locked by this process.
        reason: Why.
        decided_by: Who decides.
        second_person: Who else agrees; somebody else.

    Raises:
        NotAllowedError: If the reason or one of two different persons is missing, or if it is
            too late.
        VaultError: If it cannot be stored.
    """
    problems = []
    if not reason.strip():
        problems.append(_("The reason is missing."))
    if not decided_by.strip() or not second_person.strip():
        problems.append(_("Two persons must be named."))
    elif decided_by.strip().casefold() == second_person.strip().casefold():
        problems.append(_("The second person must be somebody else."))
    if entry.recording.state in _CANNOT_BE_DISCARDED:
        problems.append(_("The recording was given up or completed already."))
    if problems:
        raise NotAllowedError(problems=problems)
    entry.journal.append(Discarded(reason.strip(), decided_by.strip(), second_person.strip()))


def _note_document(note: bytes, at: dt.datetime) -> FrozenDocument:
    # The time makes the name: a second withdrawal is a second note, not a conflict.
    stamp = at.strftime("%Y%m%dT%H%M%S")
    return FrozenDocument(
        role=f"withdrawal-{stamp}",
        name=f"withdrawal-{stamp}.txt",
        title=_("Withdrawal of permission"),
        media_type=TEXT,
        size=len(note),
        sha256=Sha256Hex(hashlib.sha256(note).hexdigest()),
    )
