"""``attnlint annotate``: the code stays what it is, the comments say what torch does, and attnlint agrees with them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from attnlint.check import check_source
from attnlint.cli import main
from attnlint.config import Settings
from attnlint.declared.annotate import annotated
from tests.declared.test_twins import disagreements
from tests.harness.tracer import run_program

ROOT = Path(__file__).parent.parent.parent / "fixtures" / "programs"
PROGRAMS = sorted(ROOT.rglob("*.py"))

PLAIN = """\
import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        B, T, C = x.shape
        H, D = self.heads, C // self.heads
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        q = q.view(B, T, H, D).transpose(1, 2)
        k = k.view(B, T, H, D).transpose(1, 2)  # keys
        s = q @ k.transpose(-2, -1)
        return s


out = Attention(48, 4)(torch.randn(2, 5, 48))
"""


def test_comments_in_the_authors_names() -> None:
    text = annotated(PLAIN, "plain.py")
    assert "    q, k, v = self.qkv(x).chunk(3, dim=-1)  # (B, T, C)\n" in text
    assert "    q = q.view(B, T, H, D).transpose(1, 2)  # (B, H, T, D)\n" in text
    assert "    k = k.view(B, T, H, D).transpose(1, 2)  # keys\n" in text
    assert "    s = q @ k.transpose(-2, -1)  # (B, H, T, T)\n" in text
    assert "out = Attention(48, 4)(torch.randn(2, 5, 48))  # (2, 4, 5, 5)\n" in text
    assert disagreements(text) == []
    assert annotated(text, "plain.py") == text


def test_annotations() -> None:
    text = annotated(PLAIN, "plain.py", "jaxtyping")
    assert 'def forward(self, x: Shaped[Tensor, "B T C"]) -> Shaped[Tensor, "B H T T"]:\n' in text
    assert "from jaxtyping import Shaped\nfrom torch import Tensor\n" in text
    assert run_program(text, "<annotated>").uncaught is None
    assert check_source(text, "plain.py", Settings()).findings == ()
    assert annotated(text, "plain.py", "jaxtyping") == text


@pytest.mark.parametrize("style", ["comment", "jaxtyping"])
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_nothing_else_changes(path: Path, style: str) -> None:
    before = path.read_text()
    after = annotated(before, str(path), "comment" if style == "comment" else "jaxtyping")
    codes = [finding.code for finding in check_source(before, str(path), Settings()).findings]
    report = check_source(after, str(path), Settings())
    assert report.error is None
    assert [finding.code for finding in report.findings] == codes
    if style == "comment":
        assert ast.dump(ast.parse(after)) == ast.dump(ast.parse(before))


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "plain.py"
    path.write_text(PLAIN)
    assert main(["annotate", str(path), "--diff"]) == 0
    assert "+        s = q @ k.transpose(-2, -1)  # (B, H, T, T)\n" in capsys.readouterr().out
    assert path.read_text() == PLAIN
    assert main(["annotate", str(path)]) == 0
    printed = capsys.readouterr().out
    assert main(["annotate", str(path), "--write"]) == 0
    assert path.read_text() == printed == annotated(PLAIN, str(path))
    assert main(["annotate", str(tmp_path / "none.py")]) == 2
