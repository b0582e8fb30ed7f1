"""ATN309: keys or values of earlier steps that are joined along another axis than the tokens."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN309",
    name="cache-axis",
    summary="A key or value cache that is joined along another axis than the tokens",
    explanation="""\
The keys of earlier steps are joined to the new ones along the axis of the tokens. `torch.cat([past, key], dim=1)` is
right for (batch, tokens, heads, width). For (batch, heads, tokens, width) it makes more heads, and no token sees an
earlier one.

Which axis holds the heads is read from the split of the features that a layer made. Reported where the other operand
comes from outside. The verdict counts what comes out.
""",
    failing="""\
import torch
from torch import nn


class Cached(nn.Module):
    def __init__(self, width=32, heads=4):
        super().__init__()
        self.heads = heads
        self.key = nn.Linear(width, width)

    def forward(self, hidden, past):
        batch, tokens, width = hidden.shape
        key = self.key(hidden).view(batch, tokens, self.heads, width // self.heads).transpose(1, 2)
        return torch.cat([past, key], dim=1)  # error: ATN309


keys = Cached()(torch.randn(2, 1, 32), torch.randn(2, 4, 1, 8))
""",
    passing="""\
import torch
from torch import nn


class Cached(nn.Module):
    def __init__(self, width=32, heads=4):
        super().__init__()
        self.heads = heads
        self.key = nn.Linear(width, width)

    def forward(self, hidden, past):
        batch, tokens, width = hidden.shape
        key = self.key(hidden).view(batch, tokens, self.heads, width // self.heads).transpose(1, 2)
        return torch.cat([past, key], dim=2)


keys = Cached()(torch.randn(2, 1, 32), torch.randn(2, 4, 5, 8))
""",
    how_to_fix="""\
Join along the axis of the tokens: `dim=2`, or `dim=-2`, for (batch, heads, tokens, width).
""",
    severity="warning",
)
