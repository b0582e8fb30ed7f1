"""``attnlint check --watch``"""

from __future__ import annotations

import argparse
import os
import sys
import time

from attnlint.cli.check import check_once, output_format, write
from attnlint.cli.exit_codes import OK
from attnlint.cli.overrides import resolver_from
from attnlint.config import ConfigError
from attnlint.files import discover

INTERVAL = 0.3

_State = dict[str, tuple[int, int]]


def run(arguments: argparse.Namespace, *, rounds: int | None = None) -> int:
    """Check, and check again whenever a file or the configuration changes, until interrupted (or after ``rounds``)."""
    done = 0
    while True:
        state = _state(arguments)
        if sys.stdout.isatty():
            sys.stdout.write("\x1b[2J\x1b[H")
        try:
            outcome = check_once(arguments)
            write(outcome.report, arguments, output_format(arguments, outcome))
        except ConfigError as error:
            print(f"attnlint: error: {error}", file=sys.stderr)
        done += 1
        if rounds is not None and done >= rounds:
            return OK
        print("Watching for changes; Ctrl-C ends it.", file=sys.stderr)
        while _state(arguments) == state:
            time.sleep(INTERVAL)


def _state(arguments: argparse.Namespace) -> _State:
    """The times and sizes of the files that matter."""
    try:
        discovery = discover(list(arguments.paths) or ["."], resolver_from(arguments))
    except ConfigError:
        # While the configuration is broken every look is a change of nothing: keep looking at the configuration alone.
        return _stamp(["pyproject.toml", "attnlint.toml"])
    paths = {target.path for target in discovery.targets}
    paths.update(str(target.settings.config_file) for target in discovery.targets if target.settings.config_file)
    return _stamp(sorted(paths))


def _stamp(paths: list[str]) -> _State:
    found: _State = {}
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:
            continue
        found[path] = (status.st_mtime_ns, status.st_size)
    return found
