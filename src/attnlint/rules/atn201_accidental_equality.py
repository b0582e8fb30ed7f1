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
as a head is wide; a loss of `(batch, tokens, classes)` scores with one class a token, which passes when there are
as many classes as tokens; an operand whose axes stand in another order than the operation expects (letters of an
`einsum`, positions with the heads last, channels last before a convolution), where in the expected order it fits
whatever the sizes are; two names of an unpacked shape that have changed places; an operand that lacks an axis of
size 1; a residual connection around a layer of twice the width, which one channel survives; an output projection
from `heads * head_dim` declared with the width of the model, where both are parameters of one constructor; a `view`
of a transposed tensor that one token allows. With `--preview`, also where a layer's width and its input's width are
made of other hyper-parameters, and where a mask is as long as the queries both ways, on keys of another input.

Nothing raises for the sizes at hand, so this is a warning. Its verdict runs the operation with sizes that differ.
""",
    failing="""\
from torch import nn


class Attention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(width, 3 * width)

    def forward(self, hidden):
        batch, tokens, width = hidden.shape
        query, key, value = self.project(hidden).chunk(3, dim=-1)
        query = query.view(batch, tokens, self.heads, -1).transpose(1, 2)
        key = key.view(batch, tokens, self.heads, -1).transpose(1, 2)
        return query @ key  # error: ATN201
""",
    passing="""\
from torch import nn


class Attention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(width, 3 * width)

    def forward(self, hidden):
        batch, tokens, width = hidden.shape
        query, key, value = self.project(hidden).chunk(3, dim=-1)
        query = query.view(batch, tokens, self.heads, -1).transpose(1, 2)
        key = key.view(batch, tokens, self.heads, -1).transpose(1, 2)
        return query @ key.transpose(-2, -1)
""",
    how_to_fix="""\
Write the size that is meant instead of the one that happens to be equal, or assert the equality where the sizes
enter.
""",
    severity="warning",
)
