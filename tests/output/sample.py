"""One report for all formats: every feature of a finding occurs in it."""

from __future__ import annotations

from attnlint.check import FileError
from attnlint.findings import Edit, Finding, Fix, Operand, Range, Related, Verdict
from attnlint.output import Failure, Report, Sources

MODEL = """\
import torch
from layers import Projection


def scores(hidden):
    query = Projection(512)(hidden)
    key = torch.randn(10, 256)
    return torch.matmul(
        query,
        key.transpose(0, 1),
    )


output = scores(torch.randn(10, 512))
"""

LAYERS = """\
from torch import nn


class Projection(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, 512)
"""

WIDE = """\
import torch

\t数据 = torch.randn(10, 512) @ torch.randn(256, 10)  # 100 %, "<tab>" first
"""


def span(line: int, column: int, end_column: int, end_line: int | None = None) -> Range:
    return Range(line, column, end_line or line, end_column)


INNER = Finding(
    code="ATN101",
    path="src/model.py",
    range=span(8, 12, 6, 11),
    message="torch.matmul(query: (10, 512), key.transpose(0, 1): (256, 10)): inner dimensions differ: 512 and 256",
    advice="project one of the operands to the width of the other",
    operands=(
        Operand("query", "(10, 512)", "float32", span(9, 9, 14)),
        Operand("key.transpose(0, 1)", "(256, 10)", "float32", span(10, 9, 28)),
    ),
    related=(
        Related("src/layers.py", span(7, 23, 44), "512 comes from here", "dim"),
        Related("src/model.py", span(7, 11, 31), "256 comes from here", "dim"),
        Related("src/model.py", span(14, 10, 38), "scores(torch.randn(10, 512))", "call"),
    ),
    notes=("caught by the except at line 12",),
    verdict=Verdict(
        "confirmed",
        "mat1 and mat2 shapes cannot be multiplied (10x512 and 256x10)",
        error="RuntimeError",
        torch_version="2.13.0",
    ),
    fix=Fix("make the key as wide as the query", (Edit(span(7, 27, 30), "512"),)),
    alternatives=(Fix("project the query", (Edit(span(6, 13, 36), "self.narrow(hidden)"),), safe=True),),
)

SYMBOLIC = Finding(
    code="ATN201",
    path="src/wide %name.py",
    range=span(3, 7, 52),
    message="operator.matmul(a: (10, 512), b: (256, 10)): 512 and 256 are equal only by accident",
    severity="warning",
    operands=(
        Operand("torch.randn(10, 512)", "(10, T)", None, span(3, 7, 27)),
        Operand("torch.randn(256, 10)", "?", "float32", span(3, 30, 50)),
        Operand("self.weight", "(C, C // heads)", "float32", None),
    ),
    verdict=Verdict("unverified", "no torch under /usr/bin/python3: install torch or set --python"),
)

CONFIRMED_WITH_WITNESS = Finding(
    code="ATN105",
    path="src/model.py",
    range=span(14, 1, 38),
    message="torch.Tensor.view(output: (B, T, C), B, -1, heads): C is not divisible",
    verdict=Verdict(
        "confirmed", "shape is\n invalid", error="RuntimeError", torch_version="2.13.0", witness="B=2, C=7"
    ),
)

NOTEBOOK = """\
{
 "cells": [
  {"cell_type": "markdown", "metadata": {}, "source": ["Attention"]},
  {"cell_type": "code", "metadata": {}, "outputs": [], "source": [
    "%matplotlib inline\\n",
    "import torch\\n",
    "query = torch.randn(10, 512)"
  ]},
  {"cell_type": "code", "metadata": {}, "outputs": [], "source": [
    "key = torch.randn(10, 256)\\n",
    "scores = query @ key.T"
  ]}
 ],
 "metadata": {}, "nbformat": 4, "nbformat_minor": 5
}
"""

IN_CELL = Finding(
    code="ATN101",
    path="tutorial/attention.ipynb",
    # The fifth line of the program is the second of the third cell.
    range=span(5, 10, 23),
    message="@ of query (10, 512) and key.T (256, 10): inner dimensions differ: 512 and 256",
    operands=(
        Operand("query", "(10, 512)", "float32", span(5, 10, 15)),
        Operand("key.T", "(256, 10)", "float32", span(5, 18, 23)),
    ),
    related=(
        Related("tutorial/attention.ipynb", span(3, 9, 29), "512 comes from here", "dim"),
        Related("tutorial/attention.ipynb", span(4, 7, 27), "256 comes from here", "dim"),
    ),
    fix=Fix("make the key as wide as the query", (Edit(span(4, 23, 26), "512"),)),
)

REPORT = Report(
    findings=(INNER, CONFIRMED_WITH_WITNESS, SYMBOLIC, IN_CELL),
    failures=(Failure("src/broken.py", FileError("ATN001", "'(' was never closed", 3, 9)),),
    refuted=(INNER,),
    suppressed=1,
    checked=4,
    skipped=1,
    lines=40,
    verified=True,
    sources=Sources(
        {
            "src/model.py": MODEL,
            "src/layers.py": LAYERS,
            "src/wide %name.py": WIDE,
            "tutorial/attention.ipynb": NOTEBOOK,
        }
    ),
)
