"""ATN316: the sums of the rows of a square matrix, laid along its columns."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN316",
    name="missing-keepdim",
    summary="The sums of rows are laid along the columns",
    explanation="""\
`scores / scores.sum(dim=1)` divides each column by the sum of a row: without `keepdim=True` the sums are (n,), and
broadcasting lines them up with the last axis. Torch refuses where the matrix is not square. Where queries and keys are
as many, it runs.

Reported for square matrices whose rows and columns are of different things: products of two tensors, outputs of layers.
A matrix that may be symmetric is left alone. The verdict changes one row, and looks which rows change.
""",
    failing="""\
import torch
from torch import nn

to_query, to_key = nn.Linear(16, 16), nn.Linear(16, 16)
tokens = torch.randn(9, 16)
scores = torch.exp(to_query(tokens) @ to_key(tokens).T / 4)
weights = scores / scores.sum(dim=1)  # error: ATN316
output = weights @ tokens
""",
    passing="""\
import torch
from torch import nn

to_query, to_key = nn.Linear(16, 16), nn.Linear(16, 16)
tokens = torch.randn(9, 16)
scores = torch.exp(to_query(tokens) @ to_key(tokens).T / 4)
weights = scores / scores.sum(dim=1, keepdim=True)
output = weights @ tokens
""",
    how_to_fix="""\
Keep the axis that is summed over: `keepdim=True`.
""",
    severity="warning",
)
