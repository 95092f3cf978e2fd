# SPDX-License-Identifier: EUPL-1.2
"""An archive that lies: nothing is wiped, the words say what happened, and the truth completes it.

Each lie is told from its first, its second … its last occasion on, so that it meets every document
at every step, those after the wipe included.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from kept import Kept, memory_archive

from esdh_adapter.memory import MemoryArchive
from esdh_adapter.testing_lies import Lie, LieMemory, lying
from recorder.archive.ledger import RowKind
from recorder.archive.progress import Silent, Step
from recorder.archive.run import bring_home
from recorder.errors import AlteredError, RecorderError, WaitingError
from recorder.lifecycle.states import State

SET = {
    "SHA256SUMS",
    "VERIFY.txt",
    "completion.json",
    "consent.json",
    "journal-note.txt",
    "manifest.json",
    "receipt.txt",
    "recording-001.flac",
}

WHAT_HAPPENED: dict[Lie, tuple[type[RecorderError], str]] = {
    Lie.TRUNCATES: (AlteredError, "is cut short"),
    Lie.FLIPS_A_BIT: (AlteredError, "has the right length, but other bytes"),
    Lie.RETURNS_ANOTHER_FILE: (AlteredError, "has the right length, but other bytes"),
    Lie.RETURNS_AN_OLDER_ONE: (AlteredError, "has the right length, but other bytes"),
    Lie.SUCCESS_WITHOUT_STORING: (WaitingError, "says that it stored the document, but does not"),
    Lie.SHOWS_IT_LATE: (WaitingError, "It is not known yet whether the archive has the document"),
    Lie.FORGETS_METADATA: (AlteredError, "does not keep the metadata it was given"),
    Lie.STORES_TWICE: (WaitingError, "has this document 2 times instead of once"),
    Lie.UNAVAILABLE_BEFORE: (WaitingError, "cannot be reached or used at the moment"),
}
PASSING = {Lie.SHOWS_IT_LATE, Lie.UNAVAILABLE_AFTER_STORING}
"""The truth comes to light by looking again."""


@dataclass
class LaterLies(LieMemory):
    """Is honest for a while; then lies for good."""

    honest: int = 0

    def tell(self, method: str) -> bool:
        if self.honest > 0:
            self.honest -= 1
            return False
        return super().tell(method)


def require_one_set(archive: MemoryArchive) -> None:
    names = [stored.name for stored, _content in archive.documents.values()]
    assert len(names) == len(set(names))
    assert set(names) == SET


@pytest.mark.parametrize("lie", WHAT_HAPPENED)
def test_a_lie_on_the_first_occasion_is_called_by_its_name(kept: Kept, lie: Lie) -> None:
    archive, told = memory_archive(), LieMemory(None)
    kind, words = WHAT_HAPPENED[lie]
    with pytest.raises(kind) as caught:
        kept.bring_home(kept.archive(lying(archive.open_driver, lie, memory=told)))
    assert told.told
    said = " ".join([caught.value.detail, *caught.value.problems])
    assert words in said
    assert ".." not in said
    assert kept.state() is State.WAITING
    kept.require_whole()
    assert kept.bring_home(kept.archive(archive.open_driver)).state is State.COMPLETED
    require_one_set(archive)


@pytest.mark.slow
@pytest.mark.parametrize("lie", Lie)
def test_whenever_a_lie_begins_nothing_is_wiped_by_it(
    template: Kept, in_memory: Path, lie: Lie
) -> None:
    states = []
    for honest in range(100):
        kept, archive = template.copy(in_memory / str(honest)), memory_archive()
        told = LaterLies(None, honest=honest)
        liar = kept.archive(lying(archive.open_driver, lie, memory=told))
        try:
            kept.bring_home(liar)
        except RecorderError:
            states.append(kept.state())
        else:
            assert not told.told or lie in PASSING
            require_one_set(archive)
            break
        if states[-1] is not State.WIPED:
            kept.require_whole()
            assert RowKind.WIPED not in {row.kind for row in liar.ledger.rows()}
        else:
            # The sealed documents were proven before the lie began; what is kept is the rest.
            assert {stored.name for stored, _ in archive.documents.values()} >= (
                SET - {"completion.json", "receipt.txt"}
            )
        if lie not in PASSING:
            with pytest.raises(RecorderError):
                kept.bring_home(liar)  # as long as it lies
        assert kept.bring_home(kept.archive(archive.open_driver)).state is State.COMPLETED
        require_one_set(archive)
        assert kept.desk.ids() == []
    else:
        pytest.fail("the lie never ended")
    if lie not in PASSING:
        assert states.count(State.WAITING) >= 5
        assert State.WIPED in states


def test_lost_answers_leave_one_set(kept: Kept) -> None:
    archive, told = memory_archive(), LieMemory(None)
    lie = Lie.UNAVAILABLE_AFTER_STORING
    outcome = kept.bring_home(kept.archive(lying(archive.open_driver, lie, memory=told)))
    assert outcome.state is State.COMPLETED
    assert len(told.told) == len(SET)
    require_one_set(archive)


def test_the_command_says_what_a_changed_copy_means(kept: Kept) -> None:
    """The same by hand: somebody changes a file in the archive between delivery and read-back."""
    desk = kept.desk
    with desk.vault().open(kept.id) as entry, pytest.raises(_StopError):
        bring_home(entry, desk.workplace().archive, _StopsAfterDelivery())
    (folder,) = desk.sets()
    sound = folder / "recording-001.flac"
    content = bytearray(sound.read_bytes())
    content[-1] ^= 1
    sound.write_bytes(content)
    ran = desk.run("archive")
    assert ran.code == 10
    assert "The archive's copy is not the same as the recording" in ran.said
    assert "Nothing has been erased" in ran.said
    kept.require_whole()
    content[-1] ^= 1
    sound.write_bytes(content)
    assert desk.run("archive").code == 0
    assert desk.sets() == [folder]
    assert {path.name for path in folder.iterdir() if path.is_file()} == SET


class _StopError(Exception):
    """Ends the work after delivery."""


class _StopsAfterDelivery(Silent):
    def finished(self, step: Step, proof: str) -> None:
        if step is Step.DELIVER:
            raise _StopError
