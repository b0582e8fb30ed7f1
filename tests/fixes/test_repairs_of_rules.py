"""The failing example of every rule that has repairs: each that is offered runs on real torch, and the finding is
gone. What is not certain is an alternative, never applied."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import attnlint.rules
from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.findings import Fix
from attnlint.fixes import apply_edits, repaired
from attnlint.fixes.apply import fix_text
from attnlint.fixes.generators import codes
from attnlint.rules.rule import Rule
from tests.harness.tracer import run_program

HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"

RULES: dict[str, Rule] = {
    rule.code: rule
    for _, name, _ in pkgutil.iter_modules(attnlint.rules.__path__)
    if (rule := getattr(importlib.import_module(f"attnlint.rules.{name}"), "RULE", None)) is not None
}

WITHOUT = {
    # Six heads for a width of 512: the numbers stand in the view itself, and none of them is left over.
    "ATN105",
    # Two tensors that differ on an axis that is not joined: which of them is wrong nothing says.
    "ATN108",
    # Two widths that have nothing to do with each other.
    "ATN109",
    # The sizes of its view stand in a variable that three tensors share.
    "ATN302",
}
"""Rules whose example has no repair that can be proved."""

ALTERNATIVES = {
    "heads of another number": ("layer = nn.TransformerEncoderLayer(64, 6)", ["64, 4)", "64, 8)", "66, 6)", "60, 6)"]),
    "names that nothing uses": (
        "x = torch.randn(4, 5)\nb, h, t = x.shape\nprint(t)",
        ["h, t = x", "b, t = x"],
    ),
    "sizes without a name": (
        "x = torch.randn(2, 3, 4, 5)\nb, t, c = x.shape\nprint(b, t, c)",
        ["_, b, t, c", "b, _, t, c", "b, t, _, c", "b, t, c, _"],
    ),
    "a cut into parts": ("q, k, v = torch.randn(2, 12).chunk(2, dim=-1)\nprint(q, k, v)", ["chunk(3, dim=-1)"]),
    "a size beyond the last": ("x = torch.randn(2, 3)\nprint(x.shape[2])", ["shape[-1]", "shape[0]"]),
    "an index too many": ("x = torch.randn(2, 8)\ny = x[:, :, 0]", ["x[:, 0]"]),
    "an index out of range": ("x = torch.randn(2, 8)\ny = x[:, 8]", ["x[:, -1]"]),
    "a mask that is too large": (
        "x = torch.randn(2, 5, 5)\nmask = torch.ones(9, 9).bool()\nx[:, mask] = 0.0",
        ["mask[:x.shape[-2], :x.shape[-1]]"],
    ),
    "classes last": (
        "x = torch.randn(4, 10, 1000)\nt = torch.randint(0, 1000, (4, 10))\ny = F.cross_entropy(x, t)",
        ["x.flatten(0, 1), t.flatten()"],
    ),
    "a target with an axis too many": (
        "x = torch.randn(4, 10)\nt = torch.randint(0, 10, (4, 1))\ny = F.cross_entropy(x, t)",
        ["t.squeeze(-1)"],
    ),
    "a target of one class for each row": (
        "x = torch.randn(4, 10)\nt = torch.zeros(4, 10).long()\ny = nn.CrossEntropyLoss()(x, t)",
        ["t.float()", "t.argmax(dim=1)"],
    ),
    "a loss of one column": (
        "x = torch.rand(4, 1)\nt = torch.rand(4)\ny = F.binary_cross_entropy(x, t)",
        ["x.squeeze(-1)", "t.unsqueeze(-1)"],
    ),
}


def offered(text: str, code: str) -> list[Fix]:
    report = check_source(text, "program.py", Settings())
    assert code in {one.code for one in report.findings}
    findings = repaired(text, "program.py", Settings(), report.findings)
    return [fix for one in findings for fix in ([one.fix] if one.fix is not None else one.alternatives)]


@pytest.mark.parametrize("code", sorted(code for code in codes() if RULES[code].severity and code < "ATN4"))
def test_what_is_offered_for_the_example_of_a_rule(code: str) -> None:
    text = RULES[code].failing
    fixes = offered(text, code)
    assert bool(fixes) != (code in WITHOUT)
    for fix in fixes:
        repaired_text = apply_edits(text, fix.edits)
        assert not run_program(repaired_text, "<after>").raised, fix.title
        assert code not in {one.code for one in check_source(repaired_text, "program.py", Settings()).findings}


@pytest.mark.parametrize(("code", "wanted"), ALTERNATIVES.values(), ids=ALTERNATIVES)
def test_alternatives_that_torch_runs(code: str, wanted: list[str]) -> None:
    text = HEAD + code + "\n"
    assert run_program(text, "<before>").raised
    [finding] = check_source(text, "program.py", Settings()).findings
    texts = [apply_edits(text, fix.edits) for fix in offered(text, finding.code)]
    for one in texts:
        assert not run_program(one, "<after>").raised, one
    assert [any(part in one for one in texts) for part in wanted] == [True] * len(wanted), texts
    if len(texts) > 1:
        assert fix_text(text, "program.py", Settings(), unsafe=True).text == text


def test_a_name_that_is_used_is_not_left_out() -> None:
    text = HEAD + "x = torch.randn(4, 5)\nb, t, c = x.shape\nprint(b, t, c)\n"
    assert offered(text, "ATN113") == []


WIDTHS = """\
class Feed(nn.Module):
    def __init__(self, config, dim, other, mult=4, rate=0.1):
        super().__init__()
        inner = dim * mult
        self.first = nn.Linear(dim, inner)
        self.norm = nn.LayerNorm(dim)
        self.drop = nn.Dropout(rate)
        self.config = config

    def forward(self, x):
        return self.norm(self.drop(self.first(x)))
"""


def test_a_width_that_fits_by_luck_only_is_no_repair() -> None:
    # `other` may be four times `dim`, `mult` is 4 and so fits a `dim` of one; neither is what is meant.
    fixes = offered(HEAD + WIDTHS, "ATN104")
    assert "build the LayerNorm with normalized_shape=inner" in [fix.title for fix in fixes]
    for fix in fixes:
        text = apply_edits(HEAD + WIDTHS, fix.edits) + "\n\nFeed(None, 6, 5)(torch.randn(2, 3, 6))\n"
        assert not run_program(text, "<after>").raised, fix.title
