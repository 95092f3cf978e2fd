# SPDX-License-Identifier: EUPL-1.2
"""Hashes over samples: one over all of a part, and one salted hash per second of it.

The per-second hashes are the leaves of a Merkle tree as in RFC 6962, section 2.1, so that an
excerpt can be proven later without the rest:

    leaf = SHA-256(0x00 | salt 32 | track 1 | part 2 | first sample 8 | count 4 | rate 4
                   | channels 1 | depth 1 | PCM)        numbers big-endian
    salt = HMAC-SHA-256(leaf seed, leaf index 8)
    node = SHA-256(0x01 | left | right)                 odd rows split at the largest power of 2

PCM is interleaved, signed, little-endian, at native width (2 bytes at 16 bit, 3 at 24 bit).

Limits: holds one second of samples; everything else is of constant size.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from recorder.identifiers import Sha256Hex

SEED_BYTES = 32

_LEAF = struct.Struct(">BHQIIBB")
_INDEX = struct.Struct(">Q")
_LEAF_PREFIX = b"\x00"
_NODE_PREFIX = b"\x01"


@dataclass(frozen=True)
class LeafPlace:
    """What the samples of a leaf belong to: the same for all leaves of a part."""

    track: int
    """From 1."""
    part: int
    """From 1."""
    rate: int
    """Frames per second: the most that one leaf covers."""
    channels: int
    depth: int
    """Bits per sample, a multiple of 8."""

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of every channel."""
        return self.channels * self.depth // 8


@dataclass(frozen=True)
class Leaf:
    """The hash of one second of samples."""

    index: int
    """From 0."""
    first_sample: int
    """Frames of the part before it."""
    count: int
    """Frames in it: the rate, or less in the last leaf."""
    sha256: bytes
    """32 bytes."""

    @property
    def end(self) -> int:
        """Frames of the part up to its end."""
        return self.first_sample + self.count


@dataclass(frozen=True)
class SampleTotals:
    """What is known of a part once all its samples were seen."""

    samples: int
    """Frames."""
    samples_sha256: Sha256Hex
    leaf_count: int
    leaf_root: Sha256Hex | None
    """The Merkle root over the leaves; none where there are no samples."""


def leaf_salt(seed: bytes, index: int) -> bytes:
    """Derive the salt of one leaf, so that a leaf tells nothing about the silence in it.

    Args:
        seed: The part's secret, 32 bytes.
        index: Of the leaf, from 0.

    Returns:
        32 bytes.
    """
    return hmac.digest(seed, _INDEX.pack(index), "sha256")


def leaf_hash(seed: bytes, place: LeafPlace, index: int, pcm: bytes | bytearray) -> bytes:
    """Hash the samples of one leaf.

    Args:
        seed: The part's secret, 32 bytes.
        place: The part's constants.
        index: Of the leaf, from 0.
        pcm: Its samples, whole frames.

    Returns:
        32 bytes.
    """
    count = len(pcm) // place.frame_bytes
    state = hashlib.sha256(_LEAF_PREFIX)
    state.update(leaf_salt(seed, index))
    first = index * place.rate
    state.update(
        _LEAF.pack(place.track, place.part, first, count, place.rate, place.channels, place.depth)
    )
    state.update(pcm)
    return state.digest()


class MerkleTree:
    """The root over a row of leaves, kept up to date while they come (RFC 6962, section 2.1)."""

    def __init__(self) -> None:
        """Begin without leaves."""
        self.leaves = 0
        # Roots of complete subtrees, largest first: at most one per bit of the leaf count.
        self._subtrees: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Append a leaf.

        Args:
            leaf: Its hash, 32 bytes.
        """
        self.leaves += 1
        size, root = 1, leaf
        while self._subtrees and self._subtrees[-1][0] == size:
            left = self._subtrees.pop()[1]
            size, root = 2 * size, _node(left, root)
        self._subtrees.append((size, root))

    @property
    def root(self) -> Sha256Hex | None:
        """The root over the leaves until now; none without leaves."""
        if not self._subtrees:
            return None
        root = self._subtrees[-1][1]
        for _, left in reversed(self._subtrees[:-1]):
            root = _node(left, root)
        return Sha256Hex(root.hex())


def merkle_root(leaves: Iterable[bytes]) -> Sha256Hex | None:
    """Compute the root over given leaves.

    Args:
        leaves: Their hashes, 32 bytes each, in order.

    Returns:
        The root, or none without leaves.
    """
    tree = MerkleTree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root


class SampleDigest:
    """Hashes the samples of one part while they come."""

    def __init__(self, seed: bytes, place: LeafPlace) -> None:
        """Begin a part.

        Args:
            seed: The part's secret, 32 bytes.
            place: The part's constants.
        """
        self._seed = seed
        self._place = place
        self._all = hashlib.sha256()
        self._tree = MerkleTree()
        self._second = bytearray()
        self._second_bytes = place.rate * place.frame_bytes
        self._bytes = 0

    @property
    def samples(self) -> int:
        """Frames seen until now."""
        return self._bytes // self._place.frame_bytes

    def update(self, pcm: bytes) -> list[Leaf]:
        """Take samples.

        Args:
            pcm: Any number of whole frames.

        Returns:
            The leaves that they complete.
        """
        self._all.update(pcm)
        self._bytes += len(pcm)
        self._second += pcm
        leaves = []
        while len(self._second) >= self._second_bytes:
            leaves.append(self._leaf(self._second[: self._second_bytes]))
            del self._second[: self._second_bytes]
        return leaves

    def finish(self) -> list[Leaf]:
        """End the part.

        Returns:
            The last, shorter leaf; nothing if the samples end with a whole second.
        """
        if not self._second:
            return []
        leaf = self._leaf(self._second)
        self._second = bytearray()
        return [leaf]

    @property
    def totals(self) -> SampleTotals:
        """What the part amounts to; call ``finish`` first."""
        return SampleTotals(
            samples=self.samples,
            samples_sha256=Sha256Hex(self._all.hexdigest()),
            leaf_count=self._tree.leaves,
            leaf_root=self._tree.root,
        )

    def _leaf(self, pcm: bytearray) -> Leaf:
        index = self._tree.leaves
        sha256 = leaf_hash(self._seed, self._place, index, pcm)
        self._tree.add(sha256)
        count = len(pcm) // self._place.frame_bytes
        return Leaf(index, index * self._place.rate, count, sha256)


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE_PREFIX + left + right).digest()
