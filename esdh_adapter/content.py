# SPDX-License-Identifier: EUPL-1.2
"""Content on its way to a driver: hashed as it passes, and stopped before its end if it is wrong.

The last block is held back until size and hash were found right. A server that was told the
length can then never hold a complete document with other bytes than the sealed ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator

from esdh_adapter.driver import Document
from esdh_adapter.errors import N_, ContentMismatchError

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
        digest = hashlib.sha256()
        size = 0
        held = b""
        for block in self._content:
            if not block:
                continue
            size += len(block)
            if size > self._document.size:
                break
            digest.update(block)
            if held:
                yield from self._hand_on(held, size - len(block))
            held = block
        if size != self._document.size or digest.hexdigest() != self._document.sha256:
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
