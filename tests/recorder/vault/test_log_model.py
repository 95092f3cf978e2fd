# SPDX-License-Identifier: EUPL-1.2
"""Any sequence of appends, syncs, failures, crashes and power cuts, against a plain list.

Everything synced is read; the order is kept; nothing is invented and nothing is read twice.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from power import Fault, Medium
from vault_fakes import IN_MEMORY, KEY, CrashError, broken, full, read, sound_log

from recorder.durable import Kind, Moment, watch
from recorder.errors import VaultError
from recorder.vault.log import LogEnd
from recorder.vault.log_writer import LogWriter, sync_log
from recorder.vault.segment import RecordType

FAULTY = [Kind.CREATE, Kind.WRITE, Kind.SYNC, Kind.SYNC_DIRECTORY]


class LogMachine(RuleBasedStateMachine):
    """The model: every record appended since the last reopening, and how many are promised."""

    @initialize()
    def begin(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="log-model-", dir=IN_MEMORY))
        self.address = sound_log(self.directory)
        self.appended: list[bytes] = []
        self.promised = 0
        self.made = 0
        self.medium = Medium()
        watch(self.medium)
        self._reopen()

    @rule(size=st.integers(0, 60))
    def append(self, size: int) -> None:
        self.made += 1
        content = b"%d " % self.made + bytes(size)
        with contextlib.suppress(VaultError, CrashError):  # kept in memory, says the contract
            self.writer.append(RecordType.AUDIO, content)
        self.appended.append(content)
        assert self.writer.next_sequence == len(self.appended)

    @rule()
    def sync(self) -> None:
        try:
            self.writer.sync()
        except (VaultError, CrashError):
            return
        self.promised = len(self.appended)

    @rule(
        kind=st.sampled_from(FAULTY),
        moment=st.sampled_from(Moment),
        make=st.sampled_from([full, broken, CrashError]),
        half=st.booleans(),
    )
    def let_the_next_one_fail(
        self, kind: Kind, moment: Moment, make: object, *, half: bool
    ) -> None:
        self.medium.fault = Fault(kind, moment, make, half and moment is Moment.BEFORE)

    @precondition(lambda self: self.promised > 0)
    @rule()
    def kill_the_process(self) -> None:
        self._drop()
        self._reopen()

    @rule(seed=st.integers(0, 2**32))
    def cut_the_power(self, seed: int) -> None:
        self._drop()
        self.medium.lose_power(random.Random(seed))
        self._reopen()

    def _drop(self) -> None:
        self.writer.release()
        self.medium.fault = None

    def _reopen(self) -> None:
        sync_log(self.address)
        records, end, following = read(self.address)
        got = [record.payload for record in records]
        assert end is LogEnd.TORN
        assert following == len(got)
        assert len(got) >= self.promised
        assert got == self.appended[: len(got)]
        self.appended, self.promised = got, len(got)
        self.writer = LogWriter(self.address, KEY, next_sequence=following, reserve=None)

    def teardown(self) -> None:
        self.medium.fault = None
        try:
            self.writer.close()
            records, end, _ = read(self.address)
            assert [record.payload for record in records] == self.appended
            assert end is LogEnd.CLOSED
        finally:
            watch(None)
            shutil.rmtree(self.directory)


class TestLogModel(LogMachine.TestCase):
    settings = settings(
        max_examples=40,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


@pytest.mark.slow
class TestLogModelAtLength(LogMachine.TestCase):
    settings = settings(
        max_examples=400,
        stateful_step_count=60,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
