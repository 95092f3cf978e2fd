# SPDX-License-Identifier: EUPL-1.2
"""The whole way in one process, for ``strace``: ``python traced.py DESK FILE``.

Writes into the file every path that passed the durable layer, with a "+" before it where a name was
made.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from scene import Received, Scene, write_sound

from recorder.durable import Kind, Moment, Operation, watch

_MAKING = {Kind.CREATE, Kind.MAKE_DIRECTORY}


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
            new = operation.destination
            new = operation.path if operation.kind in _MAKING else new
            paths.update(str(path) for path in (operation.path, new) if path)
            paths.update({f"+{new}"} if new else ())

    watch(note)
    scene.capture()
    scene.recover()
    watch(None)
    told.write_text("\n".join(sorted(paths)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.flush()
    os._exit(0)  # a thread still waits for commands
