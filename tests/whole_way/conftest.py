# SPDX-License-Identifier: EUPL-1.2
"""A waiting recording for each test that wants one."""

from __future__ import annotations

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
