"""ATN102: the batch dimensions of a matrix product do not fit."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN102",
    name="matmul-batch-dimension",
    summary="The batch dimensions of a matrix product do not fit",
    explanation="""\
All dimensions before the last two are batch dimensions. `@` and `torch.matmul` broadcast them: aligned from the
right, two sizes must be equal or one of them 1. `torch.bmm` and `baddbmm` do not broadcast, there they must be
equal.

A typical cause is `key.transpose(1, 2)` on a tensor of (batch, heads, tokens, width). It swaps heads and tokens,
while the last two were meant. Grouped-query attention with fewer key heads than query heads is the other one.
""",
    failing="""\
import torch

query = torch.randn(2, 8, 10, 64)
key = torch.randn(2, 4, 10, 64)
scores = query @ key.transpose(-2, -1)  # error: ATN102
""",
    passing="""\
import torch

query = torch.randn(2, 8, 10, 64)
key = torch.randn(2, 4, 10, 64).repeat_interleave(2, dim=1)
scores = query @ key.transpose(-2, -1)
""",
    how_to_fix="""\
Transpose with negative axes, `transpose(-2, -1)`. Repeat the key and value heads for grouped-query attention
(`repeat_interleave(groups, dim=1)`). Insert an axis of size 1 where broadcasting is meant.
""",
)
