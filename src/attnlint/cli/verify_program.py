"""``attnlint check --verify=program``"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from attnlint.config import ConfigError
from attnlint.environment import python_of
from attnlint.files import STANDARD_INPUT
from attnlint.findings import Finding
from attnlint.notebook import is_notebook
from attnlint.runner import Outcome
from attnlint.verify import find_interpreter
from attnlint.verify.program import announcement, driven, judged


def run(outcome: Outcome, arguments: argparse.Namespace) -> Outcome:
    """Run each file that has findings, and a driver for what its own run does not come to.

    Says first what it runs. Raises ConfigError when there is no such interpreter.
    """
    findings: list[Finding] = []
    for path, group in groupby(outcome.report.findings, key=lambda one: one.path):
        found = list(group)
        # A notebook is no program that Python could run.
        if path == STANDARD_INPUT or is_notebook(path) or not Path(path).is_file():
            findings += found
            continue
        try:
            python = find_interpreter(python_of(outcome.settings), Path(path).absolute().parent)
        except FileNotFoundError as error:
            raise ConfigError(str(error)) from None
        print(f"attnlint: {announcement(python, path)}", file=sys.stderr)
        found = judged(found, python, path)
        text = Path(path).read_text(encoding="utf-8", errors="replace")
        findings += driven(found, python, path, text, announce=lambda line: print(f"attnlint: {line}", file=sys.stderr))
    report = replace(outcome.report, findings=tuple(findings), verified=True)
    return replace(outcome, report=report)
