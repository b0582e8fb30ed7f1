"""``attnlint check``"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from attnlint.cli import summary
from attnlint.cli.exit_codes import ERROR, FOUND, OK
from attnlint.cli.overrides import resolver_from
from attnlint.cli.progress import Progress
from attnlint.config import ConfigError
from attnlint.files import STANDARD_INPUT
from attnlint.output import PLAIN, Report, render
from attnlint.output.style import style_for
from attnlint.runner import Outcome, Run
from attnlint.runner import run as check

TEXT_FORMATS = ("full", "concise")


def run(arguments: argparse.Namespace) -> int:
    """Check, print, and say in the exit code what was found. Raises ConfigError."""
    _refuse_contradictions(arguments)
    if arguments.show_settings or arguments.show_files:
        from attnlint.cli import show

        return show.run(arguments)
    if arguments.watch:
        from attnlint.cli import watch

        return watch.run(arguments)
    outcome = check_once(arguments)
    if arguments.add_noqa:
        from attnlint.cli import add_noqa

        return add_noqa.run(outcome)
    if arguments.verify_program:
        from attnlint.cli import verify_program

        outcome = verify_program.run(outcome, arguments)
    if arguments.fix or arguments.unsafe_fixes or arguments.diff or arguments.show_fixes:
        from attnlint.cli import fix

        outcome = fix.run(outcome, arguments)
        if arguments.diff:
            return fix.exit_code(arguments)
    write(outcome.report, arguments, output_format(arguments, outcome))
    return exit_code(outcome, arguments)


def check_once(arguments: argparse.Namespace) -> Outcome:
    """One run as the command line says."""
    paths = list(arguments.paths) or ["."]
    progress = Progress(enabled=not arguments.quiet)
    request = Run(
        paths,
        resolver_from(arguments),
        standard_input=sys.stdin.buffer.read() if STANDARD_INPUT in paths else None,
        standard_input_name=arguments.stdin_filename or "",
        update_baseline=arguments.update_baseline,
        on_progress=progress.update,
    )
    if arguments.update_baseline and request.settings.baseline is None:
        raise ConfigError("--update-baseline needs to know the file: --baseline FILE, or baseline in the configuration")
    try:
        outcome = check(request)
    finally:
        progress.clear()
    _tell(outcome, arguments)
    return outcome


def output_format(arguments: argparse.Namespace, outcome: Outcome) -> str:
    """The format asked for, else the one that suits where the output goes."""
    if outcome.settings.output_format is not None:
        return outcome.settings.output_format
    return "full" if arguments.output_file is None and sys.stdout.isatty() else "concise"


def write(report: Report, arguments: argparse.Namespace, name: str) -> None:
    """The findings, or their statistics, to the file or to standard output; the summary to standard error."""
    style = style_for(sys.stdout, arguments.color) if arguments.output_file is None else PLAIN
    text = summary.statistics(report, name) if arguments.statistics else render(report, name, style)
    if arguments.output_file is not None:
        try:
            path = Path(arguments.output_file)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise ConfigError(f"--output-file: {arguments.output_file}: {error.strerror}") from None
    else:
        sys.stdout.write(text)
        sys.stdout.flush()
    if not arguments.quiet and name in TEXT_FORMATS:
        for row in (*summary.summary(report), *summary.fixable(report, applied=arguments.fix)):
            print(row, file=sys.stderr)


def exit_code(outcome: Outcome, arguments: argparse.Namespace) -> int:
    """What a script that called us needs to know."""
    report = outcome.report
    if report.failures and not report.checked:
        return ERROR
    if arguments.exit_zero or not (report.findings or report.failures):
        return OK
    return FOUND


def _tell(outcome: Outcome, arguments: argparse.Namespace) -> None:
    """What is no finding, on standard error: what could not be read, and with -v what was left open."""
    for failure in outcome.report.failures:
        print(failure.line(outcome.report.sources), file=sys.stderr)
    for file in outcome.files:
        for note in (*file.unread, *file.notes) if arguments.verbose else file.unread:
            print(f"{file.path}: {note}", file=sys.stderr)
    if not outcome.files and not outcome.report.failures and not arguments.quiet:
        print("attnlint: warning: no Python files or notebooks found under the given paths", file=sys.stderr)


def _refuse_contradictions(arguments: argparse.Namespace) -> None:
    """Options that make no sense together are a mistake, not a matter of which is read first."""
    if STANDARD_INPUT in arguments.paths:
        for name in ("watch", "add_noqa", "update_baseline"):
            if getattr(arguments, name):
                raise ConfigError(f"--{name.replace('_', '-')} cannot work on standard input")
    elif arguments.stdin_filename is not None:
        raise ConfigError("--stdin-filename is for standard input: give - as the path")
