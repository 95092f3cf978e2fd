# SPDX-License-Identifier: EUPL-1.2
"""The typed events of a recording's journal.

The journal is the truth: a recording's state is the fold of its events. An intent stands there
before the act, its confirmation after. ``docs/state-machine.md`` draws which may follow which.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from recorder.identifiers import Sha256Hex
from recorder.lifecycle.parts import Part, PartFormat


class _Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """The base of all events."""


class ImportedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that a recording is taken from."""

    path: str
    """Absolute; may be personal data, hence here and in no log."""
    erase: bool
    """Whether it is to be erased after the read-back."""
    sha256: Sha256Hex
    """Of its bytes when it was chosen: another file in its place is not taken."""


class Planned(_Event, frozen=True, tag="planned"):
    """Who meets, and that everyone agreed, is documented."""

    meeting: msgspec.Raw
    """The meeting as JSON (schema in ``docs/meeting.schema.json``)."""
    policy_id: str
    policy_version: str
    software: str
    """Name and version of the program."""
    source: ImportedFile | None = None
    """The file it is imported from; none where it is recorded."""


class CaptureBegan(_Event, frozen=True, tag="capture_began"):
    """A part begins: the source is open and its first samples are here."""

    part: int
    format: PartFormat
    source_name: str


class CapturePaused(_Event, frozen=True, tag="capture_paused"):
    """Recording was paused by a person."""


class CaptureResumed(_Event, frozen=True, tag="capture_resumed"):
    """Recording goes on after a pause."""


class Interrupted(_Event, frozen=True, tag="interrupted"):
    """The process that recorded was found dead."""


class Recorded(_Event, frozen=True, tag="recorded"):
    """All sound there will be is in the vault."""

    parts: tuple[Part, ...]
    gaps: int
    """How many gaps and pauses stand in the sound log."""
    gap_seconds: float
    """Their length together."""
    markers: int
    sound_records: int
    """How many records the sound log holds: fewer later on means damage."""
    recovered: bool
    """Whether a later start closed the recording after a crash."""
    damaged: bool
    """Whether bytes were found that no crash explains: nothing is wiped then."""
    ended_early: str = ""
    """Why it ended before anybody wanted it to: the value of a ``GapCause``; else empty."""


class FrozenDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document whose bytes will not change any more."""

    role: str
    """What it is in the set, e.g. ``recording-001``, ``manifest``, ``consent``."""
    name: str
    """Its file name in the case."""
    title: str
    media_type: str
    size: int
    sha256: Sha256Hex
    part: int = 0
    """The part whose bytes it is; 0 for documents that lie in the documents log."""


class Sealed(_Event, frozen=True, tag="sealed"):
    """The documents of the case are frozen."""

    sequence: int
    """This device's running number."""
    manifest_sha256: Sha256Hex
    documents: tuple[FrozenDocument, ...]


class DeliveryIntended(_Event, frozen=True, tag="delivery_intended"):
    """A document is about to be sent."""

    role: str
    key: str
    """The idempotency key: the archive is searched for it before anything is sent again."""


class Delivered(_Event, frozen=True, tag="delivered"):
    """The archive says that it has the document."""

    role: str
    stored: msgspec.Raw
    """The adapter's own description of the stored document, as JSON."""


class Held(_Event, frozen=True, tag="held"):
    """It cannot go on for now."""

    reason: str
    """A stable word, e.g. ``offline``, ``denied``, ``case_closed``."""
    step: str
    """The step that could not be done."""


class ReadBack(_Event, frozen=True, tag="read_back"):
    """A document was fetched again over a new connection and hashed here."""

    role: str
    sha256: Sha256Hex
    size: int
    adapter: str


class Verified(_Event, frozen=True, tag="verified"):
    """Every document of the set was read back and is what was sealed."""


class WipeIntended(_Event, frozen=True, tag="wipe_intended"):
    """The sound's key is about to be destroyed; the ledger has the row."""


class WipeReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was done to erase, and what it is worth."""

    key_store: str
    """Where the wrapping key was."""
    key_removed: bool
    """Whether its absence was confirmed by asking for it again."""
    slot_overwritten: bool
    bytes_overwritten: int
    """Ciphertext overwritten once, in bytes (best effort)."""
    files_removed: int
    unwrap_refused: bool
    """Whether a copy of the slot, held in memory, could no longer be unwrapped."""
    medium: str
    """What the files lay on, e.g. the file system's name, or ``unknown``."""


class Wiped(_Event, frozen=True, tag="wiped"):
    """The sound is gone from this device."""

    report: WipeReport
    source_remains: bool = False
    """Whether an imported file still lies where it was taken from."""


class CompletionFrozen(_Event, frozen=True, tag="completion_frozen"):
    """The documents that tell of delivery, read-back and wipe are frozen."""

    documents: tuple[FrozenDocument, ...]


class Completed(_Event, frozen=True, tag="completed"):
    """The completion documents were read back too."""


class Refused(_Event, frozen=True, tag="refused"):
    """There will be no sound: permission was not given."""

    reason: str


class Withdrawn(_Event, frozen=True, tag="withdrawn"):
    """A permission was withdrawn."""

    reason: str
    facts: str
    """The material facts that go into the case before the sound is erased."""
    when: dt.datetime
    documents: tuple[FrozenDocument, ...]
    """The note that goes to the case."""
    in_case: bool
    """Whether the sound, or part of the set, may be in the case already."""


class Discarded(_Event, frozen=True, tag="discarded"):
    """A recording is given up by decision."""

    reason: str
    decided_by: str
    second_person: str


Event = (
    Planned
    | CaptureBegan
    | CapturePaused
    | CaptureResumed
    | Interrupted
    | Recorded
    | Sealed
    | DeliveryIntended
    | Delivered
    | Held
    | ReadBack
    | Verified
    | WipeIntended
    | Wiped
    | CompletionFrozen
    | Completed
    | Refused
    | Withdrawn
    | Discarded
)
"""Every event a journal can hold."""
