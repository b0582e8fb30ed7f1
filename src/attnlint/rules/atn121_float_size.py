"""ATN121: a float where torch takes a whole number."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN121",
    name="float-size",
    summary="A float is given where torch takes a whole number",
    explanation="""\
In Python 3 `/` gives a float even where nothing is left over: `64 / 8` is `8.0`. Torch does not take it for a size, an
axis or a number of heads: `view(): argument 'size' must be tuple of ints`. So do `math.sqrt(...)`, `0.5 * dim`, and
`dim / 2 // 4`, which is a float still.

Reported where the value is a float whoever calls: a constant, a quotient, or what is computed with one.
""",
    failing="""\
import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.head_dim = dim / heads
        self.to_query = nn.Linear(dim, dim)

    def forward(self, x):
        batch, tokens, _ = x.shape
        return self.to_query(x).view(batch, tokens, self.heads, self.head_dim)  # error: ATN121


Attention(64, 8)(torch.randn(2, 10, 64))
""",
    passing="""\
import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.head_dim = dim // heads
        self.to_query = nn.Linear(dim, dim)

    def forward(self, x):
        batch, tokens, _ = x.shape
        return self.to_query(x).view(batch, tokens, self.heads, self.head_dim)


Attention(64, 8)(torch.randn(2, 10, 64))
""",
    how_to_fix="""\
Divide with `//`, or make an int of the float: `int(dim * ratio)`. Say with an `assert` that nothing is left over.
""",
)
