# SPDX-License-Identifier: EUPL-1.2
"""Runs work in a forked child of this warm process, and kills it where, or when, it is told to.

The process must be single-threaded when it forks; so it is one of its own (``runner.py``), not
pytest's. ``SIGKILL`` comes from the child itself, in the middle of the operation's watcher: there
is no instant between the decision and the kill.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from esdh_adapter.durable import Kind, Moment, Operation, Watcher, watch

_PATIENCE = 60.0

Point = tuple[Moment, Kind]


@dataclass(frozen=True)
class Ended:
    """How a child ended."""

    was_killed: bool
    problem: str = ""
    """What it raised."""


class KillAt:
    """Kills its process at the n-th point (each operation has two: before and after)."""

    def __init__(self, point: int) -> None:
        self._left = point

    def __call__(self, moment: Moment, operation: Operation) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


class KillOn:
    """Kills its process behind the n-th call of a name."""

    def __init__(self, name: str, number: int) -> None:
        self._name = name
        self._left = number

    def __call__(self, moment: Moment, operation: Operation) -> None:
        is_call = operation.kind is Kind.CALL and operation.path.name == self._name
        if is_call and moment is Moment.AFTER:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def run(action: Callable[[], None], watcher: Watcher | None = None, after: float = -1) -> Ended:
    """Run an action in a child.

    Args:
        action: What to do.
        watcher: Told of the child's durable operations.
        after: Seconds after which the child is killed; negative for never.

    Returns:
        How it ended.
    """
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _obey(action, watcher, theirs)
    os.close(theirs)
    if after >= 0:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    problem = _heard(ours, child)
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return Ended(os.WTERMSIG(status) == signal.SIGKILL and not problem, problem)
    return Ended(was_killed=False, problem=problem)


def record(action: Callable[[], None], watcher_of: Callable[[int], Watcher]) -> tuple[Ended, bytes]:
    """Run an action in a child whose watcher writes to a pipe.

    Args:
        action: What to do.
        watcher_of: Makes the watcher from the descriptor it writes to.

    Returns:
        How it ended, and what was written.
    """
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _obey(action, watcher_of(theirs), -1)
    os.close(theirs)
    said = bytearray()
    while chunk := os.read(ours, 1 << 20):
        said += chunk
    os.close(ours)
    _pid, status = os.waitpid(child, 0)
    is_well = os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0
    return Ended(was_killed=os.WIFSIGNALED(status), problem="" if is_well else "failed"), bytes(
        said
    )


def count_points(action: Callable[[], None]) -> list[str]:
    """Name every point of an action, in order.

    Args:
        action: What to do.

    Returns:
        Their names.
    """

    def watcher_of(descriptor: int) -> Watcher:
        def tell(moment: Moment, operation: Operation) -> None:
            name = f"{moment.value} {operation.kind.value} {_shown(operation)}\n"
            os.write(descriptor, name.encode())

        return tell

    ended, said = record(action, watcher_of)
    if ended.problem:
        raise AssertionError(f"the run without a kill failed: {run(action).problem}")
    return said.decode().splitlines()


def _shown(operation: Operation) -> str:
    return f"{operation.path.parent.name}/{operation.path.name}"


def _obey(action: Callable[[], None], watcher: Watcher | None, descriptor: int) -> None:
    """Be the child; never returns."""
    code = 0
    try:
        watch(watcher)
        action()
    except BaseException:  # noqa: BLE001 - whatever it is, the parent must hear of it
        code = 1
        if descriptor >= 0:
            with contextlib.suppress(OSError):
                os.write(descriptor, traceback.format_exc()[-3000:].encode())
    os._exit(code)


def _heard(descriptor: int, child: int) -> str:
    said = b""
    deadline = time.monotonic() + _PATIENCE
    while True:
        ready, _w, _x = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            os.kill(child, signal.SIGKILL)
            said = b"it hangs"
            break
        chunk = os.read(descriptor, 65536)
        if not chunk:
            break
        said += chunk
    os.close(descriptor)
    return said.decode(errors="replace")
