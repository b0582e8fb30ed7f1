"""ATN303: attention along another axis than that of the tokens."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN303",
    name="wrong-token-axis",
    summary="Attention along another axis than that of the tokens",
    explanation="""\
Attention mixes along one axis, which must be that of the tokens. `F.scaled_dot_product_attention` takes it to be the
last but one: (batch, tokens, heads, width) runs, every token attends over its own heads, and none sees another one.
`flash_attn_func` wants (batch, tokens, heads, width), and (batch, heads, tokens, width) runs there.

The layers of torch take (length, batch, features) unless they are made with `batch_first=True`. Before or behind
them authors show what they take an axis for: nobody averages over the samples of a batch, takes its last sample, joins
a token to it or gives it positions.

Which axis holds the heads is read from where it comes from: heads and the width of a head are split from one axis of
features that a layer made. The verdict changes one token of the keys and looks whether another one notices.
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
        query, key, value = (each.view(shape) for each in (query, key, value))
        output = F.scaled_dot_product_attention(query, key, value)  # error: ATN303
        return output.reshape(batch, tokens, width)


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
        output = F.scaled_dot_product_attention(query, key, value)
        return output.transpose(1, 2).reshape(batch, tokens, width)


output = Attention()(torch.randn(2, 7, 32))
""",
    how_to_fix="""\
Move the axis of the tokens to where the attention looks for it: `.transpose(1, 2)` behind the split into heads.
""",
    severity="warning",
)
