"""ATN308: positions that are added along another axis than that of the tokens."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN308",
    name="positions-along-the-batch",
    summary="Positions that are added along the batch instead of the tokens",
    explanation="""\
A table of positions is cut to the length of the sequence and added to the tokens. `table[: x.size(0)]` is right for
(tokens, batch, features). For (batch, tokens, features) it is broadcast over the tokens: every sample gets a position,
and all of its tokens the same one. Without an axis of size 1 for the batch it runs only where there are as many
samples as tokens.

Which axis holds the tokens is read from the attention that comes behind. The verdict gives two samples of the batch the
same contents, and looks whether they come out the same.
""",
    failing="""\
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self, width=32, longest=64):
        super().__init__()
        self.positions = nn.Parameter(torch.randn(longest, 1, width))
        self.layer = nn.TransformerEncoderLayer(width, 4, batch_first=True)

    def forward(self, hidden):
        hidden = hidden + self.positions[: hidden.size(0)]  # error: ATN308
        return self.layer(hidden)


output = Encoder()(torch.randn(2, 7, 32))
""",
    passing="""\
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self, width=32, longest=64):
        super().__init__()
        self.positions = nn.Parameter(torch.randn(1, longest, width))
        self.layer = nn.TransformerEncoderLayer(width, 4, batch_first=True)

    def forward(self, hidden):
        hidden = hidden + self.positions[:, : hidden.size(1)]
        return self.layer(hidden)


output = Encoder()(torch.randn(2, 7, 32))
""",
    how_to_fix="""\
Cut the table to the number of tokens, and keep the batch as an axis of size 1: `table[:, : x.size(1)]`.
""",
    severity="warning",
)
