"""``attnlint probe``: modules with one mistake each, and what the table says of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.frontends.conftest import Cli

MODULE = """\
import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def __init__(self, width, heads, scale=None, axis=-1, dropout=0.0, mask_late=False, batch=False):
        super().__init__()
        self.heads, self.project, self.out = heads, nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.scale = scale or (width // heads) ** -0.5
        self.axis, self.dropout, self.mask_late, self.batch = axis, dropout, mask_late, batch

    def forward(self, x, mask=None):
        samples, tokens, width = x.shape
        q, k, v = (part.view(samples, tokens, self.heads, -1).transpose(1, 2) for part in self.project(x).chunk(3, -1))
        scores = q @ k.transpose(-2, -1) * self.scale
        if mask is not None and not self.mask_late:
            scores = scores.masked_fill(mask[:, None, None, :], float("-inf"))
        weights = scores.softmax(self.axis)
        if mask is not None and self.mask_late:
            weights = weights.masked_fill(mask[:, None, None, :], 0.0)
        output = F.dropout(weights, self.dropout) @ v
        if self.batch:
            output = output - output.mean(0, keepdim=True)
        return self.out(output.transpose(1, 2).reshape(samples, tokens, width))


class Writes(nn.Module):
    def forward(self, x):
        open("written.txt", "w").write("x")
        return x
"""
ARGUMENTS = ("--input", "x=(2, 5, 32)", "--input", "mask=(2, 5):bool", "--mask", "mask", "--python", sys.executable)


@pytest.mark.parametrize(
    ("init", "failing"),
    [
        ("32, 4", {}),
        (
            "32, 4, scale=0.1767766952966369",
            {"scores are scaled by the root of the head width": "over 8 widths are scaled by 0.177, not by 0.354"},
        ),
        ("32, 4, scale=1.0", {"scores are scaled by the root of the head width": "scaled by 1, not by 0.354"}),
        ("32, 4, axis=-2", {"weights sum to one over the keys": "the weights of one query sum to"}),
        ("32, 4, dropout=0.5", {"evaluation repeats itself": "another result every time"}),
        ("32, 4, mask_late=True", {"masked keys have no influence": "key 4 is masked"}),
        ("32, 4, batch=True", {"samples do not mix": "changes when sample"}),
    ],
)
def test_one_mistake_is_one_that_fails(cli: Cli, init: str, failing: dict[str, str]) -> None:
    Path("model.py").write_text(MODULE)
    code, out, err = cli("probe", "model.py:Attention", "--init", init, *ARGUMENTS, "--output-format", "json")
    assert "running model.py:Attention" in err
    rows = {row["property"]: row for row in json.loads(out)["properties"]}
    assert code == (1 if failing else 0)
    for name, seen in failing.items():
        assert rows[name]["status"] == "fails"
        assert seen in rows[name]["seen"]
    if not failing:
        assert {row["status"] for row in rows.values() if row["must_hold"]} == {"holds"}
        assert len(rows) == 8


def test_the_table(cli: Cli) -> None:
    Path("model.py").write_text(MODULE)
    code, out, _ = cli("probe", "model.py:Attention", "--init", "32, 4, axis=-2", *ARGUMENTS[:2], *ARGUMENTS[-2:])
    assert code == 1
    rows = [line.split("  ")[0] for line in out.splitlines()]
    assert rows[:3] == ["samples do not mix", "evaluation repeats itself", "weights sum to one over the keys"]
    assert out.splitlines()[0].endswith("holds")
    assert "fails    the weights of one query sum to" in out
    assert "no token sees later ones (causal)                   no" in out


def test_torchs_own_attention(cli: Cli) -> None:
    inputs = [part for shape in ("(2, 5, 32)", "(2, 6, 32)", "(2, 6, 32)") for part in ("--input", shape)]
    place = ("probe", "torch.nn:MultiheadAttention", "--python", sys.executable)
    code, out, _ = cli(*place, "--init", "32, 4, batch_first=True", *inputs)
    assert code == 0
    assert "keys and values in another order change nothing  yes" in out
    inputs = [part for _ in range(3) for part in ("--input", "(2, 5, 32)")]
    code, out, _ = cli(*place, "--init", "32, 4", *inputs)
    assert code == 1
    assert "sample 0 changes when sample 1 does" in out


def test_it_may_not_write(cli: Cli) -> None:
    Path("model.py").write_text(MODULE)
    code, _, err = cli("probe", "model.py:Writes", "--input", "(2, 3)", "--python", sys.executable)
    assert code == 2
    assert "without letting it write" in err
    assert not Path("written.txt").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("model.py", "--input", "(2, 3)"), "'model.py' must be MODULE:CLASS"),
        (("model.py:Attention",), "say what goes in"),
        (("model.py:Attention", "--input", "abc"), "'abc' is no input"),
        (("model.py:Attention", "--input", "(2, 3)", "--init", "x.y"), "'x.y' are no arguments"),
        (("model.py:Missing", "--input", "(2, 3)", "--python", sys.executable), "has no attribute 'Missing'"),
    ],
)
def test_what_cannot_be_run(cli: Cli, arguments: tuple[str, ...], message: str) -> None:
    Path("model.py").write_text(MODULE)
    code, _, err = cli("probe", *arguments)
    assert code == 2
    assert message in err
