"""ATN305: a mask along the wrong axis."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN305",
    name="mask-axis",
    summary="A mask lies along the queries where it is to name keys",
    explanation="""\
Scores have the shape (batch, heads, queries, keys), and softmax runs over the keys. A mask of (batch, 1, queries, 1)
takes out all keys of a query or none: the padding that it names as keys keeps its weight, and a query that it names has
nothing left (NaN, or the mean of everything). In self-attention there are as many queries as keys, and nothing raises.

Reported where that mask is the only one. The verdict looks at the weights that masked keys get.
""",
    failing="""\
import torch
from torch import nn


class Attention(nn.Module):
    def forward(self, query, key, value, padding):
        scores = query @ key.transpose(-2, -1) / query.shape[-1] ** 0.5
        scores = scores.masked_fill(padding[:, None, :, None], -1e9)  # error: ATN305
        return scores.softmax(dim=-1) @ value


tokens = torch.randn(2, 4, 10, 16)
output = Attention()(tokens, tokens, tokens, torch.zeros(2, 10, dtype=torch.bool))
""",
    passing="""\
import torch
from torch import nn


class Attention(nn.Module):
    def forward(self, query, key, value, padding):
        scores = query @ key.transpose(-2, -1) / query.shape[-1] ** 0.5
        scores = scores.masked_fill(padding[:, None, None, :], -1e9)
        return scores.softmax(dim=-1) @ value


tokens = torch.randn(2, 4, 10, 16)
output = Attention()(tokens, tokens, tokens, torch.zeros(2, 10, dtype=torch.bool))
""",
    how_to_fix="""\
Give a mask of keys its axis last: `mask[:, None, None, :]` for (batch, keys).
""",
    severity="warning",
)
