# SPDX-License-Identifier: EUPL-1.2
"""Taking in a sound file from elsewhere: its bytes as they are, never another encoding of it.

Rules: the file is probed before anything is stored. Its SHA-256 before, while and after storing
must be one and the same. The source is only read; ``erase_source`` is a decision of its own, acts
on exactly the bytes that were archived, and comes after the read-back.

Limits: hashes of samples exist only where the codec is lossless and the file whole. When the
samples were taken is not known; the instants of their hashes are that of the import.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from recorder.capture import recovery
from recorder.capture.decoding import DecodeError, Sound, decode_sound
from recorder.capture.part_writer import TRACK, SoundStore, stamp_of
from recorder.capture.sound_file import probe_file
from recorder.capture.sound_log import (
    AUDIO_CHUNK,
    PartBegan,
    Stamp,
    encode_audio,
    encode_digests,
    encode_header,
    encode_part,
)
from recorder.capture.source import Progress, unheard
from recorder.capture.survey import survey
from recorder.clock import Clock
from recorder.digest import SEED_BYTES, LeafPlace, SampleDigest, SampleTotals
from recorder.durable import DurableFile, sync_directory, unlink
from recorder.errors import SourceError
from recorder.identifiers import Sha256Hex
from recorder.lifecycle.events import Recorded
from recorder.lifecycle.parts import Container, Part, PartFormat
from recorder.vault.entry import Entry
from recorder.vault.log import LogEnd
from recorder.vault.segment import RecordType
from recorder.words import _

_PART = 1
_BLOCK = 1 << 20
_EXTENSION = re.compile(r"[a-z0-9]{1,8}")
_LOSSY_WIDTH = 16


def check_importable(path: Path) -> Sound:
    """Find out whether a file can be imported, before anything is made for it.

    Args:
        path: The file.

    Returns:
        What its sound is like.

    Raises:
        SourceError: If it cannot.
    """
    return probe_file(path)


def take_in(
    entry: Entry, path: Path, expected: Sha256Hex, clock: Clock, progress: Progress = unheard
) -> Recorded:
    """Store a file in the vault, byte for byte; what a crash left of an earlier try is replaced.

    Args:
        entry: Planned or interrupted; locked by this process.
        path: The file.
        expected: Its hash when it was chosen; another file in its place is not taken.
        clock: The time.
        progress: Told how much is stored; what it raises leaves the file as it was.

    Returns:
        What was taken in.

    Raises:
        SourceError: If the file cannot be used, or changed meanwhile.
        VaultError: If it cannot be stored.
        KeyStoreError: If the sound's key is gone.
    """
    entry.sync_sound()
    if survey(entry.sound_reader()).end is LogEnd.CLOSED:
        return recovery.conclude(entry, clock)  # all of it was stored already
    sound = probe_file(path)
    began = _began(path, sound, clock)
    if hash_file(path) != expected:
        raise SourceError(_("This is not the file that was chosen, or it has changed since."))
    store = SoundStore(entry.sound_writer(0))
    part, records = _store(store, path, began, expected, progress)
    recorded = Recorded(
        parts=(part,),
        gaps=0,
        gap_seconds=0.0,
        markers=0,
        sound_records=records,
        recovered=False,
        damaged=False,
    )
    entry.journal.append(recorded)
    return recorded


def erase_source(path: Path, expected_sha256: Sha256Hex) -> None:
    """Overwrite a file once and remove it, if it is still what was archived.

    Args:
        path: The file.
        expected_sha256: Of its bytes, as they were read back.

    Raises:
        SourceError: If it changed, is only a link, or cannot be erased.
    """
    if path.is_symlink():
        raise SourceError(_("The file is a link to another one; it has not been erased."))
    if hash_file(path) != expected_sha256:
        raise SourceError(_("The file has changed since it was imported; it has not been erased."))
    try:
        size = path.stat().st_size
        with DurableFile.overwrite(path) as file:
            while file.size < size:
                file.write(os.urandom(min(_BLOCK, size - file.size)))
            file.sync()
        unlink(path)
        sync_directory(path.parent)
    except OSError as error:
        raise SourceError(_("The file could not be erased.")) from error


def _began(path: Path, sound: Sound, clock: Clock) -> PartBegan:
    return PartBegan(
        part=_PART,
        track=TRACK,
        format=PartFormat(
            Container.ORIGINAL, sound.rate, sound.channels, sound.depth, _extension(path)
        ),
        leaf_seed=os.urandom(SEED_BYTES),
        source_name="",
        began=clock.now(),
        header=b"",
    )


def _store(
    store: SoundStore, path: Path, began: PartBegan, sha256: Sha256Hex, progress: Progress
) -> tuple[Part, int]:
    total = _size(path)
    sequence = store.append(RecordType.PART, encode_part(began))
    stored, size = hashlib.sha256(), 0
    for block in _blocks(path, AUDIO_CHUNK):
        stored.update(block)
        size += len(block)
        store.append(RecordType.AUDIO, encode_audio(_PART, block))
        progress(size, total)
    store.sync()
    totals, stamps = _hash_samples(path, began)
    if not sha256 == stored.hexdigest() == hash_file(path):
        store.release()
        raise SourceError(_("The file changed while it was imported."))
    for payload in encode_digests(_PART, stamps):
        store.append(RecordType.DIGEST, payload)
    part = _part(began, sequence, size, totals, is_hashed=bool(stamps))
    store.append(RecordType.HEADER, encode_header(part))
    store.append(RecordType.CLOSE, b"")
    store.sync()
    store.release()
    return part, store.next_sequence


def _part(
    began: PartBegan, sequence: int, size: int, totals: SampleTotals, *, is_hashed: bool
) -> Part:
    return Part(
        number=began.part,
        format=began.format,
        began=began.began,
        first_sequence=sequence,
        content_bytes=size,
        header=b"",
        samples=totals.samples,
        samples_sha256=totals.samples_sha256 if is_hashed else None,
        leaf_seed=began.leaf_seed,
        leaf_count=totals.leaf_count if is_hashed else 0,
        leaf_root=totals.leaf_root if is_hashed else None,
    )


def _hash_samples(path: Path, began: PartBegan) -> tuple[SampleTotals, list[Stamp]]:
    """Hash the samples; without stamps where they are lossy, or not all there."""
    form = began.format
    depth = form.depth or _LOSSY_WIDTH
    place = LeafPlace(began.track, began.part, form.rate, form.channels, depth)
    digest = SampleDigest(began.leaf_seed, place)
    leaves = []
    is_whole = True
    try:
        with path.open("rb") as file:
            for decoded in decode_sound(file, depth):
                leaves += digest.update(decoded.pcm)
    except DecodeError:
        is_whole = False
    except OSError as error:
        raise SourceError(_("The file cannot be read.")) from error
    leaves += digest.finish()
    if not (is_whole and form.depth):
        leaves = []
    return digest.totals, [stamp_of(leaf, began.began, 0.0) for leaf in leaves]


def _blocks(path: Path, size: int) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while block := file.read(size):
                yield block
    except OSError as error:
        raise SourceError(_("The file cannot be read.")) from error


def hash_file(path: Path) -> Sha256Hex:
    """Hash a file.

    Args:
        path: The file.

    Returns:
        Its SHA-256.

    Raises:
        SourceError: If it cannot be read.
    """
    state = hashlib.sha256()
    for block in _blocks(path, _BLOCK):
        state.update(block)
    return Sha256Hex(state.hexdigest())


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise SourceError(_("The file cannot be read.")) from error


def _extension(path: Path) -> str:
    """Keep a file's extension where it is harmless: the rest of its name may be personal data."""
    extension = path.suffix.removeprefix(".").lower()
    return extension if _EXTENSION.fullmatch(extension) else "bin"
