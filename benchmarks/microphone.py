# SPDX-License-Identifier: EUPL-1.2
"""What recording from a microphone costs, beside ``parecord | flac`` on the same microphone."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.desk import Desk
from benchmarks.measure import Cost, wait
from tests.sound_server import PACKAGES, Sink, sound_server

_RAW = ("--raw", "--format=s16le", "--rate=48000", "--channels=1")


def is_possible() -> bool:
    """Tell whether a private sound server can be run here."""
    return all(shutil.which(tool) for tool in PACKAGES)


def measure(work: Path, sound: Path, seconds: int) -> tuple[Cost, Cost]:
    """Record the same sound with both at the same time.

    Args:
        work: An empty folder.
        sound: A WAVE file; is played from its beginning.
        seconds: How long.

    Returns:
        What ours cost, and what the peer cost.
    """
    desk = Desk(work / "desk")
    # A socket's path may have 107 bytes.
    with tempfile.TemporaryDirectory() as short, sound_server(Path(short)) as server:
        player = server.play(sound.read_bytes()[44:][: (seconds + 10) * 96_000], Sink())
        try:
            return _both(desk, server.environment, work / "peer.flac", seconds)
        finally:
            player.kill()
            player.wait()
            desk.clear()


def _both(
    desk: Desk, sound_system: dict[str, str], target: Path, seconds: int
) -> tuple[Cost, Cost]:
    began = time.monotonic()
    pipeline = (
        f"timeout {seconds} parecord -d mic1 {' '.join(_RAW)} | flac -5 --silent --force"
        " --force-raw-format --endian=little --sign=signed --channels=1 --bps=16"
        f" --sample-rate=48000 -o '{target}' -"
    )
    peer = subprocess.Popen(["sh", "-c", pipeline], env=sound_system)
    ours = subprocess.Popen(
        desk.record_command("mic:mic1", "--seconds", str(seconds)),
        env={**sound_system, **desk.environment, **_only_sound(sound_system)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    cost, code = wait(ours, began)
    other, _code = wait(peer, began)
    if code:
        raise RuntimeError(f"recording from the microphone ended with {code}")
    return cost, other


def _only_sound(environment: dict[str, str]) -> dict[str, str]:
    wanted = ("XDG_RUNTIME_DIR", "PULSE_", "ALSA_")
    return {name: value for name, value in environment.items() if name.startswith(wanted)}
