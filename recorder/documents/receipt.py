# SPDX-License-Identifier: EUPL-1.2
"""The citizen's receipt: what was recorded, where it went, and how to hold us to it.

Rule: it says what was done to erase the sound and what that is worth on this medium, and never
more. Limits: plain text, first cut; the guidelines piece brings it as PDF with a QR code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recorder.clock import Instant
from recorder.documents import phrases
from recorder.identifiers import RecordingId, Sha256Hex
from recorder.lifecycle.events import WipeReport
from recorder.words import _

NAME = "receipt.txt"

_COPY_ON_WRITE = frozenset({"btrfs", "zfs", "bcachefs", "apfs", "refs", "overlay"})


@dataclass(frozen=True)
class ReceiptFacts:
    """What the receipt tells."""

    recording: RecordingId
    case_number: str
    began: Instant
    seconds: float
    gaps: int
    files: Sequence[tuple[str, Sha256Hex]]
    """The recording's files and ``SHA256SUMS``."""
    read_back: Instant
    wiped: WipeReport
    adapter: str
    source_remains: bool
    """Whether an imported file still lies where it was taken from."""


def receipt(facts: ReceiptFacts) -> bytes:
    """Write the receipt in the language in use.

    Args:
        facts: What it tells.

    Returns:
        Plain text in UTF-8.
    """
    sections = [
        [_("Receipt for a recording made by the municipality")],
        list(_about(facts)),
        list(_files(facts)),
        list(_erased(facts)),
    ]
    return ("\n\n".join("\n".join(s) for s in sections) + "\n").encode("utf-8")


def _about(facts: ReceiptFacts) -> Iterator[str]:
    yield _("Recording: {id}").format(id=phrases.grouped(facts.recording))
    yield _("Case: {case}").format(case=facts.case_number)
    yield _("Began: {time}").format(time=phrases.moment(facts.began.wall))
    yield _("Length: {length}").format(length=phrases.length(facts.seconds))
    yield _("Gaps and pauses: {number}").format(number=facts.gaps)


def _files(facts: ReceiptFacts) -> Iterator[str]:
    yield _("Filed in the case, fetched again and compared on {time}:").format(
        time=phrases.moment(facts.read_back.wall)
    )
    for name, sha256 in facts.files:
        yield f"  {name}"
        yield f"  {phrases.grouped(sha256)}"
    yield _(
        "With these SHA-256 values anyone can check that the files in the case are the ones "
        "that were recorded."
    )


def _erased(facts: ReceiptFacts) -> Iterator[str]:
    yield _("On the device the sound was made unreadable by destroying its key.")
    if facts.wiped.key_store == phrases.KEY_FILE:
        yield _(
            "The key lay in a file, not in the operating system's key store. A copy of that "
            "file, if somebody had made one, would still be a key."
        )
    else:
        yield _("The key lay in the operating system's key store and is gone from it.")
    yield _erasing_is_worth(facts.wiped)
    if facts.source_remains:
        yield _("The file that was imported still lies where it was taken from.")


def _erasing_is_worth(report: WipeReport) -> str:
    if not report.bytes_overwritten:
        return _("The encrypted files were removed without being overwritten.")
    if report.medium in _COPY_ON_WRITE:
        return _(
            "The encrypted files were overwritten and removed; on this file system ({medium}) "
            "overwriting erases nothing, so that only the destroyed key counts."
        ).format(medium=report.medium)
    return _(
        "The encrypted files were overwritten once and removed (file system: {medium}). On flash "
        "storage overwriting proves nothing, so that only the destroyed key counts."
    ).format(medium=report.medium)
