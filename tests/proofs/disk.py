# SPDX-License-Identifier: EUPL-1.2
"""A simulated medium: what it may hold when the power goes, after a sequence of operations.

The model is POSIX without favours of any file system:

* a file's content is certain only up to its last sync; of what was written since, any subset may
  be there, in any order, whole or torn at any byte, with zeros where something is missing;
* a name (created, linked, renamed, removed, a directory's too) is certain only after a sync of its
  directory; until then any subset of the changes may be there. A rename within one directory is
  one change: both names or none.

``lies`` makes a medium that forgets some syncs, to show that a missing one would be found.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol

from esdh_adapter.durable import Kind, Operation

Tree = dict[str, bytes | None]
"""Relative paths: the content of files, and none for directories."""

Lies = Callable[[Operation], bool]


@dataclass(frozen=True)
class Write:
    """Bytes that were written and not synced."""

    offset: int
    data: bytes


@dataclass(eq=False)
class File:
    """A file, whatever its names."""

    synced: bytes = b""
    unsynced: list[Write] = field(default_factory=list)

    def content(self, writes: Sequence[Write]) -> bytes:
        """Give the content with some of the unsynced writes."""
        if not writes:
            return self.synced
        image = bytearray(self.synced)
        for write in writes:
            end = write.offset + len(write.data)
            image.extend(bytes(max(0, end - len(image))))
            image[write.offset : end] = write.data
        return bytes(image)


@dataclass(frozen=True, eq=False)
class Change:
    """One change of a directory that was not synced."""

    removed: str | None = None
    added: str | None = None
    node: File | Directory | None = None

    def apply(self, names: dict[str, File | Directory]) -> None:
        if self.removed is not None:
            names.pop(self.removed, None)
        if self.added is not None:
            assert self.node is not None
            names[self.added] = self.node


@dataclass(eq=False)
class Directory:
    """A directory: what is certain, what a running program sees, and the changes between."""

    synced: dict[str, File | Directory] = field(default_factory=dict)
    seen: dict[str, File | Directory] = field(default_factory=dict)
    unsynced: list[Change] = field(default_factory=list)

    def change(self, change: Change) -> None:
        self.unsynced.append(change)
        change.apply(self.seen)


class Survival(Protocol):
    """What of the uncertain survives."""

    def names(self, directory: str, changes: Sequence[Change]) -> Sequence[Change]:
        """Choose the changes of a directory that reached the medium, in their order."""

    def writes(self, path: str, writes: Sequence[Write]) -> Sequence[Write]:
        """Choose what of the writes to a file reached the medium."""


class Disk:
    """A medium with everything under one folder."""

    def __init__(self, root: Path, *, lies: Lies | None = None) -> None:
        """Take what lies in a folder as synced.

        Args:
            root: The folder; operations elsewhere are none of this disk's.
            lies: Tells which syncs are answered and not done.
        """
        self._root = root
        self._lies = lies or (lambda _operation: False)
        self._top = _loaded(root)

    def apply(self, operation: Operation) -> None:
        """Do one operation.

        Args:
            operation: As the watcher was told, after it was done.
        """
        if operation.kind is Kind.CALL or not operation.path.is_relative_to(self._root):
            return
        match operation.kind:
            case Kind.CREATE:
                self._add(operation.path, File())
            case Kind.WRITE:
                written = Write(operation.offset, operation.data)
                self._file(operation.path).unsynced.append(written)
            case Kind.LINK:
                assert operation.destination is not None
                self._add(operation.destination, self._file(operation.path))
            case Kind.RENAME:
                self._rename(operation)
            case Kind.UNLINK | Kind.REMOVE_DIRECTORY:
                self._remove(operation.path)
            case Kind.MAKE_DIRECTORY:
                if operation.path.name not in self._above(operation.path).seen:
                    self._add(operation.path, Directory())
            case Kind.SYNC | Kind.SYNC_DIRECTORY if not self._lies(operation):
                self._sync(operation)
            case _:
                pass

    def after_power_loss(self, survival: Survival) -> Tree:
        """Say what is there when the power comes back.

        Args:
            survival: What of the uncertain survives.

        Returns:
            Everything under the root.
        """
        tree: Tree = {}
        _walk(self._top, "", survival, tree)
        return tree

    def _sync(self, operation: Operation) -> None:
        if operation.kind is Kind.SYNC:
            file = self._file(operation.path)
            file.synced = file.content(file.unsynced)
            file.unsynced.clear()
            return
        directory = self._node(operation.path)
        assert isinstance(directory, Directory), operation
        directory.synced = dict(directory.seen)
        directory.unsynced.clear()

    def _rename(self, operation: Operation) -> None:
        source, destination = operation.path, operation.destination
        assert destination is not None
        if destination.parent != source.parent:
            raise ValueError("renames between directories are not simulated")
        change = Change(source.name, destination.name, self._node(source))
        self._above(source).change(change)

    def _add(self, path: Path, node: File | Directory) -> None:
        self._above(path).change(Change(added=path.name, node=node))

    def _remove(self, path: Path) -> None:
        above = self._above(path)
        if path.name in above.seen:
            above.change(Change(removed=path.name))

    def _above(self, path: Path) -> Directory:
        above = self._node(path.parent)
        assert isinstance(above, Directory), path
        return above

    def _file(self, path: Path) -> File:
        node = self._node(path)
        assert isinstance(node, File), path
        return node

    def _node(self, path: Path) -> File | Directory:
        node: File | Directory = self._top
        for name in path.relative_to(self._root).parts:
            assert isinstance(node, Directory), path
            node = node.seen[name]
        return node


def write_tree(tree: Mapping[str, bytes | None], root: Path) -> None:
    """Make a folder hold a tree, and nothing else.

    Args:
        tree: What it is to hold.
        root: An empty folder.
    """
    for name, content in tree.items():  # directories come before what is in them
        if content is None:
            (root / name).mkdir()
        else:
            (root / name).write_bytes(content)


def read_tree(root: Path) -> Tree:
    """Read all that a folder holds.

    Args:
        root: The folder.

    Returns:
        Everything under it.
    """
    return {
        path.relative_to(root).as_posix(): None if path.is_dir() else path.read_bytes()
        for path in sorted(root.rglob("*"))
    }


@dataclass(frozen=True)
class Certain:
    """Only what is certain survives, except in some places, where everything does."""

    kept: tuple[str, ...] = ()
    """Beginnings of paths under which all that was written and named survives."""

    def names(self, directory: str, changes: Sequence[Change]) -> Sequence[Change]:
        return changes if self._is_kept(directory) else ()

    def writes(self, path: str, writes: Sequence[Write]) -> Sequence[Write]:
        return writes if self._is_kept(path) else ()

    def _is_kept(self, path: str) -> bool:
        return any(path.startswith(place) for place in self.kept)


@dataclass(frozen=True)
class ByChance:
    """Anything may survive: names in any subset, writes dropped, torn, or as zeros."""

    chance: random.Random
    share: float = 0.5

    def names(self, directory: str, changes: Sequence[Change]) -> Sequence[Change]:
        return [change for change in changes if self.chance.random() < self.share]

    def writes(self, path: str, writes: Sequence[Write]) -> Sequence[Write]:
        return [self._survivor(write) for write in writes if self.chance.random() < self.share]

    def _survivor(self, write: Write) -> Write:
        how = self.chance.randrange(4)
        size = len(write.data)
        if how == 0:  # torn: the beginning is there
            return Write(write.offset, write.data[: self.chance.randrange(size + 1)])
        if how == 1:  # the file has its length, the blocks are not there
            return Write(write.offset, bytes(size))
        if how == 2:  # torn: the end is there, and zeros before it
            lost = self.chance.randrange(size + 1)
            return Write(write.offset + lost, write.data[lost:])
        return write


def _walk(directory: Directory, path: str, survival: Survival, tree: Tree) -> None:
    names = dict(directory.synced)
    for change in survival.names(path, directory.unsynced):
        change.apply(names)
    for name, node in names.items():
        below = str(PurePosixPath(path) / name)
        if isinstance(node, Directory):
            tree[below] = None
            _walk(node, below, survival, tree)
        else:
            tree[below] = node.content(survival.writes(below, node.unsynced))


def _loaded(path: Path) -> Directory:
    found: dict[str, File | Directory] = {
        each.name: _loaded(each) if each.is_dir() else File(each.read_bytes())
        for each in path.iterdir()
    }
    return Directory(dict(found), dict(found))
