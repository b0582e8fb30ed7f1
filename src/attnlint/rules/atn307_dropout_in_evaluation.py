"""ATN307: dropout that stays on in evaluation mode."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN307",
    name="dropout-in-evaluation",
    summary="Dropout that stays on in evaluation mode",
    explanation="""\
`model.eval()` tells modules, not functions. `F.scaled_dot_product_attention(..., dropout_p=0.1)` drops out weights in
every call, and so does `F.dropout(x, p)`, whose `training` is true unless it is passed. Nothing raises: the model is
evaluated with noise in it, and gives another answer every time.

Reported in the forward of a module, where neither the argument nor a branch on the way depends on the mode. A
`training=True` that is written out is taken to be wanted. The verdict runs the operation twice on the same input.
""",
    failing="""\
import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def __init__(self, dropout=0.1):
        super().__init__()
        self.dropout = dropout

    def forward(self, query, key, value):
        return F.scaled_dot_product_attention(query, key, value, dropout_p=self.dropout)  # error: ATN307


attention = Attention().eval()
output = attention(torch.randn(2, 4, 10, 16), torch.randn(2, 4, 12, 16), torch.randn(2, 4, 12, 16))
""",
    passing="""\
import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def __init__(self, dropout=0.1):
        super().__init__()
        self.dropout = dropout

    def forward(self, query, key, value):
        dropout = self.dropout if self.training else 0.0
        return F.scaled_dot_product_attention(query, key, value, dropout_p=dropout)


attention = Attention().eval()
output = attention(torch.randn(2, 4, 10, 16), torch.randn(2, 4, 12, 16), torch.randn(2, 4, 12, 16))
""",
    how_to_fix="""\
Pass `dropout_p=self.dropout if self.training else 0.0`, `training=self.training`, or use an `nn.Dropout` that is made
in `__init__`.
""",
    severity="warning",
)
