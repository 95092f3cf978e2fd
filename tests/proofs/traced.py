# SPDX-License-Identifier: EUPL-1.2
"""The whole way in one process, for ``strace``: ``python traced.py DESK FILE``.

Writes into the file every path that passed the durable layer.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from scene import Received, Scene, write_sound

from recorder.durable import Moment, Operation, watch


def main(desk: Path, told: Path) -> None:
    """Record, archive and wipe.

    Args:
        desk: A folder to make.
        told: Where to list the paths.
    """
    desk.mkdir()
    sound = desk.parent / "sound.wav"
    write_sound(sound)
    scene = Scene(desk, sound, Received())
    paths: set[str] = set()

    def note(moment: Moment, operation: Operation) -> None:
        if moment is Moment.BEFORE:
            paths.update(str(p) for p in (operation.path, operation.destination) if p)

    watch(note)
    scene.capture()
    scene.recover()
    watch(None)
    told.write_text("\n".join(sorted(paths)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.flush()
    os._exit(0)  # a thread still waits for commands
