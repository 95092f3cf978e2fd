# SPDX-License-Identifier: EUPL-1.2
"""A proof is good for the run that made it: before anything is wiped the case is asked again."""

from __future__ import annotations

import pytest
from kept import Kept
from test_giving_up import bring_to

from recorder.lifecycle.states import State

LOST = ["recording-001.flac", "manifest.json"]


@pytest.mark.parametrize("name", LOST)
def test_what_the_archive_lost_since_the_proof_is_sent_again_before_the_wipe(
    kept: Kept, name: str
) -> None:
    bring_to(kept, State.VERIFIED)
    lost = kept.desk.folder(kept.id) / name
    lost.unlink()
    assert kept.desk.run("archive").code == 5
    kept.require_whole()
    assert kept.desk.run("archive").code == 0
    assert lost.exists()
    assert kept.desk.run("verify", kept.id).code == 0
    assert kept.desk.ids() == []


def test_what_the_archive_changed_since_the_proof_is_not_wiped_here(kept: Kept) -> None:
    bring_to(kept, State.VERIFIED)
    changed = kept.desk.folder(kept.id) / "recording-001.flac"
    content = bytearray(changed.read_bytes())
    content[-1] ^= 1
    changed.write_bytes(content)
    assert kept.desk.run("archive").code == 10
    kept.require_whole()


def test_an_archive_that_fails_for_long_does_not_grow_the_journal(kept: Kept) -> None:
    desk = kept.desk
    bring_to(kept, State.WAITING)
    (desk.archive / "27.03.00-G01-4711-26" / kept.id).write_bytes(b"in the way of the folder")
    sizes = []
    for _round in range(4):
        assert desk.run("archive").code == 5
        sizes.append(len(list((desk.home / "vault" / kept.id).glob("journal.*"))))
    assert sizes[1] == sizes[-1]
    assert kept.state() is State.WAITING


def test_a_key_store_that_does_not_answer_skips_no_proof(kept: Kept) -> None:
    bring_to(kept, State.VERIFIED)
    changed = kept.desk.folder(kept.id) / "recording-001.flac"
    changed.write_bytes(changed.read_bytes()[:-1] + b"?")
    key = kept.desk.keys / f"{kept.id}.sound.key"
    away = kept.desk.directory / "away"
    key.rename(away)
    assert kept.desk.run("archive").code == 10
    away.rename(key)
    kept.require_whole()
