# SPDX-License-Identifier: EUPL-1.2
"""Brings a recording home: does every step that is due, in order, until it is completed.

Rules: it starts from whatever the journal says, so that a first run, a second run and a run
after a crash are the same thing. A step that cannot be done is written down as held, told to the
observer, and raised; nothing after it is done.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import msgspec

from esdh_adapter.errors import EsdhError
from esdh_adapter.store import Store
from recorder.archive.closing import close
from recorder.archive.complete import freeze_completion
from recorder.archive.deliver import deliver, undelivered
from recorder.archive.erase import note_wiped, wipe
from recorder.archive.ledger import LedgerDocument, RowKind
from recorder.archive.outcome import Outcome, outcome_of
from recorder.archive.outside import Archive, folder_of, stored_from_raw, translated
from recorder.archive.progress import Observer, Report, Step
from recorder.archive.read_back import read_back, unproven
from recorder.archive.seal import note_sealed, seal
from recorder.errors import RecorderError, VaultError
from recorder.lifecycle.events import Completed, FrozenDocument, Held, Verified
from recorder.lifecycle.states import LIVE, State
from recorder.vault.documents import frozen_content
from recorder.vault.entry import Entry

_TO_CLOSE = LIVE | {State.INTERRUPTED}
_TO_DELIVER = frozenset({State.SEALED, State.DELIVERING, State.WAITING})
_GIVEN_UP = frozenset({State.WITHDRAWN, State.DISCARDED})


def bring_home(entry: Entry, archive: Archive, observer: Observer) -> Outcome:
    """Do all that is due for a recording.

    Args:
        entry: Locked by this process, whatever its state.
        archive: Case system, ledger, clock.
        observer: Told of every step.

    Returns:
        What became of it; its entry is destroyed then.

    Raises:
        RecorderError: If a step could not be done; the recording is safe.
    """
    with contextlib.ExitStack() as stack:
        return _Way(entry, archive, observer, stack).go()


class _Way:
    """One run along the steps."""

    def __init__(
        self,
        entry: Entry,
        archive: Archive,
        observer: Observer,
        stack: contextlib.ExitStack,
    ) -> None:
        self._entry = entry
        self._archive = archive
        self._observer = observer
        self._stack = stack
        self._store: Store | None = None
        self._proven_now: set[str] = set()

    def go(self) -> Outcome:
        if self._state in _TO_CLOSE:
            self._do(Step.CLOSE, lambda report: close(self._entry, self._archive, report))
        if self._state is State.RECORDED:
            self._do(Step.SEAL, lambda _report: seal(self._entry, self._archive, self._observer))
        note_sealed(self._entry, self._archive)
        if self._state in _TO_DELIVER | {State.WITHDRAWN}:
            self._send_and_prove()
        if self._state in _TO_DELIVER:
            self._entry.journal.append(Verified())
        if self._state is State.VERIFIED and not self._is_half_wiped:
            self._prove_anew()
        if self._state is State.VERIFIED or self._is_to_be_wiped:
            self._do(Step.WIPE, lambda _report: wipe(self._entry, self._archive))
        note_wiped(self._entry, self._archive)
        if self._state is State.WIPED:
            self._do(Step.COMPLETE, self._complete)
        elif self._state in _GIVEN_UP:
            self._entry.journal.append(Completed())
        return self._end()

    @property
    def _state(self) -> State:
        return self._entry.recording.state

    @property
    def _is_to_be_wiped(self) -> bool:
        return self._state in _GIVEN_UP and self._entry.recording.wiped is None

    @property
    def _is_half_wiped(self) -> bool:
        return self._entry.recording.wipe_intended and self._entry.is_sound_key_gone

    def _send_and_prove(self) -> None:
        if undelivered(self._entry):
            self._do(Step.DELIVER, self._deliver)
        if waiting := unproven(self._entry):
            self._do(Step.READ_BACK, lambda report: self._read_back(waiting, report))

    def _prove_anew(self) -> None:
        """Read back what an earlier run proved: since then the archive may have lost it."""
        stale = [d for d in self._entry.recording.due if d.role not in self._proven_now]
        if stale:
            self._do(Step.READ_BACK, lambda report: self._read_back(stale, report))

    def _complete(self, report: Report) -> str:
        freeze_completion(self._entry)
        if undelivered(self._entry):
            self._deliver(report)
        proof = self._read_back(unproven(self._entry), report)
        self._entry.journal.append(Completed())
        return proof

    def _deliver(self, report: Report) -> str:
        return deliver(self._entry, self._archive, self._connected(), report)

    def _read_back(self, documents: Sequence[FrozenDocument], report: Report) -> str:
        proof = read_back(self._entry, self._archive, self._connected(), documents, report)
        self._proven_now |= {document.role for document in documents}
        return proof

    def _connected(self) -> Store:
        if self._store is None:
            self._store = self._stack.enter_context(self._archive.open_store())
        return self._store

    def _end(self) -> Outcome:
        outcome = outcome_of(
            self._entry.id, self._entry.recording, folder=self._folder(), receipt=self._receipt()
        )
        recording = self._entry.recording
        if recording.withdrawn is not None:
            self._archive.ledger.note(self._entry.id, RowKind.WITHDRAWN)
        late = recording.completion.documents if recording.completion else ()
        late = tuple(d for d in late if d.role in recording.read_back)
        self._archive.ledger.note(
            self._entry.id,
            RowKind.COMPLETED if recording.discarded is None else RowKind.DISCARDED,
            documents=tuple(LedgerDocument(d.role, d.sha256) for d in late),
        )
        self._entry.destroy()
        return outcome

    def _folder(self) -> str:
        delivered = list(self._entry.recording.delivered.values())
        if not delivered:
            return ""
        try:
            return folder_of(self._connected(), stored_from_raw(delivered[0]))
        except (EsdhError, msgspec.DecodeError):
            return ""  # a convenience: the recording is complete without it

    def _receipt(self) -> str:
        documents = self._entry.recording.documents
        for document in documents:
            if document.role == "receipt":
                return b"".join(frozen_content(self._entry, document)).decode("utf-8")
        return ""

    def _do(self, step: Step, action: Callable[[Report], str]) -> None:
        self._observer.started(step)
        with self._holding(step):
            proof = action(partial(self._observer.progress, step))
        self._observer.finished(step, proof)

    @contextlib.contextmanager
    def _holding(self, step: Step) -> Iterator[None]:
        try:
            yield
        except EsdhError as error:
            self._hold(error.reason, step)
            wanted = translated(error)
            self._observer.failed(step, wanted)
            raise wanted from error
        except RecorderError as error:
            self._observer.failed(step, error)
            raise

    def _hold(self, reason: str, step: Step) -> None:
        held, recording = Held(reason, step.value), self._entry.recording
        # A watching archive must not grow the journal.
        if recording.held != held or recording.state in {State.DELIVERING, State.VERIFIED}:
            with contextlib.suppress(VaultError):
                self._entry.journal.append(held)
