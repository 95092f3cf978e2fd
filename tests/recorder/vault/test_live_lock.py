# SPDX-License-Identifier: EUPL-1.2
"""A recording that somebody watches over is alive, even while nobody has its entry."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from vault_fakes import OURS, MemoryKeyStore, TickingClock

from recorder.errors import BusyError, MissingError
from recorder.vault.vault import Vault

pytestmark = pytest.mark.slow  # whole processes, or every operation of a store


def two_processes(directory: Path) -> tuple[Vault, Vault]:
    keys = MemoryKeyStore()
    one, other = (Vault(directory, keys, TickingClock()) for _number in range(2))
    return one, other


def locks(vault: Vault) -> set[str]:
    return {path.name for path in (vault.directory / "locks").iterdir()}


def test_nobody_else_opens_or_sweeps_it_between_two_capture_processes(tmp_path: Path) -> None:
    ours, theirs = two_processes(tmp_path)
    with ours.watch_over(OURS):
        assert theirs.is_busy(OURS)
        with ours.create(OURS):
            assert theirs.is_busy(OURS)
        with pytest.raises(BusyError):
            theirs.open(OURS)
        theirs.sweep({OURS})  # an entry without a first event: anybody else's would go
        assert theirs.ids() == [OURS]
        ours.open(OURS, is_own=True).close()
    assert not theirs.is_busy(OURS)
    theirs.open(OURS).close()


def test_it_is_watched_over_by_one_and_not_while_another_works_on_it(tmp_path: Path) -> None:
    ours, theirs = two_processes(tmp_path)
    with ours.watch_over(OURS):
        with pytest.raises(BusyError), theirs.watch_over(OURS):
            pass
        ours.create(OURS).close()
    with theirs.open(OURS), pytest.raises(BusyError), ours.watch_over(OURS):
        pass


def test_who_watches_over_it_is_not_busy_to_itself(tmp_path: Path) -> None:
    ours, _theirs = two_processes(tmp_path)
    with ours.watch_over(OURS):
        ours.create(OURS).close()
        assert not ours.is_busy(OURS)
        ours.sweep({OURS})
        assert ours.ids() == []


def test_no_lock_stays_of_what_was_never_made_or_is_gone(tmp_path: Path) -> None:
    ours, theirs = two_processes(tmp_path)
    with ours.watch_over(OURS):
        theirs.sweep(())
        assert locks(theirs) == {f"{OURS}.live.lock"}
    assert locks(theirs) == set()
    (tmp_path / "locks" / f"{OURS}.live.lock").write_bytes(b"")
    with ours.watch_over(OURS):
        ours.create(OURS).close()
    assert locks(theirs) == {f"{OURS}.live.lock", f"{OURS}.lock"}
    theirs.sweep({OURS})
    assert locks(theirs) == set()


def test_what_came_home_while_its_lock_was_waited_for_is_missing_and_not_broken(
    tmp_path: Path,
) -> None:
    ours, theirs = two_processes(tmp_path)
    entry = ours.create(OURS)

    def come_home() -> None:
        entry.remove_remains()
        entry.close()

    waiting = threading.Timer(0.05, come_home)
    waiting.start()
    with pytest.raises(MissingError):
        theirs.open(OURS)
    waiting.join()
