# SPDX-License-Identifier: EUPL-1.2
"""A private PulseAudio server with virtual microphones: a real capture path without hardware.

Each server has its own socket, state and configuration, so that many run side by side. What is
played into a sink is what its microphone gives, bit for bit. The server is found through the
environment of the process that records: pass ``SoundServer.environment`` to it.

Rule: without the packages the test fails and names them; a skipped proof is none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PACKAGES = {"pulseaudio": "pulseaudio", "pactl": "pulseaudio-utils", "pacat": "pulseaudio-utils"}
_PATIENCE = 15.0


@dataclass(frozen=True)
class Sink:
    """A loudspeaker whose sound is what one microphone hears."""

    name: str = "mic1"
    """Of the microphone."""
    rate: int = 48_000
    channels: int = 1
    format: str = "s16le"


class SoundServer:
    """A running server."""

    def __init__(self, directory: Path, sinks: Sequence[Sink]) -> None:
        self._directory = directory
        self._sinks = tuple(sinks)
        self._process: subprocess.Popen[bytes] | None = None
        (directory / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
        (directory / "state").mkdir(exist_ok=True)
        self.environment = {
            **os.environ,
            "XDG_RUNTIME_DIR": str(directory / "run"),
            "PULSE_RUNTIME_PATH": str(directory / "run"),
            "PULSE_STATE_PATH": str(directory / "state"),
            "PULSE_COOKIE": str(directory / "cookie"),
            "PULSE_SERVER": f"unix:{directory}/native",
            "ALSA_CONFIG_PATH": str(directory / "asound.conf"),
        }
        self._write_configuration()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = [
            "pulseaudio", "-n", "-F", str(self._directory / "default.pa"), "--daemonize=no",
            "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes", "--realtime=no",
            "--high-priority=no", f"--log-target=file:{self._directory}/pulse.log",
        ]  # fmt: skip
        self._process = subprocess.Popen(command, env=self.environment, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + _PATIENCE
        while self._control("info").returncode:
            assert self._process.poll() is None, (self._directory / "pulse.log").read_text()
            assert time.monotonic() < deadline, "PulseAudio does not answer"

    def stop(self) -> None:
        """End the server; whoever records from it loses the microphone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        (self._directory / "native").unlink(missing_ok=True)

    def hears_also(self, other: SoundServer) -> None:
        """Let who records from this server see the microphones of another one, too."""
        with (self._directory / "asound.conf").open("a") as file:
            file.writelines(
                f"pcm.{sink.name} {{ type pulse server 'unix:{other._directory}/native'"
                f" device {sink.name} hint {{ show on description '{sink.name}' }} }}\n"
                for sink in other._sinks
            )

    def suspend(self, microphone: str, *, is_suspended: bool) -> None:
        """Let a microphone fall silent without an error, or wake it."""
        done = self._control("suspend-source", microphone, "1" if is_suspended else "0")
        assert done.returncode == 0, done.stderr

    def play(self, pcm: bytes, sink: Sink) -> subprocess.Popen[bytes]:
        """Begin to play samples in the sink's own format."""
        command = [
            "pacat", "-p", "-d", f"spk_{sink.name}", "--raw", f"--format={sink.format}",
            f"--rate={sink.rate}", f"--channels={sink.channels}", "--latency-msec=500",
        ]  # fmt: skip
        player = subprocess.Popen(command, stdin=subprocess.PIPE, env=self.environment)
        assert player.stdin is not None
        player.stdin.write(pcm)
        player.stdin.close()
        return player

    def wait_until_unrecorded(self) -> None:
        """Wait until nobody records any more; the server hears of it a moment later."""
        deadline = time.monotonic() + _PATIENCE
        while self._recorders():
            assert time.monotonic() < deadline, "somebody still records"

    def _recorders(self) -> list[str]:
        rows = self._control("list", "short", "source-outputs").stdout.decode().splitlines()
        return [row for row in rows if row.split("\t")[2] != "-"]  # "-" is the server itself

    def _control(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["pactl", *arguments], env=self.environment, capture_output=True, check=False
        )

    def _write_configuration(self) -> None:
        socket = f"{self._directory}/native"
        lines = [f"load-module module-native-protocol-unix socket={socket} auth-anonymous=1"]
        devices = ["</usr/share/alsa/alsa.conf>", "pcm.!default { type pulse }"]
        devices.append("ctl.!default { type pulse }")
        for sink in self._sinks:
            speaker = f"spk_{sink.name}"
            form = f"rate={sink.rate} format={sink.format} channels={sink.channels}"
            # Without norewinds an idle null sink works in blocks of 2 s, which are lost.
            lines.append(f"load-module module-null-sink sink_name={speaker} {form} norewinds=1")
            name = f"source_name={sink.name}"
            lines.append(f"load-module module-remap-source {name} master={speaker}.monitor")
            shown = f'hint {{ show on description "{sink.name}" }}'
            devices.append(f"pcm.{sink.name} {{ type pulse device {sink.name} {shown} }}")
        lines.append(f"set-default-source {self._sinks[0].name}")
        (self._directory / "default.pa").write_text("\n".join(lines) + "\n")
        (self._directory / "asound.conf").write_text("\n".join(devices) + "\n")


@contextmanager
def sound_server(directory: Path, sinks: Sequence[Sink] = (Sink(),)) -> Iterator[SoundServer]:
    """Run a server for the time of a ``with`` block.

    Args:
        directory: Empty and short: a socket's path may have 107 bytes.
        sinks: The loudspeakers, each with its microphone; the first is the default.
    """
    missing = sorted({package for tool, package in PACKAGES.items() if not shutil.which(tool)})
    assert not missing, f"install these packages to run this test: {', '.join(missing)}"
    server = SoundServer(directory, sinks)
    server.start()
    try:
        yield server
    finally:
        server.stop()
