# SPDX-License-Identifier: EUPL-1.2
"""Names in a folder archive: ``<percent-encoded case>/<set>/<file>``, safe on every file system.

Case numbers are encoded, because they hold slashes and blanks. Set ids and file names are ours and
are checked instead, so that ``sha256sum -c`` finds the names it was given. Limit: where a file
system takes no difference between capitals and small letters, two case numbers that differ in
nothing else share a folder; the sidecars still tell them apart.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import quote

from esdh_adapter.driver import CaseNumber
from esdh_adapter.errors import N_, NotFoundError, RefusedError

MAX_CASE_NUMBER = 100
"""Characters; no system's numbers are a third as long."""

MAX_NAME_BYTES = 200
"""A file name in UTF-8: 255 less what partial files and sidecars add."""

_MAX_DIRECTORY_BYTES = 255
_DIGEST_DIGITS = 16

# Names that Windows takes for devices, with any extension (Win32 "Naming Files").
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul"}
    | {f"{port}{digit}" for port in ("com", "lpt") for digit in "123456789¹²³"}
)
_ILLEGAL = frozenset('/\\<>:"|?*')
_SET_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_DIRECTORY = re.compile(r"[A-Za-z0-9._%~-]{1,255}")


def checked_case_number(number: str) -> CaseNumber:
    """Bring a case number into the one form that is used for it.

    Args:
        number: As a person typed it.

    Returns:
        The number, composed (Unicode NFC).

    Raises:
        NotFoundError: If nothing can have such a number.
    """
    composed = unicodedata.normalize("NFC", number)
    if not composed.strip():
        raise NotFoundError(N_("the case number is empty"))
    if len(composed) > MAX_CASE_NUMBER:
        raise NotFoundError(
            N_("the case number is longer than {limit} characters"), limit=MAX_CASE_NUMBER
        )
    if _has_controls(composed):
        raise NotFoundError(N_("the case number holds invisible characters"))
    return CaseNumber(composed)


def case_directory(number: CaseNumber) -> str:
    """Name the folder of a case.

    Args:
        number: From ``checked_case_number``.

    Returns:
        The name: percent-encoded UTF-8 (RFC 3986), and where that is too long for a folder its
        beginning, ``~`` and the first digits of its SHA-256.
    """
    encoded = quote(number, safe="").replace("~", "%7E")
    if encoded.startswith("."):
        encoded = "%2E" + encoded[1:]
    if encoded.endswith("."):
        encoded = encoded[:-1] + "%2E"
    if _is_device(encoded):
        encoded = f"%{ord(encoded[0]):02X}{encoded[1:]}"
    if len(encoded) <= _MAX_DIRECTORY_BYTES:
        return encoded
    digest = hashlib.sha256(number.encode()).hexdigest()[:_DIGEST_DIGITS]
    return f"{encoded[: _MAX_DIRECTORY_BYTES - _DIGEST_DIGITS - 1]}~{digest}"


def is_case_directory(name: str) -> bool:
    """Tell whether a folder's name can be that of a case.

    Args:
        name: The name.

    Returns:
        Whether ``case_directory`` could have made it.
    """
    return bool(_DIRECTORY.fullmatch(name)) and not name.startswith(".")


def is_set_id(text: str) -> bool:
    """Tell whether a text can be the id of a set and the name of its folder.

    Args:
        text: The id.

    Returns:
        Whether it is safe as a name.
    """
    return bool(_SET_ID.fullmatch(text)) and not _is_device(text)


def is_file_name(name: str) -> bool:
    """Tell whether a file name is safe on every file system.

    Args:
        name: The name.

    Returns:
        Whether a document may have it.
    """
    return (
        bool(name)
        and not _has_controls(name)
        and len(name.encode()) <= MAX_NAME_BYTES
        and not _ILLEGAL & set(name)
        and not name.startswith((".", " "))
        and not name.endswith((".", " "))
        and not _is_device(name)
    )


def require_names(set_id: str, name: str) -> None:
    """Refuse a document whose set id or file name is not safe.

    Args:
        set_id: The id of its set.
        name: Its file name.

    Raises:
        RefusedError: If either is not safe.
    """
    if not is_set_id(set_id):
        raise RefusedError(N_("the recording's id cannot be the name of a folder"))
    if not is_file_name(name):
        raise RefusedError(N_("the document's name cannot be the name of a file"))


def _has_controls(text: str) -> bool:
    """Control, format (text direction), surrogate, private and unassigned characters."""
    return any(unicodedata.category(c)[0] == "C" or c in "\u2028\u2029" for c in text)


def _is_device(name: str) -> bool:
    return name.partition(".")[0].rstrip(" ").lower() in _DEVICES
