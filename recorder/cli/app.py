# SPDX-License-Identifier: EUPL-1.2
"""The command group. Commands are imported when they run, so that ``--help`` is quick."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import signal
import sys

import click

from recorder import __version__
from recorder.words import N_, _

_COMMANDS = {
    "record": ("recorder.cli.record:record", N_("Record a meeting and archive it.")),
    "import": ("recorder.cli.import_:import_", N_("Take in a sound file and archive it.")),
    "archive": ("recorder.cli.archive:archive", N_("Archive what is waiting on this device.")),
    "status": ("recorder.cli.status:status", N_("Show what is on this device.")),
    "recover": ("recorder.cli.recover:recover", N_("Finish interrupted recordings.")),
    "verify": ("recorder.cli.verify:verify", N_("Check that a recording is whole.")),
    "withdraw": ("recorder.cli.withdraw:withdraw", N_("Withdraw a permission.")),
    "discard": ("recorder.cli.discard:discard", N_("Give a recording up by decision.")),
    "ledger": ("recorder.cli.ledger:ledger", N_("Show what became of every recording.")),
    "doctor": ("recorder.cli.doctor:doctor", N_("Check this computer.")),
    "demo": ("recorder.cli.demo:demo", N_("Show the whole way with invented people.")),
    "config": ("recorder.cli.config:config", N_("Check or show the settings.")),
    "completion": ("recorder.cli.completion:completion", N_("Print shell completion.")),
}


class _LazyGroup(click.Group):
    """A group that knows its commands by name and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, _sep, name = _COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(text)) for name, (_target, text) in _COMMANDS.items()])


@click.command(
    cls=_LazyGroup,
    help=_(
        "Modoptager records a meeting with consent, archives it, proves it, and only then wipes it."
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="modoptager")
def app() -> None:
    """Hold the commands together."""


def run() -> None:
    """Run the command line and exit with the contract's code."""
    if hasattr(signal, "SIGPIPE"):
        # A closed pipe (``| head``) ends printing, never a recording: writes raise instead.
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    _forbid_core_dumps()
    _provide_streams()
    try:
        app.main(standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except BaseException as error:  # noqa: BLE001 - the one catch at the top
        from recorder.cli.failure import exit_code_for  # noqa: PLC0415 - only where it failed

        sys.exit(exit_code_for(error))
    sys.exit(0)


def _forbid_core_dumps() -> None:
    """Keep a crash from writing memory, which holds sound and names, to a disk.

    The capture process inherits it. Windows' error reports are IT's to switch off.
    """
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - exists on POSIX only

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _provide_streams() -> None:
    """Make sure that there is something to write to, and that any character can be written.

    A stream that was closed before the program began is None in Python, and a pipe on Windows takes
    the characters of one code page only; neither may end a recording.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - stays open to the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if "--json" in sys.argv[1:] and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # RFC 8259
