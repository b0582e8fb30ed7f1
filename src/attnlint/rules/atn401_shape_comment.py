"""ATN401: a shape comment that the code does not keep."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN401",
    name="shape-comment",
    summary="A comment declares another shape than the value has",
    explanation="""\
Comments such as `# (B, T, C)`, `# [batch, heads, seq, dim]`, `# b n d`, `# B x T x C`, `# x: (..., D)` or
`# (N, C, H, W) -> (N, H*W, C)`, at the end of a statement, on the line above it, or behind a parameter, are read as
declared shapes. The inferred shape has another rank, another number where the comment has a number, or another order of
the axes; or a name in the comment is a variable of a size that is provably another.

The code runs; the next reader is misled, and so is whoever writes the next `view` by the comment. Reported only where
every path that reaches the statement contradicts the comment. What is not clearly a shape is left alone. The verdict
runs the operation and looks at the shape of its result.

What may be meant otherwise is reported with `--preview` only: leading axes that are left out (`# (T, C)` behind a
batch), a name that stood for another size in an earlier comment (`T` before and after a pooling), names that may be
those of the elements (`# (x, y, w, h)`).
""",
    failing="""\
import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, width=64, heads=4):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)

    def forward(self, x):
        B, T, C = x.shape
        H, D = self.heads, C // self.heads
        q = self.query(x)  # (B, T, C)
        q = q.view(B, T, H, D).transpose(1, 2)  # (B, T, H, D)  # error: ATN401
        k = q.flatten(0, 1)  # (B, H, T, D)  # error: ATN401
        return q, k


Attention()(torch.randn(2, 10, 64))
""",
    passing="""\
import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, width=64, heads=4):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)

    def forward(self, x):
        B, T, C = x.shape
        H, D = self.heads, C // self.heads
        q = self.query(x)  # (B, T, C)
        q = q.view(B, T, H, D).transpose(1, 2)  # (B, H, T, D)
        k = q.flatten(0, 1)  # (B*H, T, D)
        return q, k


Attention()(torch.randn(2, 10, 64))
""",
    how_to_fix="""\
Correct the comment, if the code is right: `--fix` does that where every axis has a name of yours. If the comment is
right, the code is wrong.
""",
    severity="warning",
)
