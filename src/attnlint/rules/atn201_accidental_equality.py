"""ATN201: works only if two unrelated sizes happen to be equal."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN201",
    name="accidental-equality",
    summary="Works only if two unrelated sizes happen to be equal",
    explanation="""\
The code runs for some inputs and raises for nearly all others: two sizes that have nothing to do with each other
must be equal for it to pass. Typical: `query @ key` without a transpose, which passes when there are as many tokens
as a head is wide; or an output projection from `heads * head_dim` declared with the width of the model.

Nothing raises for the sizes at hand, so this is a warning. Its verdict runs the operation with sizes that differ.
""",
    failing="""\
from torch import nn


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, head_dim: int):
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(width, heads * head_dim)
        self.output = nn.Linear(width, width)

    def forward(self, hidden):
        batch, tokens, width = hidden.shape
        value = self.project(hidden)
        return self.output(value)  # error: ATN201
""",
    passing="""\
from torch import nn


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, head_dim: int):
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(width, heads * head_dim)
        self.output = nn.Linear(heads * head_dim, width)

    def forward(self, hidden):
        batch, tokens, width = hidden.shape
        value = self.project(hidden)
        return self.output(value)
""",
    how_to_fix="""\
Write the size that is meant instead of the one that happens to be equal, or assert the equality where the sizes
enter.
""",
    severity="warning",
    preview=True,
)
