"""``attnlint check --fix``, ``--unsafe-fixes``, ``--diff`` and ``--show-fixes``"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from attnlint.cli.exit_codes import FOUND, OK
from attnlint.cli.overrides import resolver_from
from attnlint.files import STANDARD_INPUT
from attnlint.findings import Finding
from attnlint.fixes.apply import Fixed, fix_text
from attnlint.fixes.content import Content
from attnlint.fixes.edits import FileChanged, write_atomically
from attnlint.output import Sources
from attnlint.runner import Outcome, verifier_for
from attnlint.syntax import SourceError


def run(outcome: Outcome, arguments: argparse.Namespace) -> Outcome:
    """Work out the repairs of what was found, and apply or show them. The outcome has what is left."""
    left: list[Finding] = []
    resolver = resolver_from(arguments)
    with ExitStack() as stack:
        verifier = None
        if outcome.settings.verify and not outcome.report.problem and outcome.report.findings:
            start = Path(outcome.report.findings[0].path).absolute().parent
            verifier = stack.enter_context(verifier_for(outcome.settings, start))
        by_path: dict[str, list[Finding]] = {}
        for finding in outcome.report.findings:
            by_path.setdefault(finding.path, []).append(finding)
        applied = 0
        for path, findings in by_path.items():
            content = _content(path, arguments)
            if content is None:
                left += findings
                continue
            settings = resolver.for_file(Path(path))
            apply = bool(arguments.fix or arguments.diff)
            unsafe = bool(arguments.unsafe_fixes)
            fixed = fix_text(content.text, path, settings, unsafe=unsafe, apply=apply, verifier=verifier)
            problem = _write(content, fixed, arguments)
            if problem:
                print(f"{path}: not fixed: {problem}", file=sys.stderr)
                left += findings
                continue
            applied += len(fixed.applied)
            left += _reported(fixed, findings, outcome)
            if arguments.show_fixes:
                for row in _shown(path, fixed, outcome.report.sources):
                    print(row, file=sys.stderr)
    arguments.fixed = applied
    if applied and not arguments.quiet:
        verb = "Would fix" if arguments.diff else "Fixed"
        print(f"{verb} {applied} error{'s' * (applied != 1)}.", file=sys.stderr)
    return replace(outcome, report=replace(outcome.report, findings=tuple(left)))


def exit_code(arguments: argparse.Namespace) -> int:
    """Of ``--diff``: whether there is anything to change."""
    return FOUND if arguments.fixed and not arguments.exit_zero else OK


def _content(path: str, arguments: argparse.Namespace) -> Content | None:
    if path == STANDARD_INPUT or path == arguments.stdin_filename:
        return None
    try:
        with open(path, "rb") as file:
            return Content(path, file.read())
    except (OSError, SyntaxError, UnicodeError, SourceError):
        return None


def _write(content: Content, fixed: Fixed, arguments: argparse.Namespace) -> str:
    """Write or show what the file becomes; why that cannot be, if it cannot."""
    if not fixed.applied:
        return ""
    try:
        changed = content.repaired(fixed)
        if arguments.diff:
            sys.stdout.write(content.difference(changed))
        else:
            write_atomically(content.path, content.data, changed)
    except FileChanged:
        return "the file has changed since it was checked"
    except OSError as error:
        return error.strerror or str(error)
    except ValueError as error:
        return str(error)
    return ""


def _reported(fixed: Fixed, findings: list[Finding], outcome: Outcome) -> Iterator[Finding]:
    """What is left, with the verdicts that torch gave before, and without what the run withheld."""
    verdicts = {(one.code, one.message): one.verdict for one in findings}
    withheld = outcome.report.baselined or outcome.report.refuted
    for one in fixed.report.findings:
        key = (one.code, one.message)
        if key in verdicts or not withheld:
            yield replace(one, verdict=verdicts.get(key))


def _shown(path: str, fixed: Fixed, sources: Sources) -> Iterator[str]:
    def place(finding: Finding) -> str:
        located = sources.locate(path, finding.range)
        return f"{located.name}:{located.range.line}: {finding.code}"

    for finding, fix in fixed.applied:
        yield f"{place(finding)}: {fix.title}"
    for finding in fixed.report.findings:
        where = place(finding)
        if finding.fix is not None:
            yield f"{where}: {'' if finding.fix.safe else 'unsafe: '}{finding.fix.title}"
        for number, fix in enumerate(finding.alternatives, 1):
            yield f"{where}: choice {number}: {fix.title}"
