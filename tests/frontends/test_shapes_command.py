"""``attnlint shapes``"""

from __future__ import annotations

import json
from pathlib import Path

from tests.frontends.conftest import Cli

PROGRAM = """\
import torch

def halves(x):
    left, right = x.chunk(2, dim=-1)
    return left

a = torch.randn(4, 512)
b = halves(a)
n = 3
"""


def test_the_source_with_its_shapes(cli: Cli) -> None:
    Path("a.py").write_text(PROGRAM)
    code, out, err = cli("shapes", "a.py")
    assert (code, err) == (0, "")
    rows = out.splitlines()
    assert len(rows) >= len(PROGRAM.splitlines())
    assert [row.partition("  # ")[0].rstrip() for row in rows if not row.startswith(" " * 30)] == PROGRAM.splitlines()
    assert "a = torch.randn(4, 512)               # a: (4, 512) float32" in rows
    assert any("left: (4, 256) float32, right: (4, 256) float32" in row for row in rows)
    assert "n = 3" in rows


def test_json(cli: Cli) -> None:
    Path("a.py").write_text(PROGRAM)
    entries = json.loads(cli("shapes", "a.py", "--output-format", "json")[1])
    [b] = [one for one in entries if one["name"] == "b"]
    assert (b["line"], b["column"], b["end_column"], b["shape"], b["dtype"]) == (8, 1, 2, "(4, 256)", "float32")


def test_what_cannot_be_read(cli: Cli) -> None:
    Path("a.py").write_text("import torch\n(((")
    assert cli("shapes", "a.py")[0] == 2
    assert "a.py:2:" in cli("shapes", "a.py")[2]
    assert cli("shapes", "missing.py")[2] == "missing.py:1:1: ATN003 cannot be read: No such file or directory\n"
