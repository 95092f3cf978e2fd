# SPDX-License-Identifier: EUPL-1.2
"""One good example of every event, and ways to lead a recording to a state."""

from __future__ import annotations

import datetime as dt
import typing

import msgspec

from recorder.clock import Instant
from recorder.identifiers import Sha256Hex
from recorder.lifecycle.events import (
    CaptureBegan,
    CapturePaused,
    CaptureResumed,
    Completed,
    CompletionFrozen,
    Delivered,
    DeliveryIntended,
    Discarded,
    Event,
    FrozenDocument,
    Held,
    Interrupted,
    Planned,
    ReadBack,
    Recorded,
    Refused,
    Sealed,
    Verified,
    Wiped,
    WipeIntended,
    WipeReport,
    Withdrawn,
)
from recorder.lifecycle.fold import Recording, fold
from recorder.lifecycle.parts import Container, PartFormat

NOON = dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC)
AT = Instant(NOON, 1, "boot")
ALL_EVENTS: tuple[type[Event], ...] = typing.get_args(Event)


def paper(role: str, digit: str = "0") -> FrozenDocument:
    return FrozenDocument(role, f"{role}.txt", role, "text/plain", 5, Sha256Hex(digit * 64))


SOUND, NOTE, LATE, WITHDRAWAL = map(paper, ("recording-001", "note", "completion", "withdrawal"))
PLANNED = Planned(msgspec.Raw(b"{}"), "policy", "1", "software")
BEGAN = CaptureBegan(1, PartFormat(Container.FLAC, 48000, 1, 16), "microphone")
RECORDED = Recorded((), 0, 0.0, 0, 9, recovered=False, damaged=False)
DAMAGED = Recorded((), 0, 0.0, 0, 9, recovered=True, damaged=True)
SEALED = Sealed(1, Sha256Hex("1" * 64), (SOUND, NOTE))
WIPED = Wiped(
    WipeReport(
        "key file",
        key_removed=True,
        slot_overwritten=True,
        bytes_overwritten=9,
        files_removed=2,
        unwrap_refused=True,
        medium="ext4",
    )
)
FROZEN = CompletionFrozen((LATE,))
WITHDRAWN = Withdrawn("asked for it", "facts", NOON, (WITHDRAWAL,), in_case=False)
DISCARDED = Discarded("a test", "one", "another")
HELD = Held("offline", "deliver")
EXAMPLES: tuple[Event, ...] = (
    PLANNED,
    BEGAN,
    CapturePaused(),
    CaptureResumed(),
    Interrupted(),
    RECORDED,
    SEALED,
    DeliveryIntended(SOUND.role, "key"),
    Delivered(SOUND.role, msgspec.Raw(b"{}")),
    HELD,
    ReadBack(SOUND.role, SOUND.sha256, SOUND.size, "folder"),
    Verified(),
    WipeIntended(),
    WIPED,
    FROZEN,
    Completed(),
    Refused("no"),
    WITHDRAWN,
    DISCARDED,
)


def filed(document: FrozenDocument) -> list[Event]:
    """Intent, delivery and proof of one document."""
    return [
        DeliveryIntended(document.role, "key"),
        Delivered(document.role, msgspec.Raw(b"{}")),
        ReadBack(document.role, document.sha256, document.size, "folder"),
    ]


UNTIL_SEALED: list[Event] = [PLANNED, BEGAN, RECORDED, SEALED]
UNTIL_VERIFIED: list[Event] = [*UNTIL_SEALED, *filed(SOUND), *filed(NOTE), Verified()]
UNTIL_WIPED: list[Event] = [*UNTIL_VERIFIED, WipeIntended(), WIPED]
UNTIL_COMPLETED: list[Event] = [*UNTIL_WIPED, FROZEN, *filed(LATE), Completed()]


def after(*events: Event) -> Recording:
    return fold((event, AT) for event in events)
