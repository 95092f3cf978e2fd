# SPDX-License-Identifier: EUPL-1.2
"""``modoptager config check|show``."""

from __future__ import annotations

import click

from recorder.cli.session import loaded_settings
from recorder.cli.voice import Voice, speaking
from recorder.config import settings
from recorder.config.load import require
from recorder.words import _, printable


@click.group(help=_("Check or show the settings."))
def config() -> None:
    """Hold the two commands together."""


@config.command(help=_("List everything that is wrong with the settings."))
@speaking
def check(voice: Voice) -> None:
    """Check the settings.

    Args:
        voice: Tells.

    Raises:
        ConfigError: With every problem.
    """
    loaded = loaded_settings()
    for notice in loaded.notices:
        voice.say(printable(notice))
    require(loaded)
    voice.result(_("The settings are in order."))
    voice.event("config", problems=[])


@config.command(help=_("Show every setting and where it comes from."))
@speaking
def show(voice: Voice) -> None:
    """Show the settings in force.

    Args:
        voice: Tells.
    """
    loaded = loaded_settings()
    values = settings(loaded.config)
    for key, value in values.items():
        source = loaded.sources[key]
        origin = source.origin.value
        locked = f", {_('locked by IT')}" if source.is_locked else ""
        where = f" {printable(source.where)}" if source.where else ""
        voice.result(f"{key} = {value!r}  ({origin}{where}{locked})")
    voice.event(
        "config",
        settings={
            key: {
                "value": value,
                "origin": loaded.sources[key].origin.value,
                "locked": loaded.sources[key].is_locked,
            }
            for key, value in values.items()
        },
        problems=[str(problem) for problem in loaded.problems],
    )
