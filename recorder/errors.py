# SPDX-License-Identifier: EUPL-1.2
"""Everything that can go wrong, in words for the person it happens to.

    RecorderError                     1
    ├── UsageError                    2   the command line was not understood
    ├── ConfigError                   3   a setting is missing or wrong
    ├── PermissionMissingError        4   something that must be documented is not
    ├── WaitingError                  5   the recording is safe and waits
    ├── DeviceError                   6   no microphone, or it cannot be used
    ├── KeyStoreError                 7   the key store is locked, missing or lost a key
    ├── VaultError                    8   the local store cannot be written or read
    │   └── VaultFullError            8
    ├── SourceError                   9   a file to record or import from cannot be used
    ├── AlteredError                 10   what was read is not what was sealed
    ├── UncheckedError               11   it could not be checked
    ├── MissingError                 12   there is no such recording
    ├── BusyError                    13   another process works on it
    ├── DamagedError                 14   the local store is damaged; nothing is wiped
    ├── NotAllowedError              15   the recording's state does not allow this
    └── NotFiledError                16   a note could not be filed, and nothing of it is kept

Exit codes are stable: more may come, none changes its meaning. 70 is an error of the program's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from recorder.words import N_

EXIT_INTERNAL = 70


class RecorderError(Exception):
    """The base of all errors that a person is told about."""

    title: ClassVar[str] = N_("Something went wrong")
    advice: ClassVar[str] = N_("Try again. If it happens again, call IT.")
    exit_code: ClassVar[int] = 1
    is_retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "", *, problems: Sequence[str] = ()) -> None:
        """Say what happened.

        Args:
            detail: One translated sentence without personal data, or nothing.
            problems: Every single problem, each a translated sentence.
        """
        super().__init__(detail)
        self.detail = detail
        self.problems = tuple(problems)


class UsageError(RecorderError):
    """The command line was not understood."""

    title = N_("The command was not understood")
    advice = N_("Run the command with --help to see what it takes.")
    exit_code = 2


class ConfigError(RecorderError):
    """A setting is missing or wrong."""

    title = N_("The settings cannot be used")
    advice = N_("Correct what is listed, then run 'modoptager config check'.")
    exit_code = 3


class PermissionMissingError(RecorderError):
    """Something that must be documented before a recording is not."""

    title = N_("Recording has not begun: something is missing")
    advice = N_("Complete what is listed. Nothing has been recorded.")
    exit_code = 4


class WaitingError(RecorderError):
    """The recording is safe in the vault and waits for something."""

    title = N_("The recording is safe on this device and waits")
    advice = N_("It is sent when you run 'modoptager archive' and the cause is gone.")
    exit_code = 5
    is_retryable = True


class DeviceError(RecorderError):
    """There is no microphone, or it cannot be used."""

    title = N_("There is no microphone that can be used")
    advice = N_("Connect a microphone, check that it is not muted or blocked, and try again.")
    exit_code = 6
    is_retryable = True


class KeyStoreError(RecorderError):
    """The key store is locked, missing or has lost a key."""

    title = N_("The key store does not answer")
    advice = N_("Log in to this computer again so that its key store is unlocked, or call IT.")
    exit_code = 7
    is_retryable = True


class VaultError(RecorderError):
    """The local encrypted store cannot be written or read."""

    title = N_("The local store cannot be used")
    advice = N_("Check that the disk is not full or write-protected. Nothing has been erased.")
    exit_code = 8
    is_retryable = True


class VaultFullError(VaultError):
    """The disk is full."""

    title = N_("The disk is full")
    advice = N_("Free some space. What was recorded until now is safe and will be archived.")


class SourceError(RecorderError):
    """A file to record or import from cannot be used."""

    title = N_("The sound file cannot be used")
    advice = N_("Check that it is the right file. The file has not been touched.")
    exit_code = 9


class AlteredError(RecorderError):
    """What was read is not what was sealed."""

    title = N_("The recording is not as it was sealed")
    advice = N_("Keep everything as it is and call the archivist. Nothing has been erased.")
    exit_code = 10


class UncheckedError(RecorderError):
    """It could not be checked, which is not the same as being fine."""

    title = N_("It could not be checked")
    advice = N_("Try again when the archive can be reached. Until then nothing is proven.")
    exit_code = 11
    is_retryable = True


class MissingError(RecorderError):
    """There is no such recording."""

    title = N_("It was not found")
    advice = N_("Check the id; 'modoptager status' lists what is on this device.")
    exit_code = 12


class BusyError(RecorderError):
    """Another process works on the recording."""

    title = N_("Another Modoptager is working on this recording")
    advice = N_("Wait until it has finished, or close it, and try again.")
    exit_code = 13
    is_retryable = True


class DamagedError(RecorderError):
    """The local store is damaged; nothing may be wiped."""

    title = N_("Part of the recording on this device is damaged")
    advice = N_("Nothing has been erased. Leave the computer as it is and call IT.")
    exit_code = 14


class NotAllowedError(RecorderError):
    """The recording's state does not allow what was asked."""

    title = N_("This cannot be done now")
    advice = N_("See 'modoptager status' for what the recording is waiting for.")
    exit_code = 15


class NotFiledError(RecorderError):
    """A note could not be filed in the case, and nothing of it is kept here."""

    title = N_("It was not filed in the case, and it is not kept on this device")
    advice = N_("Do it again as soon as the archive can be reached. Until then it does not count.")
    exit_code = 16
    is_retryable = True


def error_for(exit_code: int, detail: str = "", problems: Sequence[str] = ()) -> RecorderError:
    """Make the error that another process reported by its exit code.

    Args:
        exit_code: As in the table above.
        detail: What it said, translated.
        problems: Every single problem, translated.

    Returns:
        The error; the base class where the code is unknown.
    """
    for kind in RecorderError.__subclasses__():
        if kind.exit_code == exit_code:
            return kind(detail, problems=problems)
    return RecorderError(detail, problems=problems)
