# SPDX-License-Identifier: EUPL-1.2
"""``modoptager ledger export``: what became of every recording of this device, as data."""

from __future__ import annotations

import csv
import io

import click
import msgspec

from recorder.archive.ledger import LedgerRow
from recorder.cli.session import workplace
from recorder.cli.voice import Voice, speaking
from recorder.words import _

_COLUMNS = ("number", "time", "recording", "kind", "sequence", "manifest_sha256", "adapter")


@click.group(help=_("Show what became of every recording."))
def ledger() -> None:
    """Hold the commands together."""


@ledger.command(help=_("Print all rows: JSON lines, or with --csv a table."))
@click.option("--csv", "as_csv", is_flag=True, help=_("As comma-separated values."))
@speaking
def export(voice: Voice, *, as_csv: bool) -> None:
    """Print the ledger on standard output, ready for the archivist.

    Args:
        voice: Only tells of wrong settings.
        as_csv: A table instead of JSON lines.

    Raises:
        DamagedError: If a row is missing or changed.
    """
    rows = workplace(voice).archive.ledger.rows()
    if as_csv:
        click.echo(_table(rows), nl=False)
        return
    for row in rows:
        click.echo(msgspec.json.encode(row).decode("utf-8"))


def _table(rows: list[LedgerRow]) -> str:
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    table.writerow(_COLUMNS)
    for row in rows:
        table.writerow(
            [
                row.number,
                row.at.wall.isoformat(),
                row.recording,
                row.kind.value,
                row.sequence or "",
                row.manifest_sha256 or "",
                row.adapter,
            ]
        )
    return text.getvalue()
