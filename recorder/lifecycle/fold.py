# SPDX-License-Identifier: EUPL-1.2
"""From a journal's events to where a recording stands.

Rules beyond the table of transitions:

* a role names one document for ever; only a document that is due now may be sent;
* a document is read back only after it was delivered, and only with its frozen hash and size;
* ``Verified`` needs the read-back of every sealed document;
* what is held after ``Verified`` has lost its proof: everything must be read back once more;
* a wipe is intended only when verified, withdrawn or discarded (of a damaged recording, only when
  withdrawn or discarded); ``Wiped`` only when intended;
* ``Completed`` needs the wipe and the read-back of every document that was frozen later.

An illegal event raises; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from recorder.clock import Instant
from recorder.lifecycle.events import (
    CaptureBegan,
    Completed,
    CompletionFrozen,
    Delivered,
    DeliveryIntended,
    Discarded,
    Event,
    FrozenDocument,
    Held,
    Planned,
    ReadBack,
    Recorded,
    Sealed,
    Verified,
    Wiped,
    WipeIntended,
    Withdrawn,
)
from recorder.lifecycle.states import State
from recorder.lifecycle.transitions import TRANSITIONS


class IllegalEventError(Exception):
    """An event that may not follow here: a defect, or a journal that was tampered with."""


@dataclass(frozen=True)
class Recording:
    """Where a recording stands: the fold of its journal."""

    state: State = State.NEW
    planned: Planned | None = None
    planned_at: Instant | None = None
    last_part: int = 0
    """Number of the last part that capture began."""
    recorded: Recorded | None = None
    sealed: Sealed | None = None
    sealed_at: Instant | None = None
    completion: CompletionFrozen | None = None
    withdrawn: Withdrawn | None = None
    discarded: Discarded | None = None
    intended: Mapping[str, Instant] = field(default_factory=dict)
    """By role: when a delivery was last intended."""
    delivered: Mapping[str, msgspec.Raw] = field(default_factory=dict)
    """By role: the adapter's description of the stored document."""
    read_back: Mapping[str, ReadBack] = field(default_factory=dict)
    """By role: the proof."""
    held: Held | None = None
    """Why it does not go on; cleared by the next success."""
    wipe_intended: bool = False
    wiped: Wiped | None = None

    @property
    def documents(self) -> tuple[FrozenDocument, ...]:
        """Every document frozen until now, in the order of delivery."""
        sealed = self.sealed.documents if self.sealed else ()
        withdrawal = self.withdrawn.documents if self.withdrawn else ()
        completion = self.completion.documents if self.completion else ()
        return sealed + withdrawal + completion

    def document(self, role: str) -> FrozenDocument:
        """Look up a frozen document.

        Args:
            role: Its role in the set.

        Returns:
            The document.

        Raises:
            KeyError: If none has that role.
        """
        for document in self.documents:
            if document.role == role:
                return document
        raise KeyError(role)

    @property
    def due(self) -> tuple[FrozenDocument, ...]:
        """The documents that must be delivered and read back in the present state."""
        if self.discarded is not None:
            return ()
        late = self.completion.documents if self.completion else ()
        if self.withdrawn is not None:
            return late + self.withdrawn.documents
        if self.state is State.WIPED:
            return late
        return self.sealed.documents if self.sealed else ()

    @property
    def is_proven(self) -> bool:
        """Whether every due document was read back."""
        return bool(self.due) and all(d.role in self.read_back for d in self.due)

    @property
    def _is_damaged(self) -> bool:
        return self.recorded is not None and self.recorded.damaged

    def after(self, event: Event, at: Instant) -> Recording:
        """Apply one event.

        Args:
            event: What happened.
            at: When.

        Returns:
            The recording after it.

        Raises:
            IllegalEventError: If it may not happen in this state.
        """
        following = TRANSITIONS[self.state].get(type(event))
        if following is None:
            raise IllegalEventError(f"{type(event).__name__} in state {self.state.value}")
        self._refuse_unproven(event)
        return replace(self._noting(event, at), state=following)

    def _refuse_unproven(self, event: Event) -> None:  # noqa: C901, PLR0912 - a rule a case
        match event:
            case Sealed(documents=frozen) | Withdrawn(documents=frozen) if self._reuses(frozen):
                raise IllegalEventError("two documents of one role")
            case CompletionFrozen(documents=frozen):
                if self.completion is not None or self._reuses(frozen):
                    raise IllegalEventError("frozen twice")
            case DeliveryIntended(role=role) if all(d.role != role for d in self.due):
                raise IllegalEventError("not to be delivered now")
            case Delivered(role=role) if role not in self.intended:
                raise IllegalEventError("delivered without intent")
            case ReadBack(role=role, sha256=sha256, size=size):
                document = self.document(role) if role in self.delivered else None
                if document is None or (document.sha256, document.size) != (sha256, size):
                    raise IllegalEventError("read-back does not match what was frozen")
            case Verified() if not self.is_proven:
                raise IllegalEventError("verified without every read-back")
            case WipeIntended() if self.state is State.VERIFIED and self._is_damaged:
                raise IllegalEventError("a damaged recording is wiped by decision only")
            case WipeIntended() if self.state is State.WITHDRAWN and not self.is_proven:
                raise IllegalEventError("the facts go into the case before the sound is erased")
            case Wiped() if not self.wipe_intended:
                raise IllegalEventError("wiped without intent")
            case Completed() if self.wiped is None or (self.due and not self.is_proven):
                raise IllegalEventError("completed without wipe and read-back")
            case Completed() if self.state is State.WIPED and not self.due:
                raise IllegalEventError("completed without a completion document")
            case _:
                pass

    def _reuses(self, frozen: Sequence[FrozenDocument]) -> bool:
        """Tell whether a role would name two documents: proofs are looked up by role."""
        roles = [document.role for document in (*self.documents, *frozen)]
        return len(set(roles)) < len(roles)

    def _noting(  # noqa: C901, PLR0911, PLR0912 - one case per event is the readable form
        self, event: Event, at: Instant
    ) -> Recording:
        match event:
            case Planned():
                return replace(self, planned=event, planned_at=at)
            case CaptureBegan(part=part):
                return replace(self, last_part=part)
            case Recorded():
                return replace(self, recorded=event)
            case Sealed():
                return replace(self, sealed=event, sealed_at=at, held=None)
            case CompletionFrozen():
                return replace(self, completion=event)
            case Withdrawn():
                return replace(self, withdrawn=event, held=None)
            case Discarded():
                return replace(self, discarded=event, held=None)
            case DeliveryIntended(role=role):
                return replace(self, intended={**self.intended, role: at})
            case Delivered(role=role, stored=stored):
                return replace(self, delivered={**self.delivered, role: stored}, held=None)
            case ReadBack(role=role):
                return replace(self, read_back={**self.read_back, role: event}, held=None)
            case Held() if self.state is State.VERIFIED:
                # Proven once, but not there any more when it was to be wiped: all is proven anew.
                return replace(self, held=event, read_back={})
            case Held():
                return replace(self, held=event)
            case WipeIntended():
                return replace(self, wipe_intended=True)
            case Wiped():
                return replace(self, wiped=event, held=None)
            case _:
                return self


def fold(events: Iterable[tuple[Event, Instant]]) -> Recording:
    """Fold a journal.

    Args:
        events: The events with their instants, oldest first.

    Returns:
        Where the recording stands.

    Raises:
        IllegalEventError: If an event may not follow the ones before it.
    """
    recording = Recording()
    for event, at in events:
        recording = recording.after(event, at)
    return recording
