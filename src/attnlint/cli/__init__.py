"""The command line. Each command lives in a module of its own, imported when it is asked for."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

from attnlint.cli.exit_codes import ERROR, INTERRUPTED, OK
from attnlint.garbage import rare_collections

COMMANDS = {
    "check": "attnlint.cli.check",
    "shapes": "attnlint.cli.shapes",
    "annotate": "attnlint.cli.annotate",
    "rule": "attnlint.cli.rules",
    "rules": "attnlint.cli.rules",
    "ops": "attnlint.cli.ops",
    "repro": "attnlint.cli.repro",
    "probe": "attnlint.cli.probe",
    "config": "attnlint.cli.config",
    "server": "attnlint.cli.server",
}
"""Command to the module that has its ``run(arguments)``."""

_OWN_OPTIONS = {"-h", "--help", "-V", "--version"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in (["--version"], ["-V"]):
        from attnlint import __version__

        print(f"attnlint {__version__}")
        return OK
    # What is no command is a path or an option of the command that everybody wants.
    if arguments and arguments[0] not in COMMANDS and arguments[0] not in _OWN_OPTIONS:
        arguments.insert(0, "check")
    from attnlint.cli.arguments import parse, parser

    if not arguments:
        parser().print_help(sys.stderr)
        return ERROR
    try:
        parsed = parse(arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else ERROR
    for stream in (sys.stdout, sys.stderr):
        # A path need not be text in the encoding of the terminal.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    from attnlint.config import ConfigError

    _end_in_order()
    try:
        # Without arguments of our own we are a program, and the process ends with us.
        with rare_collections(last=argv is None):
            code: int = importlib.import_module(COMMANDS[parsed.command]).run(parsed)
        sys.stdout.flush()
        return code
    except ConfigError as error:
        print(f"attnlint: error: {error}", file=sys.stderr)
        return ERROR
    except KeyboardInterrupt:
        print("attnlint: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has seen enough. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _end_in_order() -> None:
    """Being asked to end is an exception like Ctrl-C: other processes that we started end with us."""
    import signal
    import threading

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
