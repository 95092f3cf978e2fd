# SPDX-License-Identifier: EUPL-1.2
"""From a name and settings to a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from esdh_adapter.driver import CaseNumber
from esdh_adapter.errors import ConfigurationError
from esdh_adapter.registry import open_store
from esdh_adapter.testing import make_document, put


def test_a_folder_archive_is_opened_by_its_settings(tmp_path: Path) -> None:
    settings = {"path": str(tmp_path / "archive"), "allow_same_volume": True}
    with open_store("folder", settings, vault=tmp_path / "vault") as store:
        assert store.name == "folder"
        document = make_document(b"x")
        stored = put(store, store.find_case(CaseNumber("1")), document, b"x")
        assert store.read_back(stored, expected=document).driver == "folder"


def test_the_place_is_checked_when_the_archive_is_used(tmp_path: Path) -> None:
    store = open_store("folder", {"path": str(tmp_path / "a")}, vault=tmp_path / "vault")
    with pytest.raises(ConfigurationError, match="same volume"):
        store.find_case(CaseNumber("1"))


def test_all_wrong_settings_are_told_at_once(tmp_path: Path) -> None:
    settings = {"path": 7, "allow_same_volume": "yes", "colour": "red"}
    with pytest.raises(ConfigurationError) as raised:
        open_store("folder", settings, vault=tmp_path)
    assert [str(problem) for problem in raised.value.problems] == [
        "there is no such setting: colour",
        "path must name the archive's folder",
        "allow_same_volume must be true or false",
    ]


@pytest.mark.parametrize("settings", [{}, {"path": ""}])
def test_a_path_is_needed(tmp_path: Path, settings: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="path must name"):
        open_store("folder", settings, vault=tmp_path)


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"known are: .*folder"):
        open_store("fodler", {}, vault=tmp_path)


def test_a_driver_of_another_distribution_is_found_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "example_driver-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: example-driver\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[modoptager.drivers]\nexample = example_driver:factory\nbroken = example_driver:nothing\n"
    )
    (tmp_path / "example_driver.py").write_text(
        "from esdh_adapter.memory import MemoryArchive\n"
        "def factory(settings, vault):\n"
        "    return MemoryArchive(cases={settings['case']: True}).open_driver\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    store = open_store("example", {"case": "1"}, vault=tmp_path)
    assert store.find_case(CaseNumber("1")).is_open
    with pytest.raises(ConfigurationError, match="broken cannot be loaded"):
        open_store("broken", {}, vault=tmp_path)
