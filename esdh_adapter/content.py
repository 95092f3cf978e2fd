# SPDX-License-Identifier: EUPL-1.2
"""Content on its way to a driver: hashed as it passes, and stopped before its end if it is wrong.

The last block is held back until size and hash were found right. A server that was told the
length can then never hold a complete document with other bytes than the sealed ones. A thread hashes
one block while the driver sends the one before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

from esdh_adapter.driver import Document
from esdh_adapter.errors import N_, ContentMismatchError

BLOCK_BYTES = 1024 * 1024
"""What drivers get at once, but for the last block: each is a system call or a message."""

_WORTH_A_THREAD = 256 * 1024

Progress = Callable[[int], None]
"""Told how many bytes have passed since the start of this attempt."""


class CheckedContent:
    """The content of one document, to be gone through once."""

    def __init__(
        self, content: Iterable[bytes], document: Document, progress: Progress | None
    ) -> None:
        """Wrap content that nobody has drawn from.

        Args:
            content: The bytes.
            document: What they must be.
            progress: Told after each block; what it raises stops the transfer.
        """
        self._content = content
        self._document = document
        self._progress = progress
        self.has_started = False
        """Whether a byte may have left."""
        self.error: BaseException | None = None
        """What the content itself raised, whatever the driver made of it."""

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._checked()
        except GeneratorExit:
            raise
        except BaseException as error:
            self.error = error
            raise

    def close(self) -> None:
        """Close the source, if it is of the kind that can be closed."""
        close = getattr(self._content, "close", None)
        if close is not None:
            close()

    def _checked(self) -> Iterator[bytes]:
        with _Hash() as digest:
            size = 0
            held = b""
            for block in _gathered(self._content):
                size += len(block)
                if size > self._document.size:
                    break
                digest.update(block)
                if held:
                    yield from self._hand_on(held, size - len(block))
                held = block
            is_right = size == self._document.size and digest.hex() == self._document.sha256
        if not is_right:
            raise ContentMismatchError(
                N_("the content to send is not what was sealed ({size} bytes expected)"),
                size=self._document.size,
            )
        if held:
            yield from self._hand_on(held, size)

    def _hand_on(self, block: bytes, passed: int) -> Iterator[bytes]:
        self.has_started = True
        yield block
        if self._progress is not None:
            self._progress(passed)


def _gathered(content: Iterable[bytes]) -> Iterator[bytes]:
    """Put small blocks together."""
    waiting: list[bytes] = []
    size = 0
    for block in content:
        waiting.append(block)
        size += len(block)
        if size >= BLOCK_BYTES:
            yield b"".join(waiting)  # joining one block copies nothing
            waiting.clear()
            size = 0
    if size:
        yield b"".join(waiting)


class _Hash:
    """SHA-256 of blocks, computed by a thread while the caller does something else."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._pool = ThreadPoolExecutor(1, "content-hash")
        self._pending: Future[None] | None = None

    def update(self, block: bytes) -> None:
        self._wait()
        if len(block) < _WORTH_A_THREAD:
            self._digest.update(block)
        else:
            self._pending = self._pool.submit(self._digest.update, block)

    def hex(self) -> str:
        self._wait()
        return self._digest.hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown()

    def _wait(self) -> None:
        if self._pending is not None:
            self._pending.result()
            self._pending = None
