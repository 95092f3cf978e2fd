# SPDX-License-Identifier: EUPL-1.2
"""``modoptager doctor``: checks this computer and says what to do about what it finds."""

from __future__ import annotations

import click

from recorder.archive.checkup import examine
from recorder.archive.workplace import Workplace
from recorder.cli.failure import lines_for
from recorder.cli.session import loaded_settings
from recorder.cli.voice import Voice, speaking
from recorder.config.places import places
from recorder.errors import RecorderError
from recorder.words import _


@click.command(help=_("Check this computer."))
@speaking
def doctor(voice: Voice) -> None:
    """Run every check and tell what it found.

    Args:
        voice: Tells.

    Raises:
        RecorderError: The first thing that is wrong, for its exit code.
    """
    loaded = loaded_settings()
    first: RecorderError | None = None
    for finding in examine(loaded, Workplace(loaded.config, places())):
        error = finding.error
        first = first or error
        voice.event(
            "check",
            check=finding.name,
            ok=error is None,
            detail=finding.detail,
            exit_code=error.exit_code if error else 0,
            problems=list(error.problems) if error else [],
        )
        mark = "✔" if error is None else "✖"
        voice.result(f"{mark} {_(finding.title)}: {finding.detail}")
        if error is not None:
            for line in lines_for(error):
                voice.result(f"    {line}")
    if first is not None:
        raise first
