"""ATN315: copies that lie in another order than what they meet."""

from __future__ import annotations

from attnlint.rules.rule import Rule

_PROGRAM = """\
import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, width=24, heads=3):
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(width, 3 * width)

    def forward(self, hidden, keep):
        batch, tokens, width = hidden.shape
        heads = self.project(hidden).view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        query, key, value = heads.reshape(3, batch * self.heads, tokens, -1)
        scores = query @ key.transpose(1, 2) / key.shape[-1] ** 0.5
        {mask}
        scores = scores.masked_fill(~mask[:, None], float("-inf")){error}
        return (scores.softmax(dim=-1) @ value).view(batch, self.heads, tokens, -1)


output = Attention()(torch.randn(2, 7, 24), torch.ones(2, 7, dtype=torch.bool))
"""

RULE = Rule(
    code="ATN315",
    name="order-of-copies",
    summary="Copies that lie in another order than what they meet",
    explanation="""\
`x.repeat(n, 1)` lays whole copies one behind the other, `x.repeat_interleave(n, dim=0)` the copies of each element side
by side. Both have the same size. Where samples and heads were merged as (batch * heads), a mask that is repeated lies
as (heads * batch): the tokens of one sample are masked with the mask of another. The same happens to labels beside two
views of each image, to the memory of beams, and to keys and values whose heads are copied in two ways.

The order of an axis is read from how it was made: by copies, by joining parts of one size, or by merging two axes.
Reported where the same two sizes meet in opposite order, and one of them counts copies. The verdict changes one sample,
and looks where it lies on both sides.
""",
    failing=_PROGRAM.format(mask="mask = keep.repeat(self.heads, 1)", error="  # error: ATN315"),
    passing=_PROGRAM.format(mask="mask = keep.repeat_interleave(self.heads, dim=0)", error=""),
    how_to_fix="""\
Copy with `repeat_interleave` where the copies belong to the inner axis (batch * heads), with `repeat` where they belong
to the outer one.
""",
    severity="warning",
)
