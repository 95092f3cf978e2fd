# SPDX-License-Identifier: EUPL-1.2
"""Takes a recording's id as a person types it."""

from __future__ import annotations

from recorder.errors import MissingError
from recorder.identifiers import RecordingId, recording_id
from recorder.words import _


def identified(text: str) -> RecordingId:
    """Read an id.

    Args:
        text: Dashes, spaces and capitals are forgiven.

    Returns:
        The id.

    Raises:
        MissingError: If it is none.
    """
    try:
        return recording_id(text)
    except ValueError as error:
        raise MissingError(
            _("A recording id has 16 letters and digits, as on the receipt.")
        ) from error
