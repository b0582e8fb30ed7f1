"""``attnlint probe``"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from pathlib import Path
from typing import Any

from attnlint.cli.exit_codes import ERROR, FOUND, OK
from attnlint.config import ConfigError
from attnlint.environment import find_interpreter
from attnlint.output.style import style_for
from attnlint.verify.probe import Input, ProbeResult, run_probe
from attnlint.verify.program import SECONDS

_INPUT = re.compile(
    r"(?:(?P<name>[A-Za-z_]\w*)\s*=)?\s*\(?(?P<shape>[\d\s,]+)\)?\s*(?::\s*(?P<dtype>\w+))?(?:\s*<\s*(?P<high>\d+))?"
)


def run(arguments: argparse.Namespace) -> int:
    """Run the module and print the table. Raises ConfigError."""
    if ":" not in arguments.place:
        raise ConfigError(f"{arguments.place!r} must be MODULE:CLASS or FILE.py:CLASS")
    if not arguments.input:
        raise ConfigError("say what goes in: --input '(2, 5, 64)', once for each argument of the forward")
    inputs = [read_input(text) for text in arguments.input]
    positional, keywords = read_call(arguments.init)
    try:
        python = find_interpreter(arguments.python, Path.cwd())
    except FileNotFoundError as error:
        raise ConfigError(str(error)) from None
    print(
        f"running {arguments.place} with {python} for at most {SECONDS} s; it can read what you can read, and can "
        "neither write files, nor start processes, nor use the network",
        file=sys.stderr,
    )
    result = run_probe(
        python,
        arguments.place,
        positional,
        keywords,
        inputs,
        batch_axis=arguments.batch_axis,
        token_axis=arguments.token_axis,
        mask=arguments.mask or "",
        mask_true=arguments.mask_true,
    )
    if result.problem:
        print(f"attnlint: error: {result.problem}", file=sys.stderr)
        return ERROR
    print(_document(result) if arguments.output_format == "json" else table(result))
    return FOUND if any(row.must_hold and row.status == "fails" for row in result.rows) else OK


def read_input(text: str) -> Input:
    """``x=(2, 5, 64)``, ``(2, 5):int64<100``. Raises ConfigError."""
    found = _INPUT.fullmatch(text.strip())
    if found is None:
        raise ConfigError(f"{text!r} is no input: write (2, 5, 64), mask=(2, 5):bool or ids=(2, 5):int64<100")
    shape = tuple(int(part) for part in found["shape"].split(",") if part.strip())
    return Input(shape, found["name"] or "", found["dtype"] or "float32", int(found["high"] or 8))


def read_call(text: str) -> tuple[list[Any], dict[str, Any]]:
    """``64, heads=4``: the arguments of the constructor, as literals. Raises ConfigError."""
    try:
        call = ast.parse(f"f({text})", mode="eval").body
        assert isinstance(call, ast.Call)
        keywords = {each.arg: ast.literal_eval(each.value) for each in call.keywords if each.arg is not None}
        positional = [ast.literal_eval(each) for each in call.args]
        json.dumps([positional, keywords])
    except (SyntaxError, ValueError, TypeError, AssertionError):
        raise ConfigError(f"{text!r} are no arguments: write literals, as in '64, heads=4'") from None
    return positional, keywords


def table(result: ProbeResult) -> str:
    """One line a property."""
    style = style_for(sys.stdout)
    width = max((len(row.property) for row in result.rows), default=0)
    colors = {"holds": "green", "fails": "red", "unknown": "yellow"}
    lines = []
    for row in result.rows:
        status = row.status if row.must_hold or row.status == "unknown" else "yes" if row.status == "holds" else "no"
        color = colors[row.status] if row.must_hold else "cyan"
        seen = row.seen if row.must_hold or row.status == "unknown" else ""
        lines.append(f"{row.property:<{width}}  {style.paint(color, f'{status:<7}')}  {seen}".rstrip())
    return "\n".join(lines)


def _document(result: ProbeResult) -> str:
    rows = [
        {"property": row.property, "must_hold": row.must_hold, "status": row.status, "seen": row.seen}
        for row in result.rows
    ]
    return json.dumps({"torch": result.torch_version, "output": list(result.output), "properties": rows}, indent=2)
