# SPDX-License-Identifier: EUPL-1.2
"""Where a folder archive may be, and where not unless it is configured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from esdh_adapter.errors import ConfigurationError, UnavailableError
from esdh_adapter.folder import FolderDriver, FolderSettings


def check(settings: FolderSettings) -> list[str]:
    try:
        FolderDriver(settings).check()
    except ConfigurationError as error:
        return [str(problem) for problem in error.problems] or [error.detail]
    return []


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    assert check(FolderSettings(tmp_path / "a" / "b")) == []
    assert (tmp_path / "a" / "b").is_dir()


def test_the_vaults_own_volume_is_refused_unless_allowed_and_nothing_is_made(
    tmp_path: Path,
) -> None:
    settings = FolderSettings(tmp_path / "mount" / "archive", vault=tmp_path / "home" / "vault")
    [problem] = check(settings)
    assert "same volume as the vault" in problem
    assert not (tmp_path / "mount").exists()
    assert check(replace(settings, allow_same_volume=True)) == []


@pytest.mark.parametrize("place", ["vault", "vault/archive", "other/../vault/archive"])
def test_the_vaults_folder_is_always_refused(tmp_path: Path, place: str) -> None:
    settings = FolderSettings(tmp_path / place, allow_same_volume=True, vault=tmp_path / "vault")
    assert check(settings) == ["the archive's folder is inside the vault"]


@pytest.mark.parametrize(
    "place",
    [
        "OneDrive",
        "OneDrive - Eksempel Kommune/arkiv",
        "Dropbox (Team)/arkiv",
        "Google Drive/a",
        "My Drive/a",
        "nextcloud/a/b",
        "Library/Mobile Documents/a",
        "Library/CloudStorage/Box/a",
    ],
)
def test_folders_of_sync_clients_are_refused_unless_allowed(tmp_path: Path, place: str) -> None:
    settings = FolderSettings(tmp_path / place)
    assert check(settings) == ["the archive's folder is inside a folder that a sync client changes"]
    assert check(replace(settings, allow_sync_folder=True)) == []


@pytest.mark.parametrize("marker", [".dropbox", ".sync_0a1b2c.db", ".nextcloudsync.log"])
def test_sync_folders_are_known_by_what_lies_in_them(tmp_path: Path, marker: str) -> None:
    (tmp_path / marker).touch()
    assert len(check(FolderSettings(tmp_path / "a" / "b"))) == 1


@pytest.mark.parametrize("name", ["onedriver", "dropboxes", "archive"])
def test_other_folders_are_not_taken_for_sync_folders(tmp_path: Path, name: str) -> None:
    assert check(FolderSettings(tmp_path / name)) == []


def test_a_sync_folder_behind_a_link_is_seen(tmp_path: Path) -> None:
    (tmp_path / "OneDrive").mkdir()
    (tmp_path / "archive").symlink_to(tmp_path / "OneDrive")
    assert len(check(FolderSettings(tmp_path / "archive"))) == 1


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    settings = FolderSettings(tmp_path / "vault" / "OneDrive", vault=tmp_path / "vault")
    assert len(check(settings)) == 3


def test_a_relative_path_is_refused() -> None:
    assert check(FolderSettings(Path("archive"))) == [
        "the archive's folder must be given with its full path"
    ]


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert check(FolderSettings(tmp_path / "file")) == ["the archive's folder is a file"]
    assert len(check(FolderSettings(tmp_path / "file" / "below"))) == 1


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises((ConfigurationError, UnavailableError)):
        FolderDriver(FolderSettings(tmp_path / "a" / "archive")).check()
