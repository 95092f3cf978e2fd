# SPDX-License-Identifier: EUPL-1.2
"""A waiting recording for each test that wants one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from kept import Kept, keep_one


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """One recording per test process; nobody changes it."""
    return keep_one(tmp_path_factory.mktemp("template"))


@pytest.fixture
def kept(template: Kept, tmp_path: Path) -> Kept:
    """A copy to do anything with."""
    return template.copy(tmp_path / "desk")


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """A folder where syncing costs nothing, if there is one: for tests of many short runs."""
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > 256 << 20
    with tempfile.TemporaryDirectory(dir=memory if has_room else None) as directory:
        yield Path(directory)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs whole commands as slow: ``make check`` must stay under a minute."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and item.get_closest_marker("prove") is None:
            item.add_marker(pytest.mark.slow)
