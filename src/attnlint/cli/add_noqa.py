"""``attnlint check --add-noqa``"""

from __future__ import annotations

import io
import sys
import tokenize
from itertools import groupby

from attnlint.cli.exit_codes import ERROR, OK
from attnlint.runner import Outcome
from attnlint.suppression import add_noqa


def run(outcome: Outcome) -> int:
    """Write a comment for each finding into its file."""
    written = 0
    failed = bool(outcome.report.failures)
    for path, findings in groupby(outcome.report.findings, key=lambda finding: finding.path):
        try:
            text, encoding = _read(path)
            changed, number = add_noqa(text, findings)
            with open(path, "wb") as file:
                file.write(changed.encode(encoding))
            written += number
        except OSError as error:
            print(f"{path}: cannot be changed: {error.strerror}", file=sys.stderr)
            failed = True
    print(f"Added {written} noqa comment{'s' * (written != 1)}.", file=sys.stderr)
    return ERROR if failed else OK


def _read(path: str) -> tuple[str, str]:
    """A file that was checked before, as text with its own line ends, and its encoding."""
    with open(path, "rb") as file:
        data = file.read()
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding), encoding
