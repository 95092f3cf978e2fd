# SPDX-License-Identifier: EUPL-1.2
"""``VERIFY.txt``: how anyone checks the files without this program.

Both languages stand in the one file, because nobody knows who will read it in ten years; the
texts are templates beside this module.
"""

from __future__ import annotations

from importlib import resources

NAME = "VERIFY.txt"


def encode(*, has_flac: bool) -> bytes:
    """Write the instructions.

    Args:
        has_flac: Whether a part is FLAC made here (an imported original may be anything).

    Returns:
        Plain text in UTF-8.
    """
    folder = resources.files("recorder.documents") / "templates"
    text = (folder / "verify.txt").read_text(encoding="utf-8")
    if has_flac:
        text += (folder / "verify-flac.txt").read_text(encoding="utf-8")
    return text.encode("utf-8")
