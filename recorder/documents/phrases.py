# SPDX-License-Identifier: EUPL-1.2
"""How times, lengths, roles and hashes are put into words, the same in every document."""

from __future__ import annotations

import datetime as dt

from recorder.lifecycle.parts import GapCause
from recorder.meeting.model import PermissionForm, Role
from recorder.words import N_, _

KEY_FILE = "key file"
"""How a key store describes itself that keeps keys in files."""

_ROLES = {
    Role.CITIZEN: N_("citizen"),
    Role.CASEWORKER: N_("caseworker"),
    Role.COMPANION: N_("companion"),
    Role.INTERPRETER: N_("interpreter"),
    Role.REPRESENTATIVE: N_("representative"),
    Role.LEADER: N_("leader"),
    Role.OTHER: N_("other participant"),
}

_FORMS = {
    PermissionForm.ORAL: N_("orally"),
    PermissionForm.WRITTEN: N_("in writing"),
    PermissionForm.DRAWN: N_("with a drawn signature"),
}

_CAUSES = {
    GapCause.PAUSE: N_("paused"),
    GapCause.DEVICE_LOST: N_("the microphone was lost"),
    GapCause.STALLED: N_("no sound came from the microphone"),
    GapCause.SAMPLES_LOST: N_("sound was lost on its way into the program"),
    GapCause.PROCESS_REPLACED: N_("the recording process stopped and was replaced"),
    GapCause.CONTINUED: N_("the recording was continued later"),
    GapCause.STORE_FAILED: N_("the sound could not be stored"),
    GapCause.SOURCE_BROKE_OFF: N_("the source of the sound broke off"),
    GapCause.DAMAGED: N_("the stored sound is damaged from here on"),
}


def role(value: Role) -> str:
    """Name a role."""
    return _(_ROLES[value])


def form(value: PermissionForm) -> str:
    """Say how a permission was given."""
    return _(_FORMS[value])


def cause(value: GapCause) -> str:
    """Say why sound is missing."""
    return _(_CAUSES[value])


def moment(value: dt.datetime) -> str:
    """Write a time as people here write it, in local time.

    Args:
        value: With a time zone.

    Returns:
        In Danish ``21-11-2026 kl. 18.04``.
    """
    return value.astimezone().strftime(_("%Y-%m-%d at %H:%M"))


def length(seconds: float) -> str:
    """Write a length of time.

    Args:
        seconds: Not negative.

    Returns:
        ``h:mm:ss`` with tenths below a minute.
    """
    if seconds < 60:  # noqa: PLR2004 - a minute
        # What the catalogue makes of "1.5" shows which mark people here write.
        return _("{seconds} seconds").format(seconds=f"{seconds:.1f}".replace(".", _("1.5")[1]))
    return clock_time(seconds)


def clock_time(seconds: float) -> str:
    """Write a running time.

    Args:
        seconds: Not negative.

    Returns:
        ``h:mm:ss``.
    """
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def key_store(description: str) -> str:
    """Name a key store.

    Args:
        description: As the key store describes itself.

    Returns:
        A key file in words; the operating system's by its own name.
    """
    return _("a key file") if description == KEY_FILE else description


def grouped(digits: str) -> str:
    """Write a hash or id in groups of four, to be read aloud or compared by eye.

    Args:
        digits: Without spaces.

    Returns:
        The groups with a space between.
    """
    return " ".join(digits[n : n + 4] for n in range(0, len(digits), 4))
