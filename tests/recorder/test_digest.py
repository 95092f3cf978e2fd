# SPDX-License-Identifier: EUPL-1.2
"""Hashes over samples, against a naive implementation and fixed values."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import struct

from hypothesis import given
from hypothesis import strategies as st

from recorder.digest import LeafPlace, MerkleTree, SampleDigest, leaf_salt, merkle_root

SEED = bytes(range(32))
PLACES = st.builds(
    LeafPlace,
    track=st.integers(1, 255),
    part=st.integers(1, 65_535),
    rate=st.integers(1, 40),
    channels=st.integers(1, 4),
    depth=st.sampled_from([16, 24]),
)


def naive_root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = naive_root(leaves[:split]), naive_root(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def naive_leaves(place: LeafPlace, pcm: bytes) -> list[bytes]:
    size = place.rate * place.frame_bytes
    leaves = []
    for index, start in enumerate(range(0, len(pcm), size)):
        second = pcm[start : start + size]
        salt = hmac.new(SEED, struct.pack(">Q", index), "sha256").digest()
        fields = struct.pack(">BH", place.track, place.part)
        fields += struct.pack(">Q", index * place.rate)
        fields += struct.pack(">I", len(second) // place.frame_bytes)
        fields += struct.pack(">I", place.rate) + bytes([place.channels, place.depth])
        leaves.append(hashlib.sha256(b"\x00" + salt + fields + second).digest())
    return leaves


@given(leaves=st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70))
def test_incremental_root_equals_the_recursive_definition(leaves: list[bytes]) -> None:
    assert merkle_root(leaves) == naive_root(leaves).hex()


@given(leaves=st.lists(st.binary(min_size=32, max_size=32), max_size=40))
def test_root_is_right_after_every_leaf(leaves: list[bytes]) -> None:
    tree = MerkleTree()
    for count, leaf in enumerate(leaves, start=1):
        tree.add(leaf)
        assert tree.root == naive_root(leaves[:count]).hex()


def test_no_leaves_have_no_root() -> None:
    assert merkle_root([]) is None


def test_three_leaves_have_the_root_that_anyone_can_compute() -> None:
    one, two, three = (bytes([n]) * 32 for n in (1, 2, 3))
    left = hashlib.sha256(b"\x01" + one + two).digest()
    assert merkle_root([one, two, three]) == hashlib.sha256(b"\x01" + left + three).hexdigest()


@given(place=PLACES, frames=st.integers(0, 200), cuts=st.lists(st.integers(0, 200)), data=st.data())
def test_any_cutting_into_blocks_gives_the_same_leaves_and_totals(
    place: LeafPlace, frames: int, cuts: list[int], data: st.DataObject
) -> None:
    size = frames * place.frame_bytes
    pcm = data.draw(st.binary(min_size=size, max_size=size))
    digest = SampleDigest(SEED, place)
    borders = sorted({0, frames, *(min(cut, frames) for cut in cuts)})
    leaves = []
    for start, end in itertools.pairwise(borders):
        leaves += digest.update(pcm[start * place.frame_bytes : end * place.frame_bytes])
    leaves += digest.finish()
    expected = naive_leaves(place, pcm)
    assert [leaf.sha256 for leaf in leaves] == expected
    assert [leaf.index for leaf in leaves] == list(range(len(expected)))
    assert sum(leaf.count for leaf in leaves) == frames
    totals = digest.totals
    assert totals.samples == frames
    assert totals.samples_sha256 == hashlib.sha256(pcm).hexdigest()
    assert totals.leaf_count == len(expected)
    assert totals.leaf_root == (naive_root(expected).hex() if expected else None)


def test_leaf_of_known_samples_has_its_known_hash() -> None:
    place = LeafPlace(track=1, part=1, rate=2, channels=1, depth=16)
    digest = SampleDigest(bytes(32), place)
    (leaf,) = digest.update(b"\x01\x00\xff\xff")
    salt = hmac.digest(bytes(32), bytes(8), "sha256")
    assert leaf_salt(bytes(32), 0) == salt
    content = bytes.fromhex("010001000000000000000000000002000000020110")
    assert leaf.sha256 == hashlib.sha256(b"\0" + salt + content + b"\x01\x00\xff\xff").digest()
