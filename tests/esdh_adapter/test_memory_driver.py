# SPDX-License-Identifier: EUPL-1.2
"""The archive in memory passes the suite, and nobody can configure it."""

from __future__ import annotations

from pathlib import Path

import pytest

from esdh_adapter.driver import CaseNumber
from esdh_adapter.errors import ConfigurationError
from esdh_adapter.memory import MemoryArchive
from esdh_adapter.registry import open_store
from esdh_adapter.testing import DriverContract, Harness

OPEN, OTHER, CLOSED, DENIED = (CaseNumber(f"2026-{i}") for i in range(4))


class TestMemoryDriver(DriverContract):
    @pytest.fixture
    def make_harness(self) -> Harness:
        archive = MemoryArchive(
            cases={OPEN: True, OTHER: True, CLOSED: False, DENIED: True}, denied={DENIED}
        )
        return Harness(
            archive.open_driver,
            open_case=OPEN,
            other_case=OTHER,
            closed_case=CLOSED,
            missing_case=CaseNumber("2026-99"),
            denied_case=DENIED,
        )


def test_no_configuration_can_choose_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="known are: folder"):
        open_store("memory", {}, vault=tmp_path)
