# SPDX-License-Identifier: EUPL-1.2
"""Lines to and from the parent, so that a slow, stopped or dead parent never stalls capture.

Rules: events are queued and written by a thread of their own. While the parent does not read,
levels are dropped first; everything else is kept up to a bound. Input is read with ``os.read``:
a thread that waits in Python's buffered reader could stop the interpreter from ending.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator

from recorder.capture.protocol import MAX_LINE, CaptureEvent, Level, encode_line

_LEVELS_WAITING = 8
_EVENTS_WAITING = 10_000
_LAST_WORDS = 2.0  # seconds to wait for the parent to take what is left
_CHUNK = 65_536


class Outbox:
    """Events on their way to the parent."""

    def __init__(self, descriptor: int) -> None:
        """Begin to write.

        Args:
            descriptor: Open for writing; usually standard output's.
        """
        self._descriptor = descriptor
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="outbox", daemon=True)
        self._thread.start()

    def put(self, event: CaptureEvent) -> None:
        """Queue an event; never blocks.

        Args:
            event: What happened.
        """
        waiting = self._lines.qsize()
        if waiting < (_LEVELS_WAITING if isinstance(event, Level) else _EVENTS_WAITING):
            self._lines.put(encode_line(event))

    def close(self) -> None:
        """Write what is queued, as long as the parent takes it."""
        self._lines.put(None)
        self._thread.join(_LAST_WORDS)

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                rest = memoryview(line)
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError:
                return  # nobody reads any more


def read_lines(descriptor: int) -> Iterator[bytes]:
    """Read lines until the other side closes.

    Args:
        descriptor: Open for reading; usually standard input's.

    Yields:
        Lines without their end; what is longer than ``MAX_LINE`` ends the input.
    """
    waiting = b""
    while len(waiting) <= MAX_LINE:
        try:
            chunk = os.read(descriptor, _CHUNK)
        except OSError:
            return
        if not chunk:
            break
        *lines, waiting = (waiting + chunk).split(b"\n")
        yield from (line for line in lines if line.strip())
    if waiting.strip() and len(waiting) <= MAX_LINE:
        yield waiting  # its end of line is often forgotten
