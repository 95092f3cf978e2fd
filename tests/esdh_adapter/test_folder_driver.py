# SPDX-License-Identifier: EUPL-1.2
"""The folder archive passes the suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from esdh_adapter.driver import CaseNumber, Driver
from esdh_adapter.folder import CLOSED_MARK, FolderDriver, FolderSettings
from esdh_adapter.testing import DriverContract, Harness

ODD = (
    "27.27.27-G01-5-26",
    "24/00027",
    "2022 - 1172",
    "Ærø/ØÅ 2026",
    "..",
    ".hidden",
    "CON",
    "nul.txt",
    "ends.",
    "æ" * 100,
    "æ" * 99 + "ø",
    "100%/~\\*?",
    "a",
    "%61",
)


class TestFolderDriver(DriverContract):
    @pytest.fixture
    def make_harness(self, tmp_path: Path) -> Harness:
        settings = FolderSettings(tmp_path / "archive")

        def open_driver() -> Driver:
            driver = FolderDriver(settings)
            driver.check()
            return driver

        open_driver()
        (settings.root / "closed").mkdir()
        (settings.root / "closed" / CLOSED_MARK).touch()
        return Harness(
            open_driver,
            open_case=CaseNumber("81.03.00-G01-7-26"),
            other_case=CaseNumber("81.03.00-G01-8-26"),
            closed_case=CaseNumber("closed"),
            missing_case=CaseNumber("x" * 101),
            odd_cases=tuple(map(CaseNumber, ODD)),
        )
