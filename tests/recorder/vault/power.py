# SPDX-License-Identifier: EUPL-1.2
"""A medium that loses power: what was not synced is kept, dropped, torn or reordered by chance."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vault_fakes import write_half

from recorder.durable import Kind, Moment, Operation

_BLOCK = 16  # small, so that small records are torn as sectors tear big ones


@dataclass(frozen=True)
class Fault:
    """How the next operation of a kind goes wrong."""

    kind: Kind
    moment: Moment
    make: Callable[[], BaseException]
    is_half_written: bool = False


class Medium:
    """A watcher that knows what is synced, fails on demand and can lose power."""

    def __init__(self) -> None:
        self.fault: Fault | None = None
        self._synced: dict[Path, int] = {}
        self._nameless: set[Path] = set()

    def __call__(self, moment: Moment, operation: Operation) -> None:
        if moment is Moment.AFTER:
            self._note(operation)
        fault = self.fault
        if fault is not None and (fault.kind, fault.moment) == (operation.kind, moment):
            self.fault = None
            if fault.is_half_written and operation.kind is Kind.WRITE:
                write_half(operation)
            raise fault.make()

    def _note(self, operation: Operation) -> None:
        if operation.kind is Kind.CREATE:
            self._synced[operation.path] = 0
            self._nameless.add(operation.path)
        elif operation.kind is Kind.SYNC:
            self._synced[operation.path] = operation.path.stat().st_size
        elif operation.kind is Kind.SYNC_DIRECTORY:
            self._nameless.clear()

    def lose_power(self, chance: random.Random) -> None:
        for path, synced in list(self._synced.items()):
            if not path.exists():
                continue
            if path in self._nameless and chance.random() < 0.5:
                path.unlink()
                continue
            content = path.read_bytes()
            path.write_bytes(content[:synced] + _survivors(content[synced:], chance))
        self.fault = None
        self._nameless.clear()


def _survivors(unsynced: bytes, chance: random.Random) -> bytes:
    blocks = [unsynced[i : i + _BLOCK] for i in range(0, len(unsynced), _BLOCK)]
    how = chance.randrange(3)
    if how == 0:
        return unsynced[: chance.randint(0, len(unsynced))]
    if how == 1:
        return b"".join(b if chance.random() < 0.5 else bytes(len(b)) for b in blocks)
    return unsynced
