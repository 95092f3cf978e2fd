# SPDX-License-Identifier: EUPL-1.2
"""Everything that can go wrong between this program and an ESDH.

    EsdhError
    ├── NotFoundError          not_found         no such case or document
    ├── CaseClosedError        case_closed       the case takes no more documents
    ├── DeniedError            denied            this account may not do it
    ├── UnavailableError       unavailable       retryable: no answer, or not now
    ├── RefusedError           refused           the system does not take such a document
    ├── ConflictError          conflict          the name or the key is taken, or stored twice
    ├── CorruptError           corrupt           what was read back is not what was given
    ├── ContentMismatchError   content_mismatch  the content to send is not what was sealed
    ├── UnknownOutcomeError    unknown_outcome   retryable: cannot tell yet whether it is stored
    └── ConfigurationError     misconfigured     the settings cannot be used

Rules: texts are English message ids that whoever shows them translates; texts carry no names, case
numbers or paths inside the archive, because they are logged. Reasons are stable machine codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar


def N_(message: str) -> str:  # noqa: N802 - gettext's own convention for marking
    """Mark a message id for translation by whoever shows it.

    Args:
        message: The English text.

    Returns:
        The same text.
    """
    return message


@dataclass(frozen=True)
class Sentence:
    """A text that can still be translated: a message id and what belongs into it."""

    message: str
    """The English message id, with ``{name}`` for each value."""
    values: Mapping[str, object] = field(default_factory=dict)
    """What to put in, by name."""

    def __str__(self) -> str:
        # Text from outside stands in values only, so that its braces mean nothing.
        return self.message.format(**self.values) if self.values else self.message


class EsdhError(Exception):
    """The base of all errors that talking to an ESDH raises."""

    title: ClassVar[str] = N_("The archive did not do what was asked")
    advice: ClassVar[str] = N_("Try again. If it happens again, call IT.")
    reason: ClassVar[str] = "failed"
    is_retryable: ClassVar[bool] = False

    def __init__(
        self, detail: str = "", *, problems: Sequence[Sentence] = (), **values: object
    ) -> None:
        """Say what happened.

        Args:
            detail: One English message id without personal data, or nothing.
            problems: Every single problem, where there are several.
            **values: What belongs into the ``{name}`` places of ``detail``.
        """
        self.sentence = Sentence(detail, values)
        self.detail = str(self.sentence)
        self.problems = tuple(problems)
        super().__init__("; ".join([self.detail, *map(str, problems)]).removeprefix("; "))


class NotFoundError(EsdhError):
    """There is no such case or document."""

    title = N_("The archive does not have it")
    advice = N_("Check the case number. If it is right, call the archivist.")
    reason = "not_found"


class CaseClosedError(EsdhError):
    """The case takes no more documents."""

    title = N_("The case is closed")
    advice = N_("Have the case opened again, or choose another case.")
    reason = "case_closed"


class DeniedError(EsdhError):
    """This account may not do what was asked."""

    title = N_("The archive does not allow it")
    advice = N_("Ask for access to the case or the archive, then try again.")
    reason = "denied"


class UnavailableError(EsdhError):
    """The archive does not answer, or cannot do it now."""

    title = N_("The archive cannot be reached or used at the moment")
    advice = N_("Nothing is lost. Try again when the network and the archive work.")
    reason = "unavailable"
    is_retryable = True


class RefusedError(EsdhError):
    """The archive does not take a document of this type, size or name."""

    title = N_("The archive does not take this document")
    advice = N_("Nothing is lost. Call IT: the archive's limits must be changed.")
    reason = "refused"


class ConflictError(EsdhError):
    """The name or the key is taken by something else, or the document is there twice."""

    title = N_("The archive already has something else in this place")
    advice = N_("Nothing was overwritten. Call the archivist, who compares the two.")
    reason = "conflict"


class CorruptError(EsdhError):
    """What was read back is not what was given."""

    title = N_("The archive's copy is not the same as the recording")
    advice = N_("Nothing has been erased. Call the archivist and IT.")
    reason = "corrupt"


class ContentMismatchError(EsdhError):
    """The content to send is not what its hash and size say; nothing was stored."""

    title = N_("The document on this device is not as it was sealed")
    advice = N_("Nothing was sent and nothing has been erased. Call IT.")
    reason = "content_mismatch"


class UnknownOutcomeError(EsdhError):
    """It cannot be told yet whether the document was stored."""

    title = N_("It is not known yet whether the archive has the document")
    advice = N_("Nothing is lost. It is looked for again before anything is sent twice.")
    reason = "unknown_outcome"
    is_retryable = True


class ConfigurationError(EsdhError):
    """The archive's settings cannot be used."""

    title = N_("The settings of the archive cannot be used")
    advice = N_("Correct what is listed, then run 'modoptager config check'.")
    reason = "misconfigured"
