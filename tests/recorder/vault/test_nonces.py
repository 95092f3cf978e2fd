# SPDX-License-Identifier: EUPL-1.2
"""No two records ever share a key and a nonce, whatever fails and wherever it crashes.

The watcher sees every byte that is given to the disk, of abandoned segments too. Which nonce a
record was sealed under shows by opening it: under that nonce alone it authenticates.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from vault_fakes import (
    KEY,
    CrashError,
    broken,
    full,
    read,
    sound_log,
    watching,
    write_half,
)

from recorder.durable import Kind, Moment, Operation
from recorder.errors import VaultError
from recorder.vault.log import LogAddress
from recorder.vault.log_writer import LogWriter
from recorder.vault.segment import RecordType, SegmentCipher, SegmentHeader

Nonce = tuple[bytes, int, bool]
HEADER = -1
"""Stands for the nonce of the header's tag, which no record index can give."""


class Collector:
    """Notes the nonce of every record given to the disk, and lets a random operation fail."""

    def __init__(self, chance: random.Random) -> None:
        self.used: Counter[Nonce] = Counter()
        self.failures = 0
        self._chance = chance
        self._files: dict[Path, tuple[bytes, SegmentCipher, int]] = {}

    def __call__(self, moment: Moment, operation: Operation) -> None:
        if moment is Moment.BEFORE and operation.kind is Kind.WRITE:
            self._collect(operation)
        if self._chance.random() < 0.08:
            self.failures += 1
            if moment is Moment.BEFORE and operation.kind is Kind.WRITE:
                write_half(operation)
            failure = self._chance.choice(_FAILURES)
            raise failure()

    def _collect(self, operation: Operation) -> None:
        if operation.offset == 0:
            header = SegmentHeader.decode(operation.data)
            assert header is not None
            self.used[header.salt, HEADER, False] += 1
            self._files[operation.path] = (header.salt, SegmentCipher(KEY, header), 0)
            return
        salt, cipher, highest = self._files[operation.path]
        index, kind = _place(cipher, operation.data[4:], highest + 2)
        self.used[salt, index, kind is RecordType.CLOSE] += 1
        self._files[operation.path] = (salt, cipher, max(highest, index))


_FAILURES: list[Callable[[], BaseException]] = [full, broken, CrashError]


def _place(cipher: SegmentCipher, sealed: bytes, below: int) -> tuple[int, RecordType]:
    for index in range(below):
        opened = cipher.open(index, sealed)
        if opened is not None:
            return index, opened[0]
    raise AssertionError("a record that opens nowhere")


def _one_life(address: LogAddress, chance: random.Random) -> None:
    """A process: opens the log, appends until it crashes or has had enough, and may shrug off."""
    writer = LogWriter(address, KEY, next_sequence=len(read(address)[0]), reserve=None)
    for _ in range(chance.randint(1, 6)):
        is_handled = chance.random() < 0.7
        try:
            writer.append(RecordType.AUDIO, chance.randbytes(chance.randint(0, 20)))
            if chance.random() < 0.5:
                writer.sync()
        except VaultError:
            continue
        except CrashError:
            if not is_handled:  # else an interrupt that the program outlives
                raise
    if chance.random() < 0.1:
        writer.close()
    writer.release()


def _live_and_crash(directory: Path, lives: int, seed: int) -> Collector:
    chance = random.Random(seed)
    collector = Collector(chance)
    for life in range(lives):
        address = sound_log(directory / str(life // 10))
        address.directory.mkdir(exist_ok=True)
        try:
            with watching(collector):
                _one_life(address, chance)
        except (CrashError, VaultError):
            continue
    return collector


def _assert_all_different(collector: Collector) -> None:
    assert [nonce for nonce, times in collector.used.items() if times > 1] == []


def test_no_nonce_is_used_twice_in_two_thousand_lives(tmp_path: Path) -> None:
    collector = _live_and_crash(tmp_path, 2000, seed=1)
    assert collector.failures > 1500
    assert len(collector.used) > 4000
    _assert_all_different(collector)


@pytest.mark.slow
def test_no_nonce_is_used_twice_in_thirty_thousand_lives(tmp_path: Path) -> None:
    collector = _live_and_crash(tmp_path, 30_000, seed=2)
    assert len(collector.used) > 60_000
    _assert_all_different(collector)
