# SPDX-License-Identifier: EUPL-1.2
"""What most commands begin with: settings read, language chosen, workplace at hand."""

from __future__ import annotations

import os

from recorder.archive.workplace import Workplace
from recorder.cli.voice import Voice
from recorder.config.load import Loaded, load
from recorder.config.places import places
from recorder.process_memory import shut_memory
from recorder.words import LANGUAGE_VARIABLE, _, printable, use_language


def loaded_settings() -> Loaded:
    """Read the settings and speak their language.

    Returns:
        The settings with their problems.
    """
    shut_memory()  # from here on there may be keys in it
    loaded = load(places(), os.environ)
    if LANGUAGE_VARIABLE not in os.environ:
        use_language(loaded.config.language)
    return loaded


def workplace(voice: Voice) -> Workplace:
    """Open the workplace, whatever is wrong with the settings.

    A broken setting never stops a recording: what is valid is used, the rest is told.

    Args:
        voice: Tells of wrong settings.

    Returns:
        The workplace.
    """
    loaded = loaded_settings()
    for problem in loaded.problems:
        voice.say(_("Setting ignored: {problem}").format(problem=printable(str(problem))))
        voice.event("config_problem", problem=str(problem))
    for notice in loaded.notices:
        if voice.is_verbose:
            voice.say(printable(notice))
    return Workplace(loaded.config, places())
