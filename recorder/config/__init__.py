# SPDX-License-Identifier: EUPL-1.2
"""Settings: where they stand, what they may be, and which of several wins."""

from recorder.config.layers import Origin, SettingProblem
from recorder.config.load import Loaded, Source, load, require
from recorder.config.model import Config, KeyStoreKind, settings
from recorder.config.places import Places, places

__all__ = [
    "Config",
    "KeyStoreKind",
    "Loaded",
    "Origin",
    "Places",
    "SettingProblem",
    "Source",
    "load",
    "places",
    "require",
    "settings",
]
