# SPDX-License-Identifier: EUPL-1.2
"""The walls of the house: sizes, names, floors, and the one door to the disk.

A rule that a file must break is broken by name, with its reason, in the tables below.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent
PACKAGES = ("recorder", "esdh_adapter")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
ALL_CODE = SOURCES + sorted(
    path for folder in ("tests", "scripts", "benchmarks") for path in (ROOT / folder).rglob("*.py")
)

FILE_LINES = 400
FUNCTION_LINES = 50  # without its docstring
LONGER_FILES: dict[str, str] = {}
LONGER_FUNCTIONS: dict[str, str] = {}

EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"}
DANISH_LETTERS = set("æøåÆØÅ")

DOORS = {"recorder/durable.py", "esdh_adapter/durable.py"}
DISK_EXCEPTIONS = {
    "recorder/cli/output.py": "opens the null device in place of a stream that went away",
}
DISK_METHODS = {
    "write_bytes", "write_text", "rename", "unlink", "mkdir", "rmdir", "touch",
    "symlink_to", "hardlink_to",
}  # fmt: skip
DISK_CALLS = {
    "os": {"rename", "replace", "renames", "unlink", "remove", "rmdir", "mkdir", "makedirs",
           "fsync", "fdatasync", "truncate", "ftruncate", "link", "symlink"},
    "shutil": {"copy", "copy2", "copyfile", "copyfileobj", "copytree", "move", "rmtree"},
}  # fmt: skip
CREATING_FLAGS = {"O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"}

HEAVY = {"PySide6", "requests", "av", "sounddevice", "soundfile", "keyring", "numpy", "rich"}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) > 100


def test_files_stay_short() -> None:
    lengths = {_name(path): len(path.read_text("utf-8").splitlines()) for path in ALL_CODE}
    too_long = {name: n for name, n in lengths.items() if n > FILE_LINES}
    assert too_long.keys() <= LONGER_FILES.keys(), too_long
    assert LONGER_FILES.keys() <= too_long.keys(), "an exception that is no longer needed"


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0]
            is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            prose = (first.end_lineno or 0) - first.lineno + 1 if is_docstring else 0
            yield f"{_name(path)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1 - prose


def test_functions_stay_short() -> None:
    too_long = {name: n for path in ALL_CODE for name, n in _functions(path) if n > FUNCTION_LINES}
    assert too_long.keys() <= LONGER_FUNCTIONS.keys(), too_long
    assert LONGER_FUNCTIONS.keys() <= too_long.keys(), "an exception that is no longer needed"


def test_every_file_opens_with_its_licence_and_its_purpose() -> None:
    bad = [
        _name(path)
        for path in ALL_CODE
        if not path.read_text("utf-8").startswith("# SPDX-License-Identifier: EUPL-1.2\n")
        or not ast.get_docstring(_tree(path))
    ]
    assert bad == []


def test_names_say_what_a_module_is_for() -> None:
    assert [_name(p) for p in ALL_CODE if {p.stem, *p.relative_to(ROOT).parts} & EMPTY_NAMES] == []


def test_no_two_files_of_the_tests_have_one_name() -> None:
    # The tests are no packages: of two modules with one name, only the first could be imported.
    names = [path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert sorted(names) == sorted(set(names))


def test_danish_words_live_in_the_catalogue_only() -> None:
    # Tests, the shipped suite for drivers included, try odd names.
    spoken = [p for p in ALL_CODE if "tests" not in p.parts and not p.stem.startswith("testing")]
    assert [_name(p) for p in spoken if DANISH_LETTERS & set(p.read_text("utf-8"))] == []


def _is_writing(call: ast.Call) -> bool:
    """Tell whether a call could create, change or remove a file past the durable module."""
    called = call.func
    if isinstance(called, ast.Name):
        return called.id == "open" and _has_writing_mode(call)
    if not isinstance(called, ast.Attribute):
        return False
    owner = called.value.id if isinstance(called.value, ast.Name) else ""
    if owner == "durable":
        return False
    if owner in DISK_CALLS:
        return called.attr in DISK_CALLS[owner] or (
            (owner, called.attr) == ("os", "open")
            and any(
                isinstance(part, ast.Attribute) and part.attr in CREATING_FLAGS
                for argument in call.args
                for part in ast.walk(argument)
            )
        )
    if called.attr == "replace":
        # Path.replace takes one argument; str.replace two; those of dates and structs are named.
        return len(call.args) == 1 and not call.keywords
    return called.attr in DISK_METHODS or (called.attr == "open" and _has_writing_mode(call))


def _has_writing_mode(call: ast.Call) -> bool:
    texts = [*call.args[:2], *(word.value for word in call.keywords if word.arg == "mode")]
    modes = [text.value for text in texts if isinstance(text, ast.Constant)]
    return any(
        isinstance(mode, str) and set(mode) <= set("rwaxbt+") and set(mode) & set("wax+")
        for mode in modes
    )


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(_tree(path)) if isinstance(node, ast.Call))


def test_the_disk_is_written_through_the_durable_module_only() -> None:
    writing = {
        f"{_name(path)}:{call.lineno}: {ast.unparse(call)[:80]}"
        for path in SOURCES
        if _name(path) not in DOORS | DISK_EXCEPTIONS.keys()
        for call in _calls(path)
        if _is_writing(call)
    }
    assert writing == set()


@pytest.mark.parametrize(
    "code",
    [
        'open("a", "w")', 'open("a", mode="ab")', 'path.open("xb")', 'path.open(mode="r+")',
        "path.write_text(text)", "path.rename(other)", "path.replace(other)", "path.unlink()",
        "os.replace(a, b)", "os.open(a, os.O_RDWR | os.O_CREAT)", "shutil.copyfileobj(a, b)",
    ],
)  # fmt: skip
def test_the_rule_about_the_disk_sees(code: str) -> None:
    call = ast.parse(code, mode="eval").body
    assert isinstance(call, ast.Call)
    assert _is_writing(call)


@pytest.mark.parametrize(
    "code",
    [
        'path.open("rb")', 'text.replace("a", "b")', "moment.replace(tzinfo=UTC)",
        "structs.replace(row, done=True)", "durable.unlink(path)", "slot.open(keystore)",
        "os.open(path, os.O_RDONLY)", "shutil.disk_usage(path)",
    ],
)  # fmt: skip
def test_the_rule_about_the_disk_lets_pass(code: str) -> None:
    call = ast.parse(code, mode="eval").body
    assert isinstance(call, ast.Call)
    assert not _is_writing(call)


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_nothing_uses_temporary_files() -> None:
    # A temporary file would be plaintext outside the vault.
    assert [_name(path) for path in SOURCES if "tempfile" in _imports(path)] == []


def test_qt_is_met_in_the_window_only() -> None:
    outside = [path for path in SOURCES if not _name(path).startswith("recorder/gui/")]
    assert [
        _name(path) for path in outside if any(n.startswith("PySide6") for n in _imports(path))
    ] == []


def test_the_floors_hold(capsys: pytest.CaptureFixture[str]) -> None:
    code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert code == 0, capsys.readouterr().out


def test_starting_the_command_line_loads_nothing_heavy() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, recorder.cli.app; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "recorder.cli.app" in loaded
    assert HEAVY & set(loaded) == set()
