# SPDX-License-Identifier: EUPL-1.2
"""A warm process of its own that forks: ``python runner.py PROOF DIRECTORY NAME NUMBER NUMBER``.

Prints what was found as one line of JSON.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import av  # noqa: F401 - loaded here, once, so that no child has to
import msgspec
import soundfile  # noqa: F401 - likewise
from blackout import bypasses, power_losses
from kills import at_random, every_point

from recorder.words import use_language


def main(arguments: list[str]) -> int:
    """Run one proof.

    Args:
        arguments: Which, where, and its parameters.

    Returns:
        The exit code.
    """
    use_language("en")
    proof, directory, name, first, second = arguments
    work: Callable[[str, Path, int, int], msgspec.Struct] = {
        "every point": every_point,
        "at random": at_random,
        "power loss": power_losses,
        "bypasses": bypasses,
    }[proof]
    found = work(name, Path(directory), int(first), int(second))
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
