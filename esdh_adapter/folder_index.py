# SPDX-License-Identifier: EUPL-1.2
"""Which case folders may hold a set: a hint that saves walking through a large archive.

Never the truth: whoever asks looks into the folders it names, and walks through the archive when it
names none. Rules: a set is noted *before* its first document gets its name, so the index names at
least all that is there; where noting fails, a flag file says that the index must not be used until
it was built again. ``journal_mode=DELETE`` and a short wait are what a network share can bear.

Limits: a folder that a person copied by hand is found by walking only. SQLite writes its own file;
everything else goes through ``durable``.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from esdh_adapter import durable

FILE_NAME = ".modoptager-index.sqlite"
"""The index in the archive's folder."""

# A folder of its own: looking for flags must not list an archive of many thousand cases.
_FLAGS = ".modoptager-index.stale"
_VERSION = 1
_BUSY_SECONDS = 0.5

Places = Callable[[], Iterable[tuple[str, str]]]
"""Walks through the archive: pairs of set id and case folder."""


class FolderIndex:
    """The index of one archive folder; it keeps no connection open."""

    def __init__(self, root: Path, places: Places) -> None:
        """Prepare to use the index.

        Args:
            root: The archive's folder.
            places: Walks through the archive.
        """
        self._root = root
        self._path = root / FILE_NAME
        self._places = places

    def note(self, set_id: str, case_directory: str) -> None:
        """Remember that a case folder is going to hold documents of a set.

        Args:
            set_id: The id of the recording.
            case_directory: The name of the case folder.

        Raises:
            OSError: If neither the index nor its flag could be written.
        """
        try:
            with self._connected() as connection:
                if not _is_built(connection):
                    self._build(connection)
                row = (set_id, case_directory)
                if not connection.execute(
                    "SELECT 1 FROM sets WHERE set_id = ? AND case_directory = ?", row
                ).fetchone():
                    connection.execute("INSERT OR IGNORE INTO sets VALUES (?, ?)", row)
        except sqlite3.Error:
            # Locked by another computer, damaged, or not a database at all.
            flags = self._root / _FLAGS
            durable.make_directory(flags)
            durable.write_file(flags / secrets.token_hex(8), b"")

    def case_directories(self, set_id: str) -> list[str] | None:
        """Say which case folders may hold a set.

        Args:
            set_id: The id of the recording.

        Returns:
            Names of case folders, to be looked into; ``None`` if the index cannot be used.
        """
        if not self._path.is_file() or self._flags():
            return None
        try:
            with self._connected() as connection:
                if not _is_built(connection):
                    return None
                rows = connection.execute(
                    "SELECT case_directory FROM sets WHERE set_id = ?", (set_id,)
                ).fetchall()
        except sqlite3.Error:
            return None
        return [str(row[0]) for row in rows]

    def repair(self) -> None:
        """Build the index again from the folder; what stands in the way leaves it unused."""
        with suppress(OSError):
            flags = self._flags()
            try:
                self._rebuild()
            except sqlite3.OperationalError:
                return  # locked or not writable: later
            except sqlite3.DatabaseError:
                self._remove()
                with suppress(sqlite3.Error):
                    self._rebuild()
                    self._lower(flags)
                return
            self._lower(flags)

    def _rebuild(self) -> None:
        with self._connected() as connection:
            self._build(connection)

    def _build(self, connection: sqlite3.Connection) -> None:
        """Fill the index in one transaction: after a crash it is empty or whole."""
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute("DROP TABLE IF EXISTS sets")
            connection.execute(
                "CREATE TABLE sets (set_id TEXT NOT NULL, case_directory TEXT NOT NULL,"
                " PRIMARY KEY (set_id, case_directory)) WITHOUT ROWID"
            )
            connection.executemany("INSERT OR IGNORE INTO sets VALUES (?, ?)", self._places())
            connection.execute(f"PRAGMA user_version = {_VERSION}")
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with closing(
            sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        ) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA synchronous = FULL")
            self._require_whole(connection)
            yield connection

    def _require_whole(self, connection: sqlite3.Connection) -> None:
        """SQLite takes the missing end of a file that was cut short for empty pages."""
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        page_size = connection.execute("PRAGMA page_size").fetchone()[0]
        if self._path.stat().st_size < pages * page_size:
            raise sqlite3.DatabaseError("index is cut short")

    def _flags(self) -> list[Path]:
        try:
            return list((self._root / _FLAGS).iterdir())
        except FileNotFoundError:
            return []

    def _lower(self, flags: list[Path]) -> None:
        # Only those seen before the walk: a newer one may stand for a set that the walk missed.
        for flag in flags:
            durable.unlink(flag)

    def _remove(self) -> None:
        for suffix in ("", "-journal", "-wal", "-shm"):
            durable.unlink(self._path.with_name(FILE_NAME + suffix))


def _is_built(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA user_version").fetchone()[0] == _VERSION)
