# SPDX-License-Identifier: EUPL-1.2
"""``modoptager verify``: one sentence says what was compared with what, and the result."""

from __future__ import annotations

from pathlib import Path

import click

from recorder.archive.verification import verify_case, verify_folder
from recorder.cli.identify import identified
from recorder.cli.session import workplace
from recorder.cli.voice import Voice, speaking
from recorder.errors import AlteredError, RecorderError, UncheckedError
from recorder.evidence.verify import Finding, SetReport
from recorder.words import N_, _, printable

_FINDINGS = {
    Finding.WHOLE: N_("whole"),
    Finding.ALTERED: N_("ALTERED"),
    Finding.MISSING: N_("MISSING"),
    Finding.UNREADABLE: N_("COULD NOT BE READ"),
}


@click.command(help=_("Check that a recording is whole: a folder, or a recording's id."))
@click.argument("target")
@speaking
def verify(voice: Voice, *, target: str) -> None:
    """Check a recording.

    Args:
        voice: Tells.
        target: A folder with a manifest, or the id of a recording in the archive.

    Raises:
        AlteredError: If a file is altered or missing.
        UncheckedError: If something could not be checked.
        MissingError: If there is nothing to check.
    """
    if Path(target).is_dir():
        report = verify_folder(Path(target))
        compared = _("every file in the folder was compared with its manifest")
    else:
        report = verify_case(identified(target), workplace(voice).archive)
        compared = _("every file was fetched from the case and compared with its manifest")
    _tell(report, compared, voice)
    error = _error_of(report)
    if error is not None:
        raise error


def _tell(report: SetReport, compared: str, voice: Voice) -> None:
    voice.event(
        "verification",
        id=report.recording,
        result=report.finding.value,
        manifest=report.manifest.value,
        manifest_sha256=report.manifest_sha256,
        files=[
            {"file": f.file, "result": f.finding.value, "expected": f.expected, "found": f.found}
            for f in report.files
        ],
        unlisted=list(report.unlisted),
    )
    for file in report.files:
        voice.result(f"{_(_FINDINGS[file.finding]):<10} {printable(file.file)}")
    for name in report.unlisted:
        voice.result(_("{file} is not part of the sealed recording").format(file=printable(name)))
    if report.finding is Finding.WHOLE:
        voice.result(
            _("The recording is whole: {compared}; all {number} agree.").format(
                compared=compared, number=len(report.files)
            )
        )


def _error_of(report: SetReport) -> RecorderError | None:
    bad = [f for f in report.files if f.finding is not Finding.WHOLE]
    problems = [f"{printable(f.file)}: {_(_FINDINGS[f.finding])}" for f in bad]
    if report.manifest is not Finding.WHOLE:
        problems.append(f"manifest.json: {_(_FINDINGS[report.manifest])}")
    match report.finding:
        case Finding.WHOLE:
            return None
        case Finding.UNREADABLE:
            return UncheckedError(problems=problems)
        case _:
            return AlteredError(problems=problems)
