# SPDX-License-Identifier: EUPL-1.2
"""Time as evidence: wall clock, monotonic clock and boot id together.

The wall clock can be set; the monotonic clock cannot, but means nothing across a restart. An
instant holds both, and the boot id that says whether two monotonic values may be compared.
"""

from __future__ import annotations

import datetime as dt
import functools
import time
import uuid
from pathlib import Path
from typing import Protocol

import msgspec

_LINUX_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Instant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One instant on both clocks."""

    wall: dt.datetime
    """UTC, with microseconds."""
    monotonic_ns: int
    """Nanoseconds on the monotonic clock of this boot (counts through sleep where it can)."""
    boot: str
    """Names the boot: monotonic values of two boots must not be compared."""

    def seconds_since(self, earlier: Instant) -> tuple[float, bool]:
        """Measure how long after ``earlier`` this instant is.

        Args:
            earlier: The other instant.

        Returns:
            Seconds, and whether that is proven (same boot) or only what the wall clock says.
        """
        if self.boot == earlier.boot:
            return (self.monotonic_ns - earlier.monotonic_ns) / 1e9, True
        return (self.wall - earlier.wall).total_seconds(), False


class Clock(Protocol):
    """Where the program gets the time from."""

    def now(self) -> Instant:
        """Read both clocks.

        Returns:
            The present instant.
        """

    def monotonic_ns(self) -> int:
        """Read the monotonic clock alone.

        Returns:
            Nanoseconds since some instant of this boot.
        """


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> Instant:
        """Read both clocks."""
        return Instant(dt.datetime.now(dt.UTC), self.monotonic_ns(), boot_id())

    def monotonic_ns(self) -> int:
        """Read the monotonic clock, the one that counts through sleep where there is one."""
        boottime = getattr(time, "CLOCK_BOOTTIME", None)
        if boottime is not None:
            return time.clock_gettime_ns(boottime)
        return time.monotonic_ns()


@functools.cache
def boot_id() -> str:
    """Name the present boot of this machine.

    Returns:
        The kernel's boot id; where the system has none, a name for this process, which makes
        gaps across processes "unproven" instead of wrong.
    """
    try:
        return _LINUX_BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return f"process-{uuid.uuid4()}"
