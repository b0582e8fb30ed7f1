"""``attnlint check --fix``, ``--unsafe-fixes``, ``--diff`` and ``--show-fixes``"""

from __future__ import annotations

import argparse
import io
import sys
import tokenize
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from attnlint.cli.exit_codes import FOUND, OK
from attnlint.cli.overrides import resolver_from
from attnlint.files import STANDARD_INPUT
from attnlint.findings import Finding
from attnlint.fixes.apply import Fixed, fix_text
from attnlint.fixes.edits import FileChanged, difference, write_atomically
from attnlint.runner import Outcome, verifier_for


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
            data = _content(path, outcome, arguments)
            if data is None:
                left += findings
                continue
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
            text = data.decode(encoding)
            settings = resolver.for_file(Path(path))
            apply = bool(arguments.fix or arguments.diff)
            unsafe = bool(arguments.unsafe_fixes)
            fixed = fix_text(text, path, settings, unsafe=unsafe, apply=apply, verifier=verifier)
            if arguments.diff:
                sys.stdout.write(difference(path, text, fixed.text))
            elif fixed.applied and path != STANDARD_INPUT:
                try:
                    write_atomically(path, data, fixed.text.encode(encoding))
                except FileChanged:
                    print(f"{path}: not fixed: the file has changed since it was checked", file=sys.stderr)
                    left += findings
                    continue
                except OSError as error:
                    print(f"{path}: not fixed: {error.strerror}", file=sys.stderr)
                    left += findings
                    continue
            applied += len(fixed.applied)
            left += _reported(fixed, findings, outcome)
            if arguments.show_fixes:
                for row in _shown(path, fixed):
                    print(row, file=sys.stderr)
    arguments.fixed = applied
    if applied and not arguments.quiet:
        verb = "Would fix" if arguments.diff else "Fixed"
        print(f"{verb} {applied} error{'s' * (applied != 1)}.", file=sys.stderr)
    return replace(outcome, report=replace(outcome.report, findings=tuple(left)))


def exit_code(arguments: argparse.Namespace) -> int:
    """Of ``--diff``: whether there is anything to change."""
    return FOUND if arguments.fixed and not arguments.exit_zero else OK


def _content(path: str, outcome: Outcome, arguments: argparse.Namespace) -> bytes | None:
    if path == STANDARD_INPUT or path == arguments.stdin_filename:
        return None
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def _reported(fixed: Fixed, findings: list[Finding], outcome: Outcome) -> Iterator[Finding]:
    """What is left, with the verdicts that torch gave before, and without what the run withheld."""
    verdicts = {(one.code, one.message): one.verdict for one in findings}
    withheld = outcome.report.baselined or outcome.report.refuted
    for one in fixed.report.findings:
        key = (one.code, one.message)
        if key in verdicts or not withheld:
            yield replace(one, verdict=verdicts.get(key))


def _shown(path: str, fixed: Fixed) -> Iterator[str]:
    for finding, fix in fixed.applied:
        yield f"{path}:{finding.range.line}: {finding.code}: {fix.title}"
    for finding in fixed.report.findings:
        where = f"{path}:{finding.range.line}: {finding.code}"
        if finding.fix is not None:
            yield f"{where}: {'' if finding.fix.safe else 'unsafe: '}{finding.fix.title}"
        for number, fix in enumerate(finding.alternatives, 1):
            yield f"{where}: choice {number}: {fix.title}"
