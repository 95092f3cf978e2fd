# SPDX-License-Identifier: EUPL-1.2
"""The words a person sees: Danish by default, English beside it, through gettext.

Rule: source code holds English message ids; Danish lives in ``locale/`` only. Error classes mark
their texts with ``N_`` and whoever shows them translates with ``_``.
"""

from __future__ import annotations

import gettext
import os
import unicodedata

DOMAIN = "modoptager"
DEFAULT_LANGUAGE = "da"
LANGUAGES = ("da", "en")
LANGUAGE_VARIABLE = "MODOPTAGER_LANGUAGE"

# Not pathlib: it would be a tenth of what ``--help`` takes to start.
_LOCALE = os.path.join(os.path.dirname(__file__), "locale")  # noqa: PTH118, PTH120

_catalogue: gettext.NullTranslations | None = None


def use_language(language: str) -> None:
    """Speak ``language`` from here on.

    Args:
        language: One of ``LANGUAGES``; anything else means English message ids.
    """
    global _catalogue  # noqa: PLW0603 - one language per process
    _catalogue = gettext.translation(DOMAIN, _LOCALE, languages=[language], fallback=True)


def _speak() -> gettext.NullTranslations:
    if _catalogue is None:
        use_language(os.environ.get(LANGUAGE_VARIABLE, DEFAULT_LANGUAGE))
    assert _catalogue is not None
    return _catalogue


def _(message: str) -> str:
    """Translate a message id.

    Args:
        message: The English text as it stands in the source.

    Returns:
        The text in the language in use.
    """
    return _speak().gettext(message) if message else ""


def ngettext(singular: str, plural: str, number: int) -> str:
    """Translate a message that depends on a number.

    Args:
        singular: The English text for one.
        plural: The English text for any other number.
        number: The number.

    Returns:
        The text in the language in use.
    """
    return _speak().ngettext(singular, plural, number)


def N_(message: str) -> str:  # noqa: N802 - gettext's own convention for marking
    """Mark a message id for translation later.

    Args:
        message: The English text.

    Returns:
        The same text.
    """
    return message


def printable(text: str, limit: int = 500) -> str:
    """Make text from outside safe to show: no control or direction characters, bounded.

    Args:
        text: Text from a server, a file name or a file.
        limit: How many characters to show at most.

    Returns:
        The text with every control, format and unassigned character replaced.
    """
    shown = "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c)[0] == "C" else c
        for c in text[:limit]
    )
    return shown + "…" if len(text) > limit else shown
