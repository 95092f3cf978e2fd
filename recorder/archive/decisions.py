# SPDX-License-Identifier: EUPL-1.2
"""The two ways out that are decided by people: a withdrawal and a discard.

* **Withdrawal**, from every state. Before delivery the material facts go into a note in the case,
  then the sound is erased. Once the sound is, or may be, in the case, recording and use stop and
  an authorised person decides; the note says so. No paper promises deletion.
* **Discard** needs a reason and a second person; a ledger row without content stays.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from esdh_adapter.driver import CaseNumber, StoredDocument
from esdh_adapter.errors import ConflictError, CorruptError, EsdhError, RefusedError
from esdh_adapter.store import Store
from recorder.archive.complete import freeze_completion
from recorder.archive.ledger import RowKind
from recorder.archive.outside import Archive, document_for, translated
from recorder.archive.papers import TEXT, meeting_of
from recorder.documents.withdrawal import WithdrawalFacts, withdrawal_note
from recorder.errors import MissingError, NotAllowedError, NotFiledError
from recorder.identifiers import RecordingId
from recorder.lifecycle.events import Discarded, FrozenDocument, Withdrawn
from recorder.lifecycle.fold import Recording
from recorder.lifecycle.states import State
from recorder.vault.documents import described, freeze
from recorder.vault.entry import Entry
from recorder.words import _

_STUCK = frozenset({CorruptError.reason, RefusedError.reason, ConflictError.reason})
"""Why a recording is held for ever unless somebody decides."""

_CANNOT_BE_DISCARDED = frozenset({State.NEW, State.COMPLETED, State.DISCARDED, State.WITHDRAWN})


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
    if recording.state is State.WIPED:
        freeze_completion(entry)  # the receipt of what was done is owed all the same
    in_case = _may_be_in_case(recording)
    note = withdrawal_note(
        WithdrawalFacts(
            recording=entry.id,
            case_number=meeting_of(recording.planned).case_number,
            when=at,
            reason=withdrawal.reason,
            facts=withdrawal.facts,
            in_case=in_case,
            source_remains=recording.planned.source is not None,
        )
    )
    document = _note_document(_note_name(entry.id, withdrawal), note)
    freeze(entry, [(document, note)])
    entry.journal.append(
        Withdrawn(withdrawal.reason, withdrawal.facts, at, (document,), in_case=in_case)
    )


def withdraw_archived(recording: RecordingId, archive: Archive, withdrawal: Withdrawal) -> None:
    """File a withdrawal in the case of a recording that has left this device.

    Repeated with the same words it is filed once.

    Args:
        recording: Its id.
        archive: Case system, ledger, clock.
        withdrawal: What was said.

    Raises:
        MissingError: If the archive has no such recording.
        NotFiledError: If the note cannot be filed now; nothing is kept here.
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
                    source_remains=False,
                )
            )
            name = _note_name(recording, withdrawal)
            if not any(_is_filed(store, stored, name) for stored in found):
                wanted = document_for(recording, _note_document(name, note), at)
                stored: StoredDocument = store.put(case, wanted, lambda: [note], intended=None)
                store.read_back(stored, expected=wanted)
    except EsdhError as error:
        why = translated(error)
        raise NotFiledError(why.detail, problems=why.problems) from error
    archive.ledger.note(recording, RowKind.WITHDRAWN)


@dataclass(frozen=True)
class Discard:
    """What two persons decided."""

    reason: str
    decided_by: str
    second_person: str
    """Who else agrees; somebody else."""

    def problems(self) -> list[str]:
        """List what is missing, in words."""
        problems = []
        if not self.reason.strip():
            problems.append(_("The reason is missing."))
        one, other = self.decided_by.strip(), self.second_person.strip()
        if not one or not other:
            problems.append(_("Two persons must be named."))
        elif one.casefold() == other.casefold():
            problems.append(_("The second person must be somebody else."))
        return problems


def discard(entry: Entry, decision: Discard) -> None:
    """Give a recording up; ``bring_home`` erases it.

    Args:
        entry: Locked by this process.
        decision: What was decided.

    Raises:
        NotAllowedError: If the reason or one of two different persons is missing, or if it is
            too late.
        VaultError: If it cannot be stored.
    """
    problems = decision.problems()
    if entry.recording.state in _CANNOT_BE_DISCARDED:
        problems.append(_("The recording was given up or completed already."))
    elif _may_be_in_case(entry.recording) and not _is_stuck(entry.recording):
        problems.append(_("The recording is, or may be, in the case: withdraw it instead."))
    if problems:
        raise NotAllowedError(problems=problems)
    entry.journal.append(
        Discarded(
            decision.reason.strip(), decision.decided_by.strip(), decision.second_person.strip()
        )
    )


def _note_name(recording: RecordingId, withdrawal: Withdrawal) -> str:
    """Name a withdrawal by what was said, so that saying it again is no second one."""
    said = f"{recording}\0{withdrawal.reason}\0{withdrawal.facts}"
    return f"withdrawal-{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def _is_filed(store: Store, stored: StoredDocument, name: str) -> bool:
    """Tell whether the case has this withdrawal, by what comes back from it and by nothing else."""
    if not stored.role.startswith(f"{name}-"):
        return False
    _size, sha256 = store.fetch_hash(stored)
    return stored.role == f"{name}-{sha256[:8]}"


def _note_document(name: str, note: bytes) -> FrozenDocument:
    # The note tells its day. One that was cut short and is filed again on another day is another
    # document: under the same name the claim of the first would stand in its way for ever.
    name = f"{name}-{hashlib.sha256(note).hexdigest()[:8]}"
    return described(name, f"{name}.txt", _("Withdrawal of permission"), TEXT, note)


def _may_be_in_case(recording: Recording) -> bool:
    return any(d.part and d.role in recording.intended for d in recording.documents)


def _is_stuck(recording: Recording) -> bool:
    """Tell whether only a decision leads on: damaged here, or proven to be another file there."""
    is_damaged = recording.recorded is not None and recording.recorded.damaged
    return is_damaged or (recording.held is not None and recording.held.reason in _STUCK)
