"""ATN112: the width is not divisible by the number of heads."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN112",
    name="heads-divide-width",
    summary="The width is not divisible by the number of heads",
    explanation="""\
`nn.MultiheadAttention`, `nn.TransformerEncoderLayer` and their like split the width evenly over the heads and raise
when that leaves a remainder.
""",
    failing="""\
from torch import nn

attention = nn.MultiheadAttention(embed_dim=512, num_heads=6)  # error: ATN112
""",
    passing="""\
from torch import nn

attention = nn.MultiheadAttention(embed_dim=512, num_heads=8)
""",
    how_to_fix="""\
Choose a number of heads that divides the width.
""",
)
