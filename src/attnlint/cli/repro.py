"""``attnlint repro``"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from attnlint.cli.exit_codes import ERROR, OK
from attnlint.config import ConfigError, load_settings
from attnlint.parallel import check_file
from attnlint.verify.repro import reproduction


def run(arguments: argparse.Namespace) -> int:
    """Print a program for the first finding at a line. Raises ConfigError."""
    path, colon, line = arguments.place.rpartition(":")
    if not colon or not line.isdigit():
        raise ConfigError(f"{arguments.place!r} must be FILE:LINE")
    settings = load_settings(Path(path), arguments.config, arguments.isolated)
    report = check_file(path, settings)
    if report.error is not None:
        error = report.error
        print(f"{path}:{error.line}:{error.column}: {error.code} {error.message}", file=sys.stderr)
        return ERROR
    number = int(line)
    for finding in report.findings:
        if finding.range.line <= number <= finding.range.end_line and finding.evidence is not None:
            print(reproduction(finding), end="")
            return OK
    print(f"attnlint: error: there is no finding at {path}:{line}", file=sys.stderr)
    return ERROR
