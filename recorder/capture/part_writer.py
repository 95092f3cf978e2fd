# SPDX-License-Identifier: EUPL-1.2
"""One part of a recording on its way into the sound log: encoded, hashed, appended.

Rule: a record that could not be appended is kept by the log and goes with its next attempt, so
that nothing here is ever appended twice.
"""

from __future__ import annotations

import contextlib
import os

from recorder.capture.sound_log import (
    AUDIO_CHUNK,
    PartBegan,
    Stamp,
    encode_audio,
    encode_digests,
    encode_header,
    encode_part,
)
from recorder.clock import Instant
from recorder.digest import SEED_BYTES, Leaf, LeafPlace, SampleDigest
from recorder.errors import VaultError
from recorder.lifecycle.parts import GapCause, Part, PartFormat
from recorder.vault.log_writer import LogWriter
from recorder.vault.segment import RecordType

TRACK = 1
"""The only track until a recording can have several microphones at once."""


class SoundStore:
    """A sound log that remembers what could not be stored and tries it once more."""

    def __init__(self, log: LogWriter) -> None:
        """Write to a log.

        Args:
            log: The sound log's writer.
        """
        self._log = log

    @property
    def next_sequence(self) -> int:
        """Number of the next record."""
        return self._log.next_sequence

    @property
    def is_reserve_spent(self) -> bool:
        """Whether the disk is full: the room that is left is for ending properly."""
        return self._log.is_reserve_spent

    def append(self, kind: RecordType, payload: bytes) -> int:
        """Append one record; a failure shows at ``sync``.

        Args:
            kind: Its type.
            payload: Its content.

        Returns:
            Its number in the log.
        """
        sequence = self._log.next_sequence
        with contextlib.suppress(VaultError):
            self._log.append(kind, payload)
        return sequence

    def sync(self) -> None:
        """Wait until every record is on the medium.

        Raises:
            VaultError: If the second attempt failed too. The records are still in memory.
        """
        try:
            self._log.sync()
        except VaultError:
            self._log.sync()  # in the next segment: never the same file again

    def release(self) -> None:
        """Close the file without ending the log."""
        self._log.release()


class PartWriter:
    """Writes one part."""

    def __init__(
        self,
        store: SoundStore,
        number: int,
        form: PartFormat,
        *,
        source_name: str,
        began: Instant,
        after: GapCause | None,
    ) -> None:
        """Begin a part: its PART record is appended.

        Args:
            store: Where to.
            number: From 1.
            form: Of its samples; a FLAC container.
            source_name: Name of the device; empty for files.
            began: When its first sample was taken.
            after: Why this process took over from one that is gone, if it did.

        Raises:
            VaultError: If such a file cannot be encoded.
        """
        # Slow to load, and recording alone needs it: not what else is written to a sound log.
        from recorder.capture.flac import FlacEncoder  # noqa: PLC0415 - see above

        seed = os.urandom(SEED_BYTES)
        place = LeafPlace(TRACK, number, form.rate, form.channels, form.depth)
        self._store = store
        self._encoder = FlacEncoder(form)
        self._digest = SampleDigest(seed, place)
        self._content_bytes = 0
        self.began = PartBegan(
            number, TRACK, form, seed, source_name, began, self._encoder.header, after
        )
        self._sequence = store.append(RecordType.PART, encode_part(self.began))

    @property
    def number(self) -> int:
        """From 1."""
        return self.began.part

    @property
    def format(self) -> PartFormat:
        """Of its samples."""
        return self.began.format

    @property
    def samples(self) -> int:
        """Frames written until now."""
        return self._digest.samples

    def write(self, pcm: bytes, at: Instant) -> None:
        """Encode, hash and append samples.

        Args:
            pcm: Whole frames.
            at: The instant of the last sample.

        Raises:
            VaultError: If they cannot be encoded.
        """
        self._encoder.write(pcm)
        leaves = self._digest.update(pcm)
        self._append_content(self._encoder.drain())
        self._append_leaves(leaves, at)

    def close(self, at: Instant) -> Part:
        """Append what the encoder held back, and the HEADER record.

        Args:
            at: The instant of the last sample.

        Returns:
            The closed part.

        Raises:
            VaultError: If the encoder cannot.
        """
        self._append_content(self._encoder.close())
        self._append_leaves(self._digest.finish(), at)
        part = closed_part(
            self.began, self._sequence, self._content_bytes, self._encoder.header, self._digest
        )
        self._store.append(RecordType.HEADER, encode_header(part))
        return part

    def _append_content(self, content: bytes) -> None:
        for start in range(0, len(content), AUDIO_CHUNK):
            chunk = content[start : start + AUDIO_CHUNK]
            self._store.append(RecordType.AUDIO, encode_audio(self.number, chunk))
        self._content_bytes += len(content)

    def _append_leaves(self, leaves: list[Leaf], at: Instant) -> None:
        stamps = [self._stamp(leaf, at) for leaf in leaves]
        for payload in encode_digests(self.number, stamps):
            self._store.append(RecordType.DIGEST, payload)

    def _stamp(self, leaf: Leaf, at: Instant) -> Stamp:
        behind = (self._digest.samples - leaf.end) / self.format.rate
        return stamp_of(leaf, at, behind)


def stamp_of(leaf: Leaf, at: Instant, behind: float) -> Stamp:
    """Give a leaf its instant.

    Args:
        leaf: The leaf.
        at: An instant at or after its last sample.
        behind: Seconds from its last sample to that instant.

    Returns:
        The leaf with the instant of its last sample.
    """
    wall_us = round((at.wall.timestamp() - behind) * 1e6)
    return Stamp(leaf.index, leaf.sha256, at.monotonic_ns - round(behind * 1e9), wall_us)


def closed_part(
    began: PartBegan, sequence: int, content_bytes: int, header: bytes, digest: SampleDigest
) -> Part:
    """Put together what is known of a part at its end.

    Args:
        began: Its beginning.
        sequence: Of its PART record.
        content_bytes: Bytes of its file behind the header.
        header: The final header.
        digest: Has seen all its samples.

    Returns:
        The closed part.
    """
    totals = digest.totals
    return Part(
        number=began.part,
        format=began.format,
        began=began.began,
        first_sequence=sequence,
        content_bytes=content_bytes,
        header=header,
        samples=totals.samples,
        samples_sha256=totals.samples_sha256,
        leaf_seed=began.leaf_seed,
        leaf_count=totals.leaf_count,
        leaf_root=totals.leaf_root,
        source_name=began.source_name,
    )
