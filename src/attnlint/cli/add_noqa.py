"""``attnlint check --add-noqa``"""

from __future__ import annotations

import io
import sys
import tokenize
from collections.abc import Iterable
from itertools import groupby

from attnlint.cli.exit_codes import ERROR, OK
from attnlint.findings import Finding
from attnlint.notebook import is_notebook
from attnlint.runner import Outcome
from attnlint.suppression import add_noqa


def run(outcome: Outcome) -> int:
    """Write a comment for each finding into its file."""
    written = 0
    failed = bool(outcome.report.failures)
    for path, findings in groupby(outcome.report.findings, key=lambda finding: finding.path):
        try:
            changed, number = _with_comments(path, findings)
            with open(path, "wb") as file:
                file.write(changed)
            written += number
        except OSError as error:
            print(f"{path}: cannot be changed: {error.strerror}", file=sys.stderr)
            failed = True
    print(f"Added {written} noqa comment{'s' * (written != 1)}.", file=sys.stderr)
    return ERROR if failed else OK


def _with_comments(path: str, findings: Iterable[Finding]) -> tuple[bytes, int]:
    """The new content of a file that was checked before, and how many comments were written."""
    with open(path, "rb") as file:
        data = file.read()
    if is_notebook(path):
        from attnlint.fixes.edits import changed_lines
        from attnlint.notebook.program import read_notebook

        notebook = read_notebook(data)
        text, number = add_noqa(notebook.text, findings)
        return notebook.edited(changed_lines(notebook.text, text)), number
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    text, number = add_noqa(data.decode(encoding), findings)
    return text.encode(encoding), number
