# SPDX-License-Identifier: EUPL-1.2
"""What tests of the capture process need: its first command, and waiting for events."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile
from studio import RECORDING

from recorder.capture.protocol import (
    Busy,
    CaptureEvent,
    FileChoice,
    Level,
    SourceChoice,
    Start,
)
from recorder.capture.supervisor import CaptureSupervisor
from recorder.clock import SystemClock
from recorder.config.model import KeyStoreKind
from recorder.vault.choice import KeyStoreChoice, open_key_store
from recorder.vault.entry import Entry
from recorder.vault.vault import Vault

RATE = 16_000
MEETING = {
    "schema": "modoptager.meeting/1",
    "case_number": "27.35.10-G01-1-26",
    "place": "Mødelokale 2",
    "purpose": "Opfølgning",
    "participants": [
        {
            "name": name,
            "role": role,
            "permission": {"given": True, "how": "oral", "when": "2026-01-02T10:00:00+01:00"},
        }
        for name, role in (("Åse Eksempel", "citizen"), ("Bo Prøve", "caseworker"))
    ],
    "guidance": {"given": True, "when": "2026-01-02T09:59:00+01:00", "by": "Bo Prøve"},
}


class Desk:
    """A vault, a sound file, and the first command that uses both."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.keys = KeyStoreChoice(KeyStoreKind.FILE, str(directory / "keys"))
        self.sound = directory / "sound.wav"

    def record_noise(self, seconds: float) -> bytes:
        samples = np.random.default_rng(2).integers(-900, 900, round(RATE * seconds))
        soundfile.write(self.sound, samples.astype(np.int16), RATE, subtype="PCM_16")
        return samples.astype("<i2").tobytes()

    def start(
        self,
        *,
        fast: bool = False,
        seconds: float | None = None,
        source: SourceChoice | None = None,
        meeting: object = MEETING,
    ) -> Start:
        return Start(
            id=RECORDING,
            meeting=msgspec.Raw(json.dumps(meeting, indent=2).encode()),
            source=source or FileChoice(str(self.sound), fast),
            vault=str(self.directory / "vault"),
            keys=self.keys,
            seconds=seconds,
            language="en",
        )

    def open(self) -> Entry:
        vault = Vault(self.directory / "vault", open_key_store(self.keys), SystemClock())
        return vault.open(RECORDING)


def until(supervisor: CaptureSupervisor, wanted: Callable[[CaptureEvent], bool]) -> CaptureEvent:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        event = supervisor.next_event(1.0)
        if event is not None and wanted(event):
            return event
    pytest.fail("the event did not come")


def is_stored(seconds: float) -> Callable[[CaptureEvent], bool]:
    return lambda event: isinstance(event, Level) and event.stored_seconds >= seconds


def rest(supervisor: CaptureSupervisor) -> list[CaptureEvent]:
    """Wait for the end; signs of life come where this machine is slow."""
    events = [event for event in supervisor.events() if not isinstance(event, Busy)]
    assert supervisor.wait(10)
    return events


def settle(supervisor: CaptureSupervisor, seconds: float = 0.6) -> None:
    """Wait until what sounds now is in the vault."""
    newest = 0.0
    while (event := supervisor.next_event(0)) is not None:
        newest = event.elapsed if isinstance(event, Level) else newest
    until(supervisor, is_stored(newest + seconds))
