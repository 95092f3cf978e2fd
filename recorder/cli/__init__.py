# SPDX-License-Identifier: EUPL-1.2
"""The command line: one file per command, one catch for all errors.

Rules: nothing but data on standard output when data was asked for (``--json``); what people read
goes to standard error, results to standard output; personal data comes in by prompt, file or
standard input, never through arguments, environment or process titles.
"""

from __future__ import annotations


def main() -> None:
    """Run ``modoptager``; the console script's entry point."""
    from recorder.cli.app import run  # noqa: PLC0415 - keeps importing this package free of cost

    run()
