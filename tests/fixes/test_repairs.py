"""Repairs: what is offered runs on real torch, what is not certain is not applied, and files keep what was not
repaired."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.findings import Edit, Range
from attnlint.fixes import apply_edits, repaired
from attnlint.fixes.apply import fix_text
from attnlint.fixes.edits import FileChanged, moved_line, overlap, write_atomically
from tests.harness.tracer import run_program

HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"

ATTENTION = """\
class Attention(nn.Module):
    def __init__(self, dim=48, heads=4):
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(dim, dim)
        self.k = nn.Linear(dim, dim)

    def forward(self, x, context):
        B, T, C = x.shape
        S = context.shape[1]
        q = self.q(x).view(B, T, self.heads, C // self.heads){split}
        k = self.k(context).view(B, S, self.heads, C // self.heads){split}
        return q @ k.transpose(-2, -1)


print(Attention()(torch.randn(2, 10, 48), torch.randn(2, 7, 48)).shape)
"""

ONE_REPAIR = {
    "bmm of matrices": ("y = torch.bmm(torch.randn(3, 4), torch.randn(4, 5))", "torch.matmul("),
    "bmm as a method": ("y = torch.randn(3, 4).bmm(torch.randn(4, 5))", ".matmul("),
    "key not transposed": (
        "q = torch.randn(2, 10, 64)\nk = torch.randn(2, 20, 64)\ny = q @ k",
        "q @ k.transpose(-2, -1)",
    ),
    "an expression not transposed": (
        "q = torch.randn(2, 10, 64)\nk = torch.randn(2, 20, 64)\ny = q @ (k * 2)",
        "q @ ((k * 2).transpose(-2, -1))",
    ),
    "wrong axes transposed": (
        "q = torch.randn(2, 8, 10, 64)\nk = torch.randn(2, 8, 20, 64)\ny = q @ k.transpose(1, 2)",
        "k.transpose(-2, -1)",
    ),
    "view after transpose": ("y = torch.randn(2, 8, 10, 64).transpose(1, 2).view(2, 10, 512)", ".reshape(2, 10, 512)"),
    "axis of cat": ("y = torch.cat([torch.randn(2, 3), torch.randn(2, 5)], dim=0)", "dim=1"),
    "no axis of cat": ("y = torch.cat([torch.randn(2, 3), torch.randn(2, 5)])", ", dim=-1)"),
    "axis of softmax": ("y = torch.randn(7).softmax(dim=1)", "dim=0"),
    "width of a layer": ("layer = nn.Linear(512, 64)\ny = layer(torch.randn(2, 768))", "nn.Linear(768, 64)"),
    "width of a norm": ("layer = nn.LayerNorm(512)\ny = layer(torch.randn(2, 768))", "nn.LayerNorm(768)"),
    "grouped heads": (
        "y = F.scaled_dot_product_attention(torch.randn(1, 8, 5, 4), torch.randn(1, 2, 7, 4), torch.randn(1, 2, 7, 4))",
        ", enable_gqa=True)",
    ),
    "grouped heads in a product": (
        "q = torch.randn(2, 8, 10, 64)\nk = torch.randn(2, 4, 10, 64)\ny = q @ k.transpose(-2, -1)",
        "k.repeat_interleave(2, dim=1).transpose",
    ),
    "mask without an axis": (
        "scores = torch.randn(2, 8, 10, 12)\nmask = torch.ones(2, 10, 12).bool()\ny = scores.masked_fill(mask, 0.0)",
        "mask.unsqueeze(1)",
    ),
    "batch first": (
        "attention = nn.MultiheadAttention(16, 4)\nx = torch.randn(3, 7, 16)\n"
        "y = attention(x, x, x, key_padding_mask=torch.zeros(3, 7).bool())",
        "nn.MultiheadAttention(16, 4, batch_first=True)",
    ),
    "kdim": (
        "attention = nn.MultiheadAttention(16, 4)\nx = torch.randn(7, 3, 16)\n"
        "m = torch.randn(9, 3, 20)\ny = attention(x, m, m)",
        "kdim=20, vdim=20)",
    ),
    "letters of an equation": (
        "q = torch.randn(2, 3, 10, 64)\nk = torch.randn(2, 3, 20, 64)\ny = torch.einsum('bhqd,bhdk->bhqk', q, k)",
        "'bhqd,bhkd->bhqk'",
    ),
    "indices of another dtype": ("y = nn.Embedding(10, 4)(torch.zeros(2, 3))", "torch.zeros(2, 3).long()"),
}


@pytest.mark.parametrize(("code", "wanted"), ONE_REPAIR.values(), ids=ONE_REPAIR)
def test_a_repair_that_torch_runs(code: str, wanted: str) -> None:
    text = HEAD + code + "\n"
    assert run_program(text, "<before>").raised
    report = check_source(text, "program.py", Settings())
    [finding] = repaired(text, "program.py", Settings(), report.findings)
    fixes = [finding.fix] if finding.fix is not None else list(finding.alternatives)
    texts = [apply_edits(text, fix.edits) for fix in fixes]
    assert any(wanted in one for one in texts), [fix.title for fix in fixes]
    for one in texts:
        assert not run_program(one, "<after>").raised, one


def test_heads_split_without_a_transposition() -> None:
    text = HEAD + ATTENTION.format(split="")
    fixed = fix_text(text, "program.py", Settings(), unsafe=True)
    report = check_source(text, "program.py", Settings())
    if not report.findings:
        pytest.skip("not found")
    [finding] = repaired(text, "program.py", Settings(), report.findings)
    fixes = [finding.fix] if finding.fix is not None else list(finding.alternatives)
    wanted = HEAD + ATTENTION.format(split=".transpose(1, 2)")
    assert wanted in [apply_edits(text, fix.edits) for fix in fixes], fixed.text


def test_several_repairs_are_alternatives_and_none_is_applied() -> None:
    text = HEAD + "x = torch.randn(2, 8, 10).transpose(0, 3)\n"
    fixed = fix_text(text, "program.py", Settings(), unsafe=True)
    [finding] = fixed.report.findings
    assert finding.fix is None
    assert len(finding.alternatives) > 1
    assert fixed.text == text


def test_only_what_is_safe_is_applied_unless_asked() -> None:
    text = HEAD + "layer = nn.Linear(512, 64)\ny = layer(torch.randn(2, 768))\n"
    assert fix_text(text, "program.py", Settings()).text == text
    assert "nn.Linear(768, 64)" in fix_text(text, "program.py", Settings(), unsafe=True).text


def test_what_would_only_silence_the_finding_is_no_repair() -> None:
    text = HEAD + "q = torch.randn(10, 512).relu()\nk = torch.randn(10, 256).relu()\ny = q @ k.T\n"
    report = check_source(text, "program.py", Settings())
    assert report.findings
    assert repaired(text, "program.py", Settings(), report.findings) == report.findings


def test_comments_line_ends_and_encoding_stay() -> None:
    text = "import torch  # größe\r\n\r\n"
    text += "y = torch.bmm(  # first\r\n    torch.randn(3, 4),  # ä\r\n    torch.randn(4, 5),\r\n)\r\n"
    fixed = fix_text(text, "program.py", Settings())
    assert fixed.text == text.replace("torch.bmm", "torch.matmul")
    assert [fix.title for _, fix in fixed.applied]


def test_columns_count_characters() -> None:
    text = "import torch\nä = torch.randn(3, 4); ö = torch.bmm(ä, torch.randn(4, 5))\n"
    assert fix_text(text, "program.py", Settings()).text == text.replace("torch.bmm", "torch.matmul")


def test_edits() -> None:
    text = "one\r\ntwo\nthree"
    edits = [Edit(Range(3, 1, 3, 3), "TH"), Edit(Range(1, 2, 1, 2), "_")]
    assert apply_edits(text, edits) == "o_ne\r\ntwo\nTHree"
    assert overlap([Edit(Range(1, 1, 1, 4), "")], [Edit(Range(1, 3, 1, 5), "")])
    assert not overlap([Edit(Range(1, 1, 1, 3), "")], [Edit(Range(1, 3, 1, 5), "")])
    assert moved_line(3, [Edit(Range(1, 1, 1, 1), "a\nb\n")]) == 5
    with pytest.raises(ValueError, match="overlap"):
        apply_edits(text, [Edit(Range(1, 1, 1, 3), ""), Edit(Range(1, 2, 1, 4), "")])
    with pytest.raises(ValueError, match="no line 9"):
        apply_edits(text, [Edit(Range(9, 1, 9, 3), "")])


def test_a_file_that_changed_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"new")
    os.chmod(path, 0o640)
    with pytest.raises(FileChanged):
        write_atomically(str(path), b"old", b"fixed")
    assert path.read_bytes() == b"new"
    write_atomically(str(path), b"new", b"fixed")
    assert path.read_bytes() == b"fixed"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["a.py"]


def test_what_is_repaired_parses() -> None:
    for code, _ in ONE_REPAIR.values():
        ast.parse(fix_text(HEAD + code + "\n", "program.py", Settings(), unsafe=True).text)
