# SPDX-License-Identifier: EUPL-1.2
"""Makes a failing assertion of the shipped suite say what it compared, and stops leaking watchers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from esdh_adapter import durable

pytest.register_assert_rewrite("esdh_adapter.testing")


@pytest.fixture(autouse=True)
def _no_watcher_is_left() -> Iterator[None]:
    yield
    durable.watch(None)
