# SPDX-License-Identifier: EUPL-1.2
"""Settings: which value wins, what is wrong, and that nothing wrong stops the rest."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from recorder.config import (
    Config,
    KeyStoreKind,
    Loaded,
    Origin,
    load,
    places,
    require,
    settings,
)
from recorder.config.environment import variable
from recorder.config.layers import KNOWN_KEYS
from recorder.errors import ConfigError

Setup = Callable[..., Loaded]


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    """Load settings from texts: ``setup(user=…, machine=…, KEYS_STORE="file")``."""

    def make(
        *, user: str | bytes = "", machine: str | bytes | None = None, **variables: str
    ) -> Loaded:
        (tmp_path / "config.toml").write_bytes(_bytes(user))
        machine_file = tmp_path / "machine" / "config.toml"
        machine_file.parent.mkdir(exist_ok=True)
        if machine is not None:
            machine_file.write_bytes(_bytes(machine))
        environ = {"MODOPTAGER_HOME": str(tmp_path), "PATH": "/bin"}
        environ.update({f"MODOPTAGER_{name}": text for name, text in variables.items()})
        return load(places(environ), environ, machine_file=machine_file)

    return make


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def shown(loaded: Loaded) -> list[str]:
    """Problems without the folder of the test."""
    return [
        str(problem).replace(str(Path(problem.where).parent) + os.sep, "")
        for problem in loaded.problems
    ]


def test_without_any_file_the_defaults_hold(setup: Setup) -> None:
    loaded = setup()
    assert loaded.config == Config()
    assert require(loaded) == Config()
    assert loaded.notices == ()
    assert {source.origin for source in loaded.sources.values()} == {Origin.DEFAULT}
    assert tuple(loaded.sources) == KNOWN_KEYS


def test_each_source_beats_the_one_before(setup: Setup) -> None:
    machine = "language = 'en'\n[archive]\nattempts = 4\nwatch_interval = 100\n[capture]\nrate = 0"
    user = "[archive]\nattempts = 5\nwatch_interval = 200"
    loaded = setup(machine=machine, user=user, ARCHIVE_ATTEMPTS="6")
    assert (loaded.config.language, loaded.config.archive.watch_interval) == ("en", 200)
    assert loaded.config.archive.attempts == 6
    assert {key: loaded.sources[key].origin for key in KNOWN_KEYS[-2:]} == {
        "archive.attempts": Origin.ENVIRONMENT,
        "archive.watch_interval": Origin.USER,
    }
    assert loaded.sources["language"].origin is Origin.MACHINE
    assert loaded.sources["archive.attempts"].where == "MODOPTAGER_ARCHIVE_ATTEMPTS"
    assert loaded.sources["archive.watch_interval"].where.endswith("config.toml")


# --- locks ----------------------------------------------------------------------------------------


def test_a_locked_setting_beats_user_and_environment(setup: Setup) -> None:
    loaded = setup(
        machine="[locked]\nkeys = ['archive.attempts']\n[archive]\nattempts = 4",
        user="[archive]\nattempts = 5",
        ARCHIVE_ATTEMPTS="6",
    )
    assert loaded.config.archive.attempts == 4
    assert loaded.sources["archive.attempts"].is_locked
    assert not loaded.sources["archive.watch_interval"].is_locked
    assert loaded.problems == ()
    assert [notice.split("config.toml: ")[-1] for notice in loaded.notices] == [
        "archive.attempts is ignored: IT has locked this setting",
        "MODOPTAGER_ARCHIVE_ATTEMPTS is ignored: IT has locked this setting",
    ]


def test_a_locked_setting_without_a_value_keeps_its_default(setup: Setup) -> None:
    loaded = setup(machine="[locked]\nkeys = ['keys.*']", KEYS_STORE="file", KEYS_DIRECTORY="/k")
    assert loaded.config.keys == Config().keys
    assert loaded.sources["keys.store"].origin is Origin.DEFAULT
    assert len(loaded.notices) == 2


def test_a_locked_section_holds_the_sections_below_it(setup: Setup) -> None:
    loaded = setup(
        machine="[locked]\nkeys = ['archive.*']\n[archive.folder]\npath = '/it'",
        user="[archive.folder]\npath = '/user'\nallow_same_volume = true",
        ARCHIVE="/environment",
    )
    assert loaded.config.archive.folder.path == str(Path("/it").absolute())
    assert not loaded.config.archive.folder.allow_same_volume


def test_the_short_variable_does_not_loosen_the_rules_for_a_locked_folder(setup: Setup) -> None:
    loaded = setup(
        machine="[locked]\nkeys = ['archive.folder.path']\n[archive.folder]\npath = '/it'",
        ARCHIVE="/environment",
    )
    assert loaded.config.archive.folder.path == str(Path("/it").absolute())
    assert not loaded.config.archive.folder.allow_same_volume
    assert loaded.notices == ("MODOPTAGER_ARCHIVE is ignored: IT has locked this setting",)


@pytest.mark.parametrize(
    "broken",
    ["[locked", "locked = 3", "[locked]\nkeys = 'archive.*'", "[locked]\nkyes = []", b"\xff\n"],
)
def test_a_machine_file_whose_locks_cannot_be_read_locks_everything(
    setup: Setup, broken: str | bytes
) -> None:
    loaded = setup(machine=broken, user="language = 'en'", ARCHIVE="/elsewhere")
    assert len(loaded.problems) == 1
    assert all(source.is_locked for source in loaded.sources.values())
    assert loaded.config == Config()


def test_an_unknown_lock_is_a_problem_and_the_others_hold(setup: Setup) -> None:
    loaded = setup(
        machine="# IT\n[locked]\nkeys = ['key.store', 'arch*', 'archive.attempts']",
        ARCHIVE_ATTEMPTS="6",
        ARCHIVE_WATCH_INTERVAL="7",
    )
    first, second = shown(loaded)
    assert first.startswith(
        'config.toml:3: locked.keys[0]: is not known; did you mean "keys.store"?'
    )
    assert second.startswith("config.toml:3: locked.keys[1]: is not known")
    assert loaded.config.archive.attempts == 3
    assert loaded.config.archive.watch_interval == 7


def test_the_user_cannot_lock_anything(setup: Setup) -> None:
    loaded = setup(user="[locked]\nkeys = ['*']", LANGUAGE="en")
    assert loaded.config.language == "en"
    assert [problem.key for problem in loaded.problems] == ["locked"]


def test_nothing_in_the_environment_moves_the_machine_file(tmp_path: Path) -> None:
    names = ("HOME", "XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "PROGRAMDATA", "MODOPTAGER_HOME")
    moved = places(dict.fromkeys(names, str(tmp_path)))
    assert moved.machine_config == places({}).machine_config
    assert tmp_path not in moved.machine_config.parents


# --- problems -------------------------------------------------------------------------------------


def test_all_problems_come_at_once_with_line_and_what_is_allowed(setup: Setup) -> None:
    loaded = setup(
        machine="[vault]\noverwrite = 1",
        user="""\
language = "fr"
arhcive = 3

[capture]
rate = 10
depth = "16"
fall_back = false
x.y = 1
[archive.folder]
path = 7
""",
        CAPTURE_CHANNELS="3",
        CAPTUR_RATE="1",
    )
    tables = "language, vault, keys, capture, archive"
    keys = "microphone, rate, channels, depth, fall_back"
    lines = shown(loaded)
    unknown = lines.pop(7)
    assert lines == [
        "config.toml:2: vault.overwrite: must be true or false",
        "config.toml:1: language: must be one of: da, en",
        f'config.toml:2: arhcive: is not known; did you mean "archive"? Allowed: {tables}',
        "config.toml:5: capture.rate: must be 0 (the microphone's own rate) or from 8000 to 192000",
        "config.toml:6: capture.depth: must be one of: 16, 24",
        f"config.toml:8: capture.x: is not known; allowed: {keys}",
        "config.toml:10: archive.folder.path: must be text",
        "MODOPTAGER_CAPTURE_CHANNELS: capture.channels: must be one of: 1, 2",
    ]
    assert unknown.startswith('MODOPTAGER_CAPTUR_RATE: is not known; did you mean "MODOPTAGER_CAPT')
    assert not loaded.config.capture.fall_back, "the valid rest counts"
    with pytest.raises(ConfigError) as caught:
        require(loaded)
    assert len(caught.value.problems) == 9
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\nb = = 2\n", "config.toml:2: is not valid TOML"),
        ("[capture]\nrate = 8000\nrate = 9000\n", "config.toml:3: is not valid TOML"),
        ('a = 1\n\nb = "x', "config.toml:3: is not valid TOML"),
        ("a = 1\n[vault", "config.toml:2: is not valid TOML"),
        (b"a = 1\nb = '\xe6'", "config.toml:2: is not UTF-8 text"),
        (b"#" * (256 * 1024 + 1), "config.toml: is larger than 262144 bytes"),
        ("a = " + "[" * 100_000, "config.toml: is nested too deep"),
        ("a" + ".a" * 100_000 + " = 1", "config.toml:1: has a line with too many dots"),
        ("a = " + "1" * 5000, "config.toml:1: is not valid TOML"),
    ],
)
def test_a_broken_file_is_one_sentence_and_the_defaults_hold(
    setup: Setup, text: str | bytes, said: str
) -> None:
    loaded = setup(user=text, CAPTURE_CHANNELS="2")
    (problem,) = shown(loaded)
    assert problem.startswith(said)
    assert loaded.config.capture.channels == 2


def test_a_folder_in_the_files_place_is_one_sentence(tmp_path: Path) -> None:
    environ = {"MODOPTAGER_HOME": str(tmp_path)}
    (problem,) = load(places(environ), environ, machine_file=tmp_path).problems
    assert problem.message == "is not a file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_the_files_place_does_not_make_us_wait(tmp_path: Path) -> None:
    environ = {"MODOPTAGER_HOME": str(tmp_path)}
    os.mkfifo(tmp_path / "config.toml")
    (problem,) = load(places(environ), environ, machine_file=tmp_path / "none").problems
    assert problem.message == "is not a file"


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may read everything"
)
def test_an_unreadable_file_is_one_sentence(tmp_path: Path) -> None:
    environ = {"MODOPTAGER_HOME": str(tmp_path)}
    (tmp_path / "config.toml").touch(mode=0)
    (problem,) = load(places(environ), environ, machine_file=tmp_path / "none").problems
    assert problem.message.startswith("cannot be read")


def test_a_path_through_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    environ = {"MODOPTAGER_HOME": str(tmp_path / "file")}
    (problem,) = load(places(environ), environ, machine_file=tmp_path / "none").problems
    assert problem.message.startswith("cannot be read")


def test_a_byte_order_mark_is_forgiven(setup: Setup) -> None:
    loaded = setup(user=b"\xef\xbb\xbflanguage = 'en'\r\n")
    assert require(loaded).language == "en"


def test_a_file_of_thousands_of_unknown_keys_still_gives_its_valid_ones(setup: Setup) -> None:
    junk = "".join(f"key{number} = 1\n" for number in range(10_000))
    loaded = setup(user=junk + "[archive]\nattempts = 9\nwatch_interval = 'x'")
    assert loaded.config.archive.attempts == 9
    assert loaded.config.archive.watch_interval == 60
    assert 1 < len(loaded.problems) <= 100


def test_a_broken_locked_value_is_a_problem_and_the_default_stays_locked(setup: Setup) -> None:
    machine = "[locked]\nkeys = ['archive.attempts']\n[archive]\nattempts = 0"
    loaded = setup(machine=machine, user="[archive]\nattempts = 9")
    assert loaded.config.archive.attempts == 3
    assert shown(loaded) == ["config.toml:4: archive.attempts: must be a whole number from 1 to 20"]


def test_key_files_need_a_folder(setup: Setup) -> None:
    loaded = setup(user="[keys]\nstore = 'file'")
    assert loaded.config.keys.store is KeyStoreKind.OS
    assert loaded.sources["keys.store"].origin is Origin.DEFAULT
    (problem,) = shown(loaded)
    assert problem.startswith("config.toml: keys.store: needs keys.directory")


# --- environment ----------------------------------------------------------------------------------


def test_every_setting_has_a_variable_of_its_own() -> None:
    names = {variable(key) for key in KNOWN_KEYS} | {"MODOPTAGER_ARCHIVE", "MODOPTAGER_HOME"}
    assert len(names) == len(KNOWN_KEYS) + 2


def test_variables_are_read_as_their_settings_type(setup: Setup) -> None:
    loaded = setup(
        KEYS_STORE="file",
        KEYS_DIRECTORY="/keys",
        CAPTURE_RATE="48000",
        CAPTURE_DEPTH="24",
        CAPTURE_FALL_BACK="No",
        CAPTURE_MICROPHONE="1",
        LANGUAGE="en",
    )
    config = require(loaded)
    assert config.keys.store is KeyStoreKind.FILE
    assert (config.capture.rate, config.capture.depth) == (48000, 24)
    assert config.capture.fall_back is False
    assert config.capture.microphone == "1"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CAPTURE_RATE", "48k"),
        ("CAPTURE_RATE", "٤٨٠٠٠"),
        ("CAPTURE_RATE", "9" * 5000),
        ("CAPTURE_FALL_BACK", "maybe"),
        ("KEYS_STORE", "disk"),
        ("ARCHIVE_ADAPTER", "../folder"),
        ("CAPTURE_MICROPHONE", "a\x1bb"),
        ("ARCHIVE", "a\udcffb"),
    ],
)
def test_a_wrong_variable_is_named_and_left_out(setup: Setup, name: str, text: str) -> None:
    loaded = setup(**{name: text})
    (problem,) = loaded.problems
    assert problem.where == f"MODOPTAGER_{name}"
    assert text not in problem.message
    assert (
        settings(loaded.config).items()
        >= {
            key: value for key, value in settings(Config()).items() if "same_volume" not in key
        }.items()
    )


def test_naming_an_archive_allows_its_volume(setup: Setup, tmp_path: Path) -> None:
    folder = require(setup(ARCHIVE=str(tmp_path))).archive.folder
    assert (folder.path, folder.allow_same_volume) == (str(tmp_path), True)


def test_the_long_name_beats_the_short_one(setup: Setup) -> None:
    loaded = setup(ARCHIVE="/short", ARCHIVE_FOLDER_PATH="/long")
    assert loaded.config.archive.folder.path == str(Path("/long").absolute())


def test_empty_variables_count_as_unset(setup: Setup) -> None:
    loaded = setup(ARCHIVE="", CAPTURE_RATE="", NONSENSE="")
    assert require(loaded) == Config()


# --- places ---------------------------------------------------------------------------------------


def test_relative_paths_count_from_their_file_or_the_working_directory(
    setup: Setup, tmp_path: Path
) -> None:
    user = "[archive.folder]\npath = '../archive'\n[keys]\ndirectory = '~/keys'"
    config = setup(user=user).config
    assert config.archive.folder.path == str(tmp_path / ".." / "archive")
    assert config.keys.directory == str(Path("~/keys").expanduser())
    assert setup(ARCHIVE="x").config.archive.folder.path == str(Path.cwd() / "x")


def test_home_moves_vault_ledger_and_user_settings(tmp_path: Path) -> None:
    found = places({"MODOPTAGER_HOME": str(tmp_path)})
    assert found.home == tmp_path
    assert found.vault == tmp_path / "vault"
    assert found.ledger == tmp_path / "ledger.jsonl"
    assert found.user_config == tmp_path / "config.toml"


@pytest.mark.parametrize("environ", [{}, {"MODOPTAGER_HOME": ""}, {"MODOPTAGER_HOME": "here"}])
def test_all_places_are_absolute(environ: Mapping[str, str]) -> None:
    found = places(environ)
    assert found.home.is_absolute()
    assert found.user_config.is_absolute()
    assert found.machine_config.is_absolute()
