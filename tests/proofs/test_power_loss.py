# SPDX-License-Identifier: EUPL-1.2
"""Power loss after every operation: SIGKILL keeps the page cache and proves no sync, this does.

From whatever the medium may hold then, the next start keeps the same guarantees. That the proof
would notice a missing sync is shown with media that forget some.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from blackout import LIES, Blackouts, Bypasses
from kills import SCENARIOS
from running import found_by, quick_folder

Recorder = Callable[[str, object], None]

ALL = 4
"""Every quarter of the operations."""

_HERE = Path(__file__).parent
_CALLS = "openat,creat,write,pwrite64,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir"
_CHANGES = re.compile(
    r"(?:creat|rename|renameat2?|link|linkat|unlink|unlinkat|mkdir)\(|"
    r"openat\(.*O_(?:CREAT|TRUNC|WRONLY|RDWR)"
)
_MAKES = re.compile(r"(?:creat|rename|renameat2?|link|linkat|mkdir)\(|openat\(.*O_CREAT")
_ALLOWED = (".modoptager-index.sqlite", ".lock", "__pycache__", "/dev/null", "/dev/urandom")


def _require_sound(found: Blackouts, record_property: Recorder) -> None:
    record_property("proof", f"power loss: {found.scenario}")
    record_property("points", found.operations)
    record_property("count", found.states)
    record_property("seed", found.seed)
    assert not found.broken, found.broken[:5]
    assert found.states > 0


@pytest.mark.slow
@pytest.mark.parametrize("quarter", range(4))
def test_power_lost_after_any_operation_costs_a_second_at_most(
    quarter: int, tmp_path: Path, record_property: Recorder
) -> None:
    found = found_by(Blackouts, tmp_path, "power loss", "record", 11, quarter)

    _require_sound(found, record_property)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "quarter"),
    [
        ("continue", 1),
        ("import and erase", 2),
        ("withdraw while sending", 3),
        ("discard before delivery", 0),
    ],
)
def test_power_lost_on_other_ways_costs_no_more(
    name: str, quarter: int, tmp_path: Path, record_property: Recorder
) -> None:
    found = found_by(Blackouts, tmp_path, "power loss", name, 21, quarter)

    _require_sound(found, record_property)


@pytest.mark.slow
@pytest.mark.parametrize("lie", [lie for lie in LIES if lie != "nothing"])
def test_a_medium_that_forgets_a_sync_is_found_out(lie: str, tmp_path: Path) -> None:
    found = found_by(Blackouts, tmp_path, "power loss", f"record:{lie}", 10, ALL)

    assert found.broken, f"nobody noticed that the syncs of {lie} were not done"


@pytest.mark.prove
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("seed", [35, 45])
@pytest.mark.parametrize("name", list(SCENARIOS))
def test_power_lost_in_thousands_of_ways(
    name: str, seed: int, tmp_path: Path, record_property: Recorder
) -> None:
    found = found_by(Blackouts, tmp_path, "power loss", name, seed, ALL)

    _require_sound(found, record_property)


@pytest.mark.parametrize("name", ["record", "import and erase"])
def test_every_byte_passes_the_durable_layer_and_is_synced_in_the_end(
    name: str, tmp_path: Path
) -> None:
    found = found_by(Bypasses, tmp_path, "bypasses", name, 0, 0)

    assert found.operations > 200
    assert found.files > 20
    assert not found.differences


def test_the_system_sees_no_change_that_bypasses_the_durable_layer(tmp_path: Path) -> None:
    """Libraries in other languages (sound, databases) cannot hide from ``strace``."""
    strace = shutil.which("strace")
    assert strace, "install this package to run this test: strace"
    if subprocess.run([strace, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let one process trace another")
    with quick_folder(tmp_path) as folder:
        trace, told = folder / "trace", folder / "told"
        command = [strace, "-f", "-qq", "-y", "-e", f"trace={_CALLS}", "-s", "0", "-o", str(trace)]
        traced = [sys.executable, str(_HERE / "traced.py"), str(folder / "desk"), str(told)]
        subprocess.run([*command, *traced], check=True)
        changed = _changed(trace.read_text(), f"{folder}/desk/")
        known = set(told.read_text().splitlines())

    assert len(changed) > 30
    assert not {path for path in changed - known if not any(a in path for a in _ALLOWED)}


def _changed(trace: str, below: str) -> set[str]:
    """List the paths under a folder that a traced process changed; with "+" where it made a name."""
    changed = set()
    for line in filter(_CHANGES.search, trace.splitlines()):
        paths = [path for path in re.findall(r'"([^"]*)"', line) if path.startswith(below)]
        changed.update(paths)
        if _MAKES.search(line) and "= -1" not in line:
            changed.update(f"+{path}" for path in paths[-1:])
    return changed
