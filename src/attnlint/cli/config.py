"""``attnlint config``"""

from __future__ import annotations

import argparse
import json
import sys

from attnlint.cli.exit_codes import ERROR, OK
from attnlint.settings import default_of, key_of, option_fields


def run(arguments: argparse.Namespace) -> int:
    """Describe the keys of the configuration, from the code."""
    options = [option for option in option_fields() if arguments.key in (None, key_of(option.name))]
    if not options:
        print(f"attnlint: error: there is no key {arguments.key!r}; 'attnlint config' lists them all", file=sys.stderr)
        return ERROR
    if arguments.output_format == "json":
        rows = [
            {
                "key": key_of(option.name),
                "type": option.metadata["kind"],
                "default": default_of(option),
                "example": option.metadata["example"],
                "documentation": option.metadata["doc"],
            }
            for option in options
        ]
        print(json.dumps(rows, indent=2))
        return OK
    for option in options:
        print(f"{key_of(option.name)} ({option.metadata['kind']})")
        print(f"    {option.metadata['doc']}")
        print(f"    {option.metadata['example']}")
    return OK
