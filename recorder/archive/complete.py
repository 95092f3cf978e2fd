# SPDX-License-Identifier: EUPL-1.2
"""Complete: the documents that tell of delivery, read-back and wipe, delivered last."""

from __future__ import annotations

from recorder.archive.papers import JSON, TEXT, custody, meeting_of
from recorder.documents import checksums, completion, receipt
from recorder.lifecycle.events import CompletionFrozen, ReadBack, Verified
from recorder.vault.documents import described, freeze
from recorder.vault.entry import Entry
from recorder.words import _


def freeze_completion(entry: Entry) -> None:
    """Write and freeze the completion document and the receipt, once.

    Args:
        entry: In state ``wiped``.

    Raises:
        VaultError: If they cannot be stored.
    """
    if entry.recording.completion is not None:
        return
    told = completion.encode(_completion(entry))
    text = receipt.receipt(receipt_facts(entry))
    papers = [
        (described("completion", completion.NAME, _("Completion"), JSON, told), told),
        (described("receipt", receipt.NAME, _("Receipt"), TEXT, text), text),
    ]
    freeze(entry, papers)
    entry.journal.append(CompletionFrozen(tuple(document for document, _content in papers)))


def receipt_facts(entry: Entry) -> receipt.ReceiptFacts:
    """Gather what the receipt tells.

    Args:
        entry: In state ``wiped``.

    Returns:
        The facts.
    """
    recording = entry.recording
    planned, recorded, sealed, wiped = (
        recording.planned,
        recording.recorded,
        recording.sealed,
        recording.wiped,
    )
    assert planned is not None
    assert recorded is not None
    assert sealed is not None
    assert wiped is not None
    assert recording.planned_at is not None
    shown = [d for d in sealed.documents if d.part or d.name == checksums.NAME]
    proofs = [e for e in entry.journal.entries if isinstance(e.event, Verified)]
    return receipt.ReceiptFacts(
        recording=entry.id,
        case_number=meeting_of(planned).case_number,
        began=recorded.parts[0].began if recorded.parts else recording.planned_at,
        seconds=sum(p.samples / p.format.rate for p in recorded.parts if p.format.rate),
        gaps=recorded.gaps,
        files=[(d.name, d.sha256) for d in shown],
        read_back=proofs[-1].at,
        wiped=wiped.report,
        adapter=", ".join(sorted({p.adapter for p in recording.read_back.values()})),
        source_remains=wiped.source_remains,
    )


def _completion(entry: Entry) -> completion.Completion:
    recording = entry.recording
    assert recording.sealed is not None
    assert recording.wiped is not None
    read_at = {e.event.role: e.at for e in entry.journal.entries if isinstance(e.event, ReadBack)}
    return completion.Completion(
        format=completion.FORMAT,
        recording=entry.id,
        manifest_sha256=recording.sealed.manifest_sha256,
        documents=[
            completion.DeliveredDocument(
                role=d.role,
                file=d.name,
                size=d.size,
                sha256=d.sha256,
                adapter=recording.read_back[d.role].adapter,
                read_back=read_at[d.role],
            )
            for d in recording.sealed.documents
        ],
        wiped=recording.wiped.report,
        custody=custody(entry.journal),
    )
