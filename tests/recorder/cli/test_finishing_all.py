# SPDX-License-Identifier: EUPL-1.2
"""One recording that the program cannot cope with does not keep the others on this device."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from desk import Desk

from recorder.archive.workplace import Workplace
from recorder.cli.archive import round_of
from recorder.cli.homecoming import finish_all
from recorder.cli.voice import Voice
from recorder.identifiers import RecordingId
from recorder.vault.entry import Entry
from recorder.vault.vault import Vault

SPEECH = Path(__file__).parents[3] / "recorder" / "cli" / "demo_speech.flac"


class BrokenVault(Vault):
    """Meets a defect with its first recording."""

    def open(self, recording: RecordingId, *, is_own: bool = False) -> Entry:
        if recording == self.ids()[0]:
            raise ZeroDivisionError
        return super().open(recording, is_own=is_own)


class BrokenWorkplace(Workplace):
    @functools.cached_property
    def vault(self) -> Vault:
        whole = super().vault
        return BrokenVault(whole.directory, whole._keystore, self.clock)


def test_the_others_come_home_and_the_defect_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(tmp_path)
    for _number in range(2):
        assert desk.record(SPEECH, "--no-archive").code == 0
    broken, _good = desk.ids()
    honest = desk.workplace()
    place = BrokenWorkplace(honest.config, honest.places, honest.clock)
    voice = Voice(is_json=False, is_quiet=False, is_verbose=False)
    done, error = finish_all(place.vault.ids(), place, voice)
    assert done == 1
    assert isinstance(error, ZeroDivisionError)
    said = capsys.readouterr().err
    assert "The program has a defect (ZeroDivisionError)" in said
    assert "erased" not in said.split("ZeroDivisionError")[1]
    assert desk.ids() == [broken]
    assert isinstance(round_of(place, voice), ZeroDivisionError)
