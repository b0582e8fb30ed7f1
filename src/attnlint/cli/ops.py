"""``attnlint ops``"""

from __future__ import annotations

import argparse
import json

from attnlint.cli.exit_codes import OK
from attnlint.config import load_settings
from attnlint.ops.registry import all_aliases, all_layers, all_ops
from attnlint.ops.release import newer_parts


def run(arguments: argparse.Namespace) -> int:
    """List what is known: from the registry itself, so that the list is right."""
    rows = [(op.name, op.family, "operation") for op in all_ops()]
    rows.extend((layer.name, layer.family, "layer") for layer in all_layers())
    rows.extend((name, f"= {target}", "alias") for name, target in all_aliases().items())
    rows.extend((name, "in the configuration", "declared") for name in load_settings().signatures)
    rows = sorted(row for row in rows if arguments.filter in row[0])
    if arguments.output_format == "json":
        entries = [
            {"name": name, "family": family, "kind": kind, "since": newer_parts(name) or None}
            for name, family, kind in rows
        ]
        print(json.dumps(entries, indent=2))
        return OK
    width = max((len(name) for name, _, _ in rows), default=0)
    for name, family, kind in rows:
        since = newer_parts(name)
        print(f"{name:<{width}}  {kind:<9}  {family}{f'  ({since})' if since else ''}")
    return OK
