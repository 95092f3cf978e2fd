# SPDX-License-Identifier: EUPL-1.2
"""A caseworker's computer for tests: own vault, keys and archive, and the real command line.

desk = Desk(tmp_path)
ran = desk.run("record", "--source", f"file:{wav}", "--fast", "--json")
assert ran.code == 0
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from recorder.archive.workplace import Workplace
from recorder.config.load import load, require
from recorder.config.places import places
from recorder.vault.keystore import FileKeyStore
from recorder.vault.vault import Vault

COMMAND = (sys.executable, "-m", "recorder")
CASE = "27.03.00-G01-4711-26"
NAMES = ("Åse Ærlighed Opdigtet", "Bjørn Øst Eksempelsen")
PLACE = "Eksempelby Rådhus, mødelokale Blåbær"
PURPOSE = "Opfølgningssamtale om støtte i hverdagen"
PATIENCE = 60.0

Event = Mapping[str, Any]
"""One JSON line of the command."""


def meeting(**changes: object) -> dict[str, object]:
    """Document a meeting with everybody's permission; ``changes`` replaces whole members."""
    when = "2026-01-05T10:00:00+01:00"
    permission = {"given": True, "how": "oral", "when": when}
    roles = ("citizen", "caseworker")
    people = [
        {"name": name, "role": role, "permission": permission}
        for name, role in zip(NAMES, roles, strict=True)
    ]
    documented: dict[str, object] = {
        "case_number": CASE,
        "place": PLACE,
        "purpose": PURPOSE,
        "participants": people,
        "guidance": {"given": True, "when": when, "by": NAMES[1]},
    }
    return documented | changes


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    code: int
    out: str
    said: str
    """What it wrote for a person."""

    @property
    def events(self) -> list[Event]:
        """Standard output as JSON lines; fails where it holds anything else."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def result(self) -> Event:
        """The event that every ``--json`` run of a recording ends with."""
        last = self.events[-1]
        assert last["event"] == "result", self
        return last

    def find(self, name: str) -> list[Event]:
        return [event for event in self.events if event["event"] == name]


class Desk:
    """One user on one computer."""

    def __init__(self, directory: Path, *, home: Path | None = None) -> None:
        self.directory = directory
        self.home = home or directory / "home"
        self.keys = directory / "keys"
        self.archive = directory / "archive"
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("MODOPTAGER_")},
            "MODOPTAGER_HOME": str(self.home),
            "MODOPTAGER_ARCHIVE": str(self.archive),
            "MODOPTAGER_LANGUAGE": "en",
            "MODOPTAGER_KEYS_STORE": "file",
            "MODOPTAGER_KEYS_DIRECTORY": str(self.keys),
            "MODOPTAGER_ARCHIVE_ATTEMPTS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.meeting = self.write("meeting.json", meeting())

    def write(self, name: str, content: object) -> Path:
        """Put a JSON file onto the desk."""
        path = self.directory / name
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return path

    def run(self, *arguments: str | Path, said: str = "", timeout: float = PATIENCE) -> Ran:
        """Run a command to its end."""
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            input=said.encode(),
            capture_output=True,
            env=self.environment,
            timeout=timeout,
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def record(self, sound: Path, *more: str) -> Ran:
        """Record from a file as fast as it can be stored, with JSON lines."""
        return self.run(
            "record", "--meeting", self.meeting, "--source", f"file:{sound}", "--fast", "--json",
            *more,
        )  # fmt: skip

    def folder(self, recording: str) -> Path:
        """Where the archive has a recording; fails unless it is in exactly one case."""
        (found,) = self.archive.glob(f"*/{recording}")
        return found

    def sets(self) -> list[Path]:
        """Every set of documents in the archive."""
        return [path for path in self.archive.glob("*/*") if path.is_dir()]

    def ids(self) -> list[str]:
        """What is in the vault."""
        return [str(each) for each in self.vault().ids()]

    def vault(self, keys: Path | None = None) -> Vault:
        """Open the vault in this process."""
        return Vault(self.home / "vault", FileKeyStore(keys or self.keys), self.workplace().clock)

    def workplace(self) -> Workplace:
        """The same computer for use in this process."""
        found = places(self.environment)
        return Workplace(require(load(found, self.environment)), found)


def check_set(folder: Path) -> None:
    """Let the usual tools check a set of documents, without the program."""
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done
    names = {line[66:] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    later = {"SHA256SUMS", "completion.json", "receipt.txt"}
    assert {path.name for path in folder.iterdir() if path.is_file()} == names | later


def check_contract(events: Sequence[Event]) -> None:
    """Check what the contract says of every line, whatever the command."""
    for event in events:
        assert {"event", "id", "time", "state"} <= event.keys(), event
    assert [event["event"] for event in events].index("result") == len(events) - 1
    result = events[-1]
    assert {"id", "state", "folder", "parts", "gaps"} <= result.keys()
    wanted = {"file", "sha256", "samples_sha256", "samples", "rate", "channels", "depth"}
    assert all(set(part) == wanted for part in result["parts"])


class Recorder:
    """A ``record`` command that is still at work."""

    def __init__(
        self, desk: Desk, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "record", "--json", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**desk.environment, **(environment or {})},
        )
        self.events: list[Event] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def say(self, command: str, **more: object) -> None:
        """Give a command over standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"cmd": command, **more}).encode() + b"\n")
        self.process.stdin.flush()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait_for(self, name: str, test: Callable[[Event], bool] = lambda _event: True) -> Event:
        """Wait for an event."""
        deadline, seen = time.monotonic() + PATIENCE, 0
        while True:
            is_over = not self._reader.is_alive()
            for event in self.events[seen:]:
                seen += 1
                if event["event"] == name and test(event):
                    return event
            assert not is_over, (name, self.events[-5:], self.error())
            assert time.monotonic() < deadline, (name, self.events[-5:])
            self._reader.join(0.02)

    def take(self, seconds: float) -> None:
        """Wait until so much more sound has been taken."""
        levels = [event["elapsed"] for event in self.events if event["event"] == "level"]
        wanted = (levels[-1] if levels else 0.0) + seconds
        self.wait_for("level", lambda event: event["elapsed"] >= wanted)

    def end(self) -> Ran:
        """Wait for its end."""
        self._reader.join(PATIENCE)
        code = self.process.wait(PATIENCE)
        out = "".join(json.dumps(event) + "\n" for event in self.events)
        return Ran(code, out, self.error())

    def error(self) -> str:
        assert self.process.stderr is not None
        self.process.wait(PATIENCE)
        return "" if self.process.stderr.closed else self.process.stderr.read().decode()

    def close(self) -> None:
        """Make sure that nothing is left of it."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_unused: object) -> None:
        self.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append(json.loads(line))
