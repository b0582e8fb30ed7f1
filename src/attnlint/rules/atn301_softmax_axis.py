"""ATN301: a softmax over another axis of the scores than the one that is summed over."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN301",
    name="softmax-axis",
    summary="Softmax over another axis of the scores than the keys",
    explanation="""\
The weights of a query must sum to one over the keys: the output is then an average of the values. A softmax over the
queries, the heads or the batch runs just as well, and gives weights of no meaning.

Which axis holds the keys is read from the product with the values, not from names. Left alone: weights that are
normalised again afterwards (slot attention), products of two sets of weights (co-attention), scores against something
that is learned and not computed from an input (soft assignment). The verdict adds the weights up.
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
        shape = (batch, tokens, self.heads, width // self.heads)
        query, key, value = (each.view(shape).transpose(1, 2) for each in (query, key, value))
        scores = query @ key.transpose(-2, -1) / (width // self.heads) ** 0.5
        weights = F.softmax(scores, dim=2)  # error: ATN301
        return (weights @ value).transpose(1, 2).reshape(batch, tokens, width)


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
        shape = (batch, tokens, self.heads, width // self.heads)
        query, key, value = (each.view(shape).transpose(1, 2) for each in (query, key, value))
        scores = query @ key.transpose(-2, -1) / (width // self.heads) ** 0.5
        weights = F.softmax(scores, dim=-1)
        return (weights @ value).transpose(1, 2).reshape(batch, tokens, width)


output = Attention()(torch.randn(2, 7, 32))
""",
    how_to_fix="""\
Let the softmax run over the axis of the keys, which is the last one of `query @ key.transpose(-2, -1)`: `dim=-1`.
""",
    severity="warning",
)
