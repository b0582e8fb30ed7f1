"""ATN105: a view or reshape does not keep the number of elements."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN105",
    name="number-of-elements",
    summary="A view or reshape does not keep the number of elements",
    explanation="""\
`view`, `reshape`, `unflatten` and their like give a tensor another shape with the same number of elements. With a
`-1`, the rest must divide the number of elements.

In attention code: the heads are split or merged with the wrong width (`view(B, T, heads, head_dim)` where `heads *
head_dim` is not the width), or a batch size is written as a number.
""",
    failing="""\
import torch

batch, tokens, width, heads = 2, 10, 512, 6
hidden = torch.randn(batch, tokens, width)
query = hidden.view(batch, tokens, heads, width // heads)  # error: ATN105
""",
    passing="""\
import torch

batch, tokens, width, heads = 2, 10, 512, 8
hidden = torch.randn(batch, tokens, width)
query = hidden.view(batch, tokens, heads, width // heads)
""",
    how_to_fix="""\
Make the product of the new sizes equal to that of the old ones; leave one size to torch with `-1` where it is not
known.
""",
)
