"""``attnlint check --show-settings`` and ``--show-files``"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from attnlint.cli.exit_codes import ERROR, OK
from attnlint.cli.overrides import resolver_from
from attnlint.files import STANDARD_INPUT, discover
from attnlint.runner import Run
from attnlint.settings import key_of, option_fields


def run(arguments: argparse.Namespace) -> int:
    """Print the settings, or the files. Raises ConfigError."""
    resolver = resolver_from(arguments)
    paths = list(arguments.paths) or ["."]
    if arguments.show_files:
        discovery = discover([path for path in paths if path != STANDARD_INPUT], resolver)
        for target in discovery.targets:
            print(target.path)
        for unreadable in discovery.unreadable:
            print(f"{unreadable.path}:1:1: {unreadable.error.code} {unreadable.error.message}", file=sys.stderr)
        return ERROR if discovery.unreadable and not discovery.targets else OK
    settings = Run(paths, resolver, standard_input_name=arguments.stdin_filename or "").settings
    print(f"# configuration: {settings.config_file or 'none, the defaults hold'}")
    print(f"# patterns and paths are relative to {settings.root}")
    for option in option_fields():
        print(f"{key_of(option.name)} = {_toml(getattr(settings, option.name))}")
    return OK


def _toml(value: Any) -> str:
    if value is None:
        return '""  # not set'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)
