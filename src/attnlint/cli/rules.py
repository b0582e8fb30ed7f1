"""``attnlint rule`` and ``attnlint rules``"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from typing import Any

from attnlint.cli.exit_codes import ERROR, OK
from attnlint.output.style import style_for
from attnlint.rules import Rule, all_rules, find_rule
from attnlint.rules.pages import page


def run(arguments: argparse.Namespace) -> int:
    """Explain one rule, or list all."""
    if arguments.command == "rules":
        return _list(arguments.output_format)
    found = find_rule(arguments.rule)
    if found is None:
        import difflib

        known = [name for one in all_rules() for name in (one.code, one.name)]
        close = difflib.get_close_matches(arguments.rule, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else "; 'attnlint rules' lists them all"
        print(f"attnlint: error: there is no rule {arguments.rule!r}{hint}", file=sys.stderr)
        return ERROR
    print(json.dumps(_document(found), indent=2) if arguments.output_format == "json" else page(found), end="\n")
    return OK


def _list(output_format: str) -> int:
    if output_format == "json":
        print(json.dumps([_document(one) for one in all_rules()], indent=2))
        return OK
    style = style_for(sys.stdout)
    width = max(len(one.name) for one in all_rules())
    for one in all_rules():
        remark = " (off by default)" if one.opt_in or one.preview else ""
        print(f"{style.paint('bold', one.code)}  {one.name:<{width}}  {one.summary}{remark}")
    return OK


def _document(one: Rule) -> dict[str, Any]:
    return {**dataclasses.asdict(one), "url": one.url}
