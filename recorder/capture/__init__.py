# SPDX-License-Identifier: EUPL-1.2
"""From a source of sound to encrypted records in the vault, in a process of its own.

    source.py  microphone.py  sound_file.py  devices.py      where samples come from
    supervision.py  level.py                                 lost samples, loudness
    flac.py  part_writer.py  writer.py  sound_log.py         samples into the vault
    session.py  process.py  __main__.py  protocol.py         the capture process
    supervisor.py                                            its parent's side
    takeover.py                                              going on where a process died
    survey.py  recovery.py  content.py  importing.py         reading, closing, taking in

Rules: capture waits for nothing. No sound is stored before the permission is in the journal.
"""
