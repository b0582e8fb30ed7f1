"""The README's console blocks are real: each command is run, and its output is what stands there.

``pytest --update-golden`` writes the output anew.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
BLOCK = re.compile(r"```console\n\$ (?P<command>attnlint .*)\n(?P<output>(?:.*\n)*?)```\n")


def output_of(command: str) -> str:
    """Standard output, then standard error, as a person would see them."""
    words = [sys.executable, "-m", "attnlint", *shlex.split(command)[1:], "--python", sys.executable]
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    result = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300, env=environment)
    # Builds of torch for other devices say the same under another name.
    return re.sub(r"(torch \d+\.\d+\.\d+)\+\w+", r"\1", result.stdout + result.stderr)


def test_the_output_in_the_readme_is_real(request: pytest.FixtureRequest) -> None:
    text = README.read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    assert blocks
    for block in reversed(blocks):
        output = output_of(block["command"])
        if request.config.getoption("--update-golden"):
            text = text[: block.start("output")] + output + text[block.end("output") :]
        else:
            assert block["output"] == output
    if request.config.getoption("--update-golden"):
        README.write_text(text, encoding="utf-8")


def test_ci_runs_the_readmes_test_command() -> None:
    text = README.read_text(encoding="utf-8")
    command = re.search(r"<!-- test command -->\n```sh\n(.*)\n```", text)
    assert command is not None
    assert "torch==2.13.0" in command[1]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "<!-- test command -->" in script
    extracted = subprocess.run(
        ["sed", "-n", "/<!-- test command -->/,/^```$/p", str(README)], capture_output=True, text=True, check=True
    )
    assert extracted.stdout.splitlines()[2:-1] == [command[1]]
