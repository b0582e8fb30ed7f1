"""ATN304: scores that are not scaled by the root of the head width."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN304",
    name="attention-scale",
    summary="Attention scores are not scaled by the root of the head width",
    explanation="""\
The dot product of a query and a key of unit variance has the variance of the width that they are multiplied along: of
one head. Divided by the root of that width, it is 1 again. Divided by the root of the model's width, the softmax is
flat; multiplied by the root, or scaled nowhere, it takes one key and its gradient vanishes. Nothing raises.

Reported where all factors are known: the root of the width of all heads together, of the number of heads or tokens,
`* sqrt(d)` for `/ sqrt(d)`, and the root taken twice (a query that is scaled before `scaled_dot_product_attention`,
which scales too). With `--preview`, also no scale in an attention of several heads, and `/ d`; both exist by design.
Silent where a factor is not known (a learnt temperature) or queries and keys are normalized. The verdict measures the
variance of the scores of unit-variance queries and keys.
""",
    failing="""\
import math

import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, width=64, heads=4):
        super().__init__()
        self.width, self.heads = width, heads
        self.project = nn.Linear(width, 3 * width)

    def forward(self, hidden):
        batch, tokens, width = hidden.shape
        query, key, value = self.project(hidden).view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(-2, -1) / math.sqrt(self.width)  # error: ATN304
        return (scores.softmax(dim=-1) @ value).transpose(1, 2).reshape(batch, tokens, width)


output = Attention()(torch.randn(2, 10, 64))
""",
    passing="""\
import math

import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, width=64, heads=4):
        super().__init__()
        self.width, self.heads = width, heads
        self.project = nn.Linear(width, 3 * width)

    def forward(self, hidden):
        batch, tokens, width = hidden.shape
        query, key, value = self.project(hidden).view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
        return (scores.softmax(dim=-1) @ value).transpose(1, 2).reshape(batch, tokens, width)


output = Attention()(torch.randn(2, 10, 64))
""",
    how_to_fix="""\
Divide the scores by the root of the last size of the query, once: `query.shape[-1] ** 0.5`.
""",
    severity="warning",
)
