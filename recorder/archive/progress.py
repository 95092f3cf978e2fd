# SPDX-License-Identifier: EUPL-1.2
"""The steps after recording, in their order, and who is told of them.

One list, several renderings: the command line prints it, JSON lines report it, the window will
show it.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Protocol

from recorder.errors import RecorderError
from recorder.words import N_


class Step(enum.Enum):
    """One step; its value is the word that machines see."""

    TAKE_IN = "take_in"
    CLOSE = "close"
    SEAL = "seal"
    DELIVER = "deliver"
    READ_BACK = "read_back"
    WIPE = "wipe"
    COMPLETE = "complete"

    @property
    def title(self) -> str:
        """What the step does, as a message id."""
        return _TITLES[self]


_TITLES = {
    Step.TAKE_IN: N_("Take the file into the vault, unchanged"),
    Step.CLOSE: N_("Close the interrupted recording"),
    Step.SEAL: N_("Seal: hash and freeze every document"),
    Step.DELIVER: N_("Send to the case"),
    Step.READ_BACK: N_("Fetch again from the case and compare"),
    Step.WIPE: N_("Erase the sound from this device"),
    Step.COMPLETE: N_("File the receipt and close"),
}


Report = Callable[[int, int], None]
"""Is told how many bytes are done, and of how many."""


class Observer(Protocol):
    """Is told how the work goes. What it raises stops the work at a safe place."""

    def started(self, step: Step) -> None:
        """A step begins."""

    def progress(self, step: Step, done: int, total: int) -> None:
        """A step has come so far.

        Args:
            step: Which.
            done: Bytes done.
            total: Bytes in all.
        """

    def finished(self, step: Step, proof: str) -> None:
        """A step has ended well.

        Args:
            step: Which.
            proof: In words, what it rests on; translated.
        """

    def failed(self, step: Step, error: RecorderError) -> None:
        """A step could not be done.

        Args:
            step: Which.
            error: Why, and what to do.
        """


class Silent:
    """An observer that tells nobody."""

    def started(self, step: Step) -> None:
        """Say nothing."""

    def progress(self, step: Step, done: int, total: int) -> None:
        """Say nothing."""

    def finished(self, step: Step, proof: str) -> None:
        """Say nothing."""

    def failed(self, step: Step, error: RecorderError) -> None:
        """Say nothing."""
