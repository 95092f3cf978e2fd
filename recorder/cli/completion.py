# SPDX-License-Identifier: EUPL-1.2
"""``modoptager completion``: the line that makes a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from recorder.words import _


@click.command(help=_("Print shell completion."))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell, to be loaded in its start-up file.

    Args:
        shell: Which shell.
    """
    from recorder.cli.app import app  # noqa: PLC0415 - app imports this module by name

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(app, {}, "modoptager", "_MODOPTAGER_COMPLETE").source())
