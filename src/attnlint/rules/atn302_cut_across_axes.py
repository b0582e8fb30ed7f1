"""ATN302: a view or reshape that cuts across axes."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN302",
    name="cut-across-axes",
    summary="A `view` or `reshape` that cuts across axes where a transpose was meant",
    explanation="""\
`view` and `reshape` keep the order of the elements: they split and merge axes, and move none. (B, T, H*D) as
(B, H, T, D) has the right number of elements and the right shape, and every head of every token is made of pieces of
other tokens. The same happens when heads are merged without transposing back, and when `reshape(B, N, C)` is used as a
transpose.

Reported where the sizes are those of a transpose, and cannot come about by splitting and merging in place. Left alone:
tensors that were padded or sliced just before (the skew of relative positions is meant), and stacked frames. The
verdict changes one index of the input, and looks which indices of the output change.
""",
    failing="""\
import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def __init__(self, width=32, heads=4):
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(width, 3 * width)

    def forward(self, hidden):
        batch, tokens, width = hidden.shape
        query, key, value = self.project(hidden).chunk(3, dim=-1)
        shape = (batch, self.heads, tokens, -1)
        query, key, value = (each.reshape(shape) for each in (query, key, value))  # error: ATN302
        output = F.scaled_dot_product_attention(query, key, value)
        return output.transpose(1, 2).reshape(batch, tokens, width)


output = Attention()(torch.randn(2, 7, 32))
""",
    passing="""\
import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def __init__(self, width=32, heads=4):
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(width, 3 * width)

    def forward(self, hidden):
        batch, tokens, width = hidden.shape
        query, key, value = self.project(hidden).chunk(3, dim=-1)
        query, key, value = (each.view(batch, tokens, self.heads, -1).transpose(1, 2) for each in (query, key, value))
        output = F.scaled_dot_product_attention(query, key, value)
        return output.transpose(1, 2).reshape(batch, tokens, width)


output = Attention()(torch.randn(2, 7, 32))
""",
    how_to_fix="""\
Split and merge axes that lie side by side, and move them with `transpose` or `permute`:
`view(B, T, H, D).transpose(1, 2)` to split heads, `transpose(1, 2).reshape(B, T, H * D)` to merge them.
""",
    severity="warning",
)
