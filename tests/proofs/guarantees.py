# SPDX-License-Identifier: EUPL-1.2
"""What must be true after a crash, and after the next start: every breach is told, in words."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import soundfile
from scene import CASE, PAUSE_AFTER, RATE, Scene, samples_of

from esdh_adapter.folder_sidecar import Sidecar
from recorder.archive.ledger import FINAL, Ledger, LedgerRow, RowKind
from recorder.archive.verification import verify_folder
from recorder.clock import SystemClock
from recorder.errors import RecorderError
from recorder.evidence import manifest as manifests
from recorder.evidence.manifest import Manifest
from recorder.evidence.verify import Finding
from recorder.lifecycle.parts import GapCause
from recorder.vault.keystore import FileKeyStore
from recorder.vault.slot import KeyRole, Slot

FRAME_BYTES = 2
LATER = {"completion.json", "receipt.txt"}
PAPERS = {"consent.json", "journal-note.txt", "VERIFY.txt", "manifest.json", "SHA256SUMS"}
_GIVEN_UP = frozenset({RowKind.WITHDRAWN, RowKind.DISCARDED})
_TAKEN_OVER = frozenset({GapCause.CONTINUED, GapCause.PROCESS_REPLACED})


@dataclass(frozen=True)
class Original:
    """The sound as it was before anything happened."""

    file: bytes
    samples: bytes
    is_imported: bool = False

    @classmethod
    def of(cls, path: Path, *, is_imported: bool) -> Original:
        return cls(path.read_bytes(), samples_of(path), is_imported)


def breaches_at_crash(scene: Scene, original: Original) -> Iterator[str]:
    """Say what was lost already at the instant of the crash, before anybody repairs anything."""
    try:
        rows = _rows(scene)
    except RecorderError as error:
        yield f"the ledger cannot be read: {error!r}"
        return
    if original.is_imported and not _has(scene.sound, original.file):
        yield from _unproven(scene, rows, "the imported file is erased")
    if original.is_imported or scene.received.span[1] == 0 or _sound_opens(scene):
        return
    # A decision is in the ledger before the key goes, as the proof is.
    if not _GIVEN_UP & {row.kind for row in rows}:
        yield from _unproven(scene, rows, "the sound cannot be opened any more")


def breaches_at_end(scene: Scene, original: Original) -> Iterator[str]:
    """Say what is wrong after the next start has done its work."""
    try:
        yield from _breaches_at_end(scene, original)
    except Exception as error:  # noqa: BLE001 - what cannot even be read is a breach
        yield f"what is there cannot be read: {error!r}"


def _breaches_at_end(scene: Scene, original: Original) -> Iterator[str]:
    rows = _rows(scene)
    yield from _left_behind(scene)
    kinds = [row.kind for row in rows]
    folder = scene.archive / CASE / scene.recording
    others = [p for p in scene.archive.glob("*/*") if p.is_dir() and p != folder]
    if others:
        yield f"another set in the archive: {others}"
    if not rows:
        if scene.received.span[1] > RATE:
            yield "there was sound, and nothing came of it"
        if folder.exists():
            yield "documents in the case of which the ledger knows nothing"
        return
    if len(set(kinds)) != len(kinds):
        yield f"the ledger says something twice: {kinds}"
    if len(notes := [p.name for p in folder.glob("withdrawal-*")]) > 1:
        yield f"the withdrawal is filed more than once: {notes}"
    if not FINAL & set(kinds):
        yield f"the ledger has no end: {kinds}"
    if RowKind.VERIFIED in kinds or not _GIVEN_UP & set(kinds):
        yield from _incomplete(scene, original, rows, folder)
    else:
        yield from _not_given_up_cleanly(folder, kinds)


def is_noted(scene: Scene, kind: RowKind) -> bool:
    """Tell whether the ledger has a row of a kind."""
    return any(row.kind is kind for row in _rows(scene))


def _rows(scene: Scene) -> list[LedgerRow]:
    return Ledger(scene.place.places.ledger, SystemClock()).rows()


def _has(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _sound_opens(scene: Scene) -> bool:
    directory = scene.place.places.vault / scene.recording
    try:
        Slot(directory, scene.recording, KeyRole.SOUND).open(FileKeyStore(scene.keys))
    except RecorderError:
        return False
    return True


def _unproven(scene: Scene, rows: list[LedgerRow], what: str) -> Iterator[str]:
    """Something is gone: then the archive must have all of it, and the ledger must say so."""
    verified = [row for row in rows if row.kind is RowKind.VERIFIED]
    if not verified:
        yield f"{what}, and the ledger has no proof"
        return
    folder = scene.archive / CASE / scene.recording
    found = {_sha256(p) for p in folder.glob("*") if p.is_file()}
    missing = [d.role for d in verified[0].documents if d.sha256 not in found]
    if missing or not verified[0].documents:
        yield f"{what}, and the archive lacks {missing}"


def _left_behind(scene: Scene) -> Iterator[str]:
    vault = scene.place.places.vault
    entries = [p.name for p in vault.iterdir() if p.name != "locks"] if vault.exists() else []
    if entries:
        yield f"left in the vault: {entries}"
    keys = [p.name for p in scene.keys.iterdir()] if scene.keys.exists() else []
    if keys:
        yield f"left in the key store: {keys}"


def _incomplete(
    scene: Scene, original: Original, rows: list[LedgerRow], folder: Path
) -> Iterator[str]:
    yield from _wrong_rows(rows)
    names = {p.name for p in folder.glob("*") if p.is_file() and not p.name.startswith(".")}
    notes = {name for name in names if name.startswith("withdrawal-")}
    sound = {name for name in names if name.startswith("recording-")}
    expected = PAPERS | (LATER if RowKind.WITHDRAWN not in {r.kind for r in rows} else set())
    if not expected <= names or names - LATER - notes - sound != PAPERS:
        yield f"the set is {sorted(names)}"
        return
    yield from _not_as_stated(folder, names)
    manifest = manifests.decode((folder / "manifest.json").read_bytes())
    if {part.file for part in manifest.parts} != sound:
        yield "manifest and folder name different parts"
    if original.is_imported:
        if [(folder / name).read_bytes() for name in sound] != [original.file]:
            yield "the archive does not have the imported file"
        return
    yield from _wrong_sound(scene, original, folder, manifest)


def _wrong_rows(rows: list[LedgerRow]) -> Iterator[str]:
    order = [RowKind.RESERVED, RowKind.SEALED, RowKind.VERIFIED, RowKind.WIPED, RowKind.COMPLETED]
    kinds = [row.kind for row in rows if row.kind is not RowKind.WITHDRAWN]
    if kinds != order:
        yield f"the ledger says {[kind.value for kind in kinds]}"


def _not_as_stated(folder: Path, names: set[str]) -> Iterator[str]:
    report = verify_folder(folder)
    if report.finding is not Finding.WHOLE or report.unlisted:
        yield f"verification says {report.finding}, unlisted {report.unlisted}"
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        digest, name = line[:64], line[64:].lstrip(" *")
        if not (folder / name).is_file() or _sha256(folder / name) != digest:
            yield f"SHA256SUMS does not fit {name}"
    sidecars = [
        msgspec.json.decode(p.read_bytes(), type=Sidecar)
        for p in (folder / ".meta").iterdir()
        if p.suffix == ".json"
    ]
    stated = {s.name for s in sidecars}
    # A withdrawal that was cut short and is filed again another day has another name; without its
    # document the first claim is nothing to anyone.
    if not names <= stated or any(not n.startswith("withdrawal-") for n in stated - names):
        yield "sidecars and documents do not fit"
    if len({s.role for s in sidecars}) != len(sidecars):
        yield "a document is there twice"
    yield from (
        f"the sidecar of {s.name} states another hash"
        for s in sidecars
        if s.name in names and _sha256(folder / s.name) != s.sha256
    )


def _wrong_sound(
    scene: Scene, original: Original, folder: Path, manifest: Manifest
) -> Iterator[str]:
    received = scene.received.span[1]
    end = 0
    for part in manifest.parts:
        pcm = _decoded((folder / part.file).read_bytes())
        frames = len(pcm) // FRAME_BYTES
        if hashlib.sha256(pcm).hexdigest() != part.samples_sha256 or frames != part.samples:
            yield f"the manifest states other samples of {part.file}"
        begins = _place_of(pcm, original, end)
        if begins is None or (part.number == 1 and begins):
            yield f"{part.file} holds other samples than were played, or there is a hole before it"
            return
        end = begins + frames
    if received - end > RATE:
        yield f"{(received - end) / RATE:.2f} s of {received / RATE:.2f} s are missing"
    if manifest.damaged:
        yield "a crash was taken for damage"
    yield from _dishonest_gaps(scene, manifest)


def _place_of(pcm: bytes, original: Original, end: int) -> int | None:
    """Find where a part was taken from: a later process begins again at a whole second."""
    for begins in range(end // RATE * RATE, -1, -RATE):
        if original.samples[begins * FRAME_BYTES :][: len(pcm)] == pcm:
            return begins
    return None


def _dishonest_gaps(scene: Scene, manifest: Manifest) -> Iterator[str]:
    causes = [gap.cause for gap in manifest.gaps]
    is_past_pause = manifest.parts and manifest.parts[0].samples > PAUSE_AFTER * RATE * 1.2
    if scene.has_pause and is_past_pause and GapCause.PAUSE not in causes:
        yield "the pause is not told"
    # A gap at the *end* of a part is another thing: a process that took over found no sound left.
    changes = [gap.part for gap in manifest.gaps if gap.cause in _TAKEN_OVER and not gap.at_sample]
    if changes != [part.number for part in manifest.parts[1:]]:
        parts = [(part.number, part.samples) for part in manifest.parts]
        gaps = [(gap.cause.value, gap.part, gap.at_sample) for gap in manifest.gaps]
        yield f"the gaps between the parts are not told as they were: {parts} {gaps}"
    if any(gap.seconds < 0 for gap in manifest.gaps):
        yield "a gap has a negative length"


def _decoded(flac: bytes) -> bytes:
    samples, _rate = soundfile.read(io.BytesIO(flac), dtype="int16", always_2d=True)
    return samples.astype("<i2").tobytes()


def _not_given_up_cleanly(folder: Path, kinds: list[RowKind]) -> Iterator[str]:
    visible = [p.name for p in folder.glob("*") if p.is_file() and not p.name.startswith(".")]
    names = sorted(visible)
    notes = [name for name in names if name.startswith("withdrawal-")]
    if RowKind.WIPED not in kinds and RowKind.DISCARDED not in kinds:
        yield f"given up, but the ledger says nothing of a wipe: {kinds}"
    if RowKind.WITHDRAWN in kinds and len(notes) != 1:
        yield f"withdrawn, and the case has {len(notes)} notes of it"
    if LATER & set(names):
        yield f"given up, and yet completed: {names}"
    if RowKind.SEALED not in kinds and set(names) - set(notes):
        yield f"given up before it was sealed, and yet in the case: {names}"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
