"""``attnlint repro``"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from attnlint.cli.exit_codes import ERROR, OK
from attnlint.config import ConfigError, load_settings
from attnlint.output import Failure, Sources
from attnlint.parallel import check_file
from attnlint.verify.repro import reproduction

_PLACE = re.compile(r"(?P<path>.+?)(?::cell (?P<cell>\d+))?:(?P<line>\d+)(?::\d+)?")
"""As reports write it, with or without the column."""


def run(arguments: argparse.Namespace) -> int:
    """Print a program for the first finding at a line. Raises ConfigError."""
    place = _PLACE.fullmatch(arguments.place)
    if place is None:
        raise ConfigError(f"{arguments.place!r} must be FILE:LINE")
    path, line = place["path"], int(place["line"])
    settings = load_settings(Path(path), arguments.config, arguments.isolated)
    report = check_file(path, settings)
    sources = Sources()
    if report.error is not None:
        print(Failure(path, report.error).line(sources), file=sys.stderr)
        return ERROR
    for finding in report.findings:
        located = sources.locate(path, finding.range)
        same_cell = place["cell"] is None or int(place["cell"]) == located.cell
        if same_cell and located.range.line <= line <= located.range.end_line and finding.evidence is not None:
            print(reproduction(finding), end="")
            return OK
    print(f"attnlint: error: there is no finding at {arguments.place}", file=sys.stderr)
    return ERROR
