# SPDX-License-Identifier: EUPL-1.2
"""What a capture process finds of one before it: what to clear, and where to go on.

Rules: nothing here changes a recording that has sound. Damage is told to the writer, which notes
it before anything else: the next record hides it from every later reader.
"""

from __future__ import annotations

from recorder.capture.recovery import damage_gap
from recorder.capture.survey import PartTrace, Survey, survey
from recorder.capture.writer import Beginning
from recorder.clock import Instant
from recorder.errors import MissingError, NotAllowedError
from recorder.identifiers import RecordingId
from recorder.lifecycle.parts import Gap, GapCause
from recorder.lifecycle.states import LIVE, State
from recorder.vault.log import LogEnd
from recorder.vault.vault import Vault

_OPEN = LIVE | {State.INTERRUPTED}


def clear_attempt(vault: Vault, recording: RecordingId) -> bool:
    """Remove what an attempt to begin a recording left when it died.

    Args:
        vault: Where it would lie; its parent watches over the recording.
        recording: Its id.

    Returns:
        Whether sound of it was stored already: then nothing is removed, and it is continued.

    Raises:
        NotAllowedError: If that recording has ended.
        BusyError: If another process has it.
        KeyStoreError: If the key store does not answer.
        VaultError: If it cannot be read or removed.
    """
    if recording not in vault.ids():
        return False
    vault.sweep_own(recording)
    try:
        entry = vault.open(recording, is_own=True)
    except MissingError:
        return False
    with entry:
        if entry.recording.state not in _OPEN:
            raise NotAllowedError
        entry.sync_sound()
        found = survey(entry.sound_reader())
        if found.sounding or found.end is LogEnd.DAMAGED:
            return True
        entry.destroy()
    return False


def take_up(found: Survey, cause: GapCause, now: Instant) -> Beginning:
    """Find where to go on; earlier parts are decoded only at the end, capture comes first.

    Args:
        found: What is in the sound log.
        cause: Why another process goes on.
        now: The present.

    Returns:
        Where the writer takes up the log.
    """
    last = max((trace.began.part for trace in found.sounding), default=0)
    damage = _damage(found, now) if found.end is LogEnd.DAMAGED else None
    return Beginning(found.append_at, last + 1, cause if last else None, damage)


def stored_seconds(found: Survey) -> int:
    """Count the whole seconds that are surely in the vault; a file goes on from there.

    Args:
        found: What is in the sound log.

    Returns:
        Seconds of sound.
    """
    return sum(map(_whole_seconds, found.sounding))


def _whole_seconds(trace: PartTrace) -> int:
    if trace.closed is not None:
        return trace.closed.samples // trace.closed.format.rate
    # A second is hashed before the encoder has let go of its end: the last one may be cut short.
    # What is played twice is no loss; a hole would be one.
    return max(0, len(trace.stamps) - 1)


def _damage(found: Survey, now: Instant) -> Gap:
    if not found.sounding:
        return damage_gap(1, 0, now)
    last = found.sounding[-1]
    # How many samples an open part has, only decoding tells: a second more than it can have.
    samples = (len(last.stamps) + 2) * last.began.format.rate
    return damage_gap(last.began.part, last.closed.samples if last.closed else samples, now)
