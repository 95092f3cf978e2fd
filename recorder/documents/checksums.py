# SPDX-License-Identifier: EUPL-1.2
"""``SHA256SUMS``: what ``sha256sum -c`` reads (GNU coreutils; also ``shasum -a 256 -c``)."""

from __future__ import annotations

from collections.abc import Sequence

from recorder.identifiers import Sha256Hex

NAME = "SHA256SUMS"


def encode(files: Sequence[tuple[str, Sha256Hex]]) -> bytes:
    """Write the list.

    Args:
        files: Plain file names (no line ends or backslashes) with their hashes.

    Returns:
        One line each, in binary mode's form.

    Raises:
        ValueError: If a name would need escaping.
    """
    for name, _sha256 in files:
        if any(c in name for c in "\\\n\r/"):
            raise ValueError("a file name that sha256sum would escape")
    return "".join(f"{sha256} *{name}\n" for name, sha256 in files).encode("utf-8")


def decode(data: bytes) -> dict[str, Sha256Hex]:
    """Read a list.

    Args:
        data: The file.

    Returns:
        Hash by name.

    Raises:
        ValueError: If it is no such list.
    """
    listed: dict[str, Sha256Hex] = {}
    for line in data.decode("utf-8").splitlines():
        sha256, _, name = line.partition(" ")
        if len(sha256) != 64 or name[:1] not in {" ", "*"} or name[1:] in listed:  # noqa: PLR2004
            raise ValueError("not a list of SHA-256 sums")
        listed[name[1:]] = Sha256Hex(sha256)
    return listed
