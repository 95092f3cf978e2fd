# SPDX-License-Identifier: EUPL-1.2
"""Which microphones there are, and which one is meant.

``python -m recorder.capture.devices`` prints them as JSON. The list is made in a child process
because PortAudio sees new devices only after a restart, which would end a running recording.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import msgspec

from recorder.errors import DeviceError
from recorder.words import _

_PATIENCE = 20.0  # seconds: a sound system that hangs must not hang its user


class InputDevice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device that gives sound."""

    index: int
    """As PortAudio counts; changes whenever devices come and go."""
    name: str
    channels: int
    """The most that it offers."""
    rate: int
    """Its own frames per second."""
    is_default: bool


def list_devices() -> list[InputDevice]:
    """List the microphones, without touching a recording of this process.

    Returns:
        The devices, the system's default first.

    Raises:
        DeviceError: If the sound system does not answer.
    """
    # -P: a folder named "recorder" where the user stands must not be run.
    command = (sys.executable, "-P", "-m", "recorder.capture.devices")
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=True)
        return msgspec.json.decode(done.stdout, type=list[InputDevice])
    except (OSError, subprocess.SubprocessError, msgspec.DecodeError) as error:
        raise DeviceError(_("The sound system of this computer does not answer.")) from error


def present_devices() -> list[InputDevice]:
    """List the microphones that this process's PortAudio knows.

    Returns:
        The devices, the system's default first.

    Raises:
        DeviceError: If PortAudio is missing or does not answer.
    """
    try:
        import sounddevice  # noqa: PLC0415 - starts the sound system
    except OSError as error:
        raise DeviceError(_("The sound library PortAudio is not installed.")) from error
    try:
        rows = list(sounddevice.query_devices())
        default = sounddevice.default.device[0]
    except sounddevice.PortAudioError as error:
        raise DeviceError(_("The sound system of this computer does not answer.")) from error
    devices = [
        InputDevice(
            index=index,
            name=row["name"],
            channels=row["max_input_channels"],
            rate=int(row["default_samplerate"]),
            is_default=index == default,
        )
        for index, row in enumerate(rows)
        if row["max_input_channels"] > 0
    ]
    return sorted(devices, key=lambda device: not device.is_default)


def find_device(devices: Sequence[InputDevice], name: str) -> InputDevice | None:
    """Find the device that a name means.

    Args:
        devices: Those there are.
        name: All of its name, or a part that no other has; empty for the system's default.

    Returns:
        The device, or none if there is none or more than one.
    """
    if not name:
        return next(iter(devices), None)
    exact = [device for device in devices if device.name == name]
    if exact:
        return exact[0]
    partial = [device for device in devices if name.casefold() in device.name.casefold()]
    return partial[0] if len(partial) == 1 else None


def main() -> int:
    """Print the devices as JSON.

    Returns:
        The exit code.
    """
    try:
        devices = present_devices()
    except DeviceError as error:
        return error.exit_code
    sys.stdout.write(msgspec.json.encode(devices).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
