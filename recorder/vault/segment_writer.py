# SPDX-License-Identifier: EUPL-1.2
"""The only writer of one segment: creates its file and gives every record an index of its own.

Rules: the file is new, its salt is fresh, and an index is spent before its record is written. So
whatever interrupts a write (an error, a signal, a crash), no nonce is ever used for a second
plaintext. Whoever sees a write or a sync fail abandons the writer.
"""

from __future__ import annotations

from pathlib import Path

from recorder.durable import DurableFile
from recorder.vault.segment import (
    OVERHEAD,
    TORN_LIMIT,
    RecordType,
    SegmentCipher,
    SegmentHeader,
)


class SegmentWriter:
    """Writes records to a segment that it created."""

    def __init__(self, path: Path, data_key: bytes, header: SegmentHeader) -> None:
        """Create the file and put its header on the medium; the caller syncs the directory.

        The header is synced before any record is written: so a file that holds more than a
        header, and not a genuine one, was damaged and not torn.

        Args:
            path: A name that nobody has.
            data_key: 32 bytes.
            header: Fresh: used here and nowhere else.

        Raises:
            OSError: If it cannot be created, written or synced.
        """
        self._cipher = SegmentCipher(data_key, header)
        self._next_index = 0
        self._unsynced = 0
        self._file = DurableFile.create(path)
        try:
            self._file.write(self._cipher.header)
            self._file.sync()
        except BaseException:
            self._file.close()
            raise

    def is_sync_due(self, payload: bytes) -> bool:
        """Tell whether a record must wait for a sync.

        Args:
            payload: Of the next record.

        Returns:
            Whether, with it, more bytes would wait than a reader takes for a torn end.
        """
        return self._unsynced > 0 and self._unsynced + _size(payload) > TORN_LIMIT

    def append(self, kind: RecordType, payload: bytes) -> None:
        """Write one record.

        Args:
            kind: Its type.
            payload: Its content.

        Raises:
            OSError: If not all of it was written. The segment must be abandoned then.
        """
        index = self._next_index
        self._next_index += 1  # spent, whatever comes of the write
        self._file.write(self._cipher.seal(index, kind, payload))
        self._unsynced += _size(payload)

    def sync(self) -> None:
        """Wait until the medium has every record.

        Raises:
            OSError: If the system could not. The segment must be abandoned then.
        """
        self._file.sync()
        self._unsynced = 0

    def close(self) -> None:
        """Close the file without syncing."""
        self._file.close()


def _size(payload: bytes) -> int:
    return 1 + len(payload) + OVERHEAD
