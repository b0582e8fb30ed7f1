"""ATN107: an axis argument is out of range, repeated or missing."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN107",
    name="axis",
    summary="An axis argument is out of range, repeated or missing",
    explanation="""\
An operation on axes (`transpose`, `permute`, `softmax`, `sum`, `squeeze`, `unsqueeze`, `flatten`, ...) names an
axis that the tensor does not have, `permute` names one twice or leaves one out, or a range of axes runs backwards.
""",
    failing="""\
import torch

query = torch.randn(10, 512)
query = query.transpose(1, 2)  # error: ATN107
""",
    passing="""\
import torch

query = torch.randn(2, 10, 512)
query = query.transpose(1, 2)
""",
    how_to_fix="""\
Count axes from 0, or from the end with -1. Negative axes keep meaning the same when a batch axis is added.
""",
)
