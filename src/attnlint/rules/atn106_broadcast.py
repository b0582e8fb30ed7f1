"""ATN106: the shapes do not broadcast."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN106",
    name="broadcast",
    summary="The shapes do not broadcast",
    explanation="""\
Arithmetic, comparisons, `masked_fill`, `where`, `expand` and assignment align shapes from the right; two sizes must
be equal, or one of them 1 or absent. Here neither holds.

In attention code: a padding mask of (batch, tokens) added to scores of (batch, heads, queries, keys) needs the two
missing axes, `mask[:, None, None, :]`; a table of positions is longer or shorter than the tokens.
""",
    failing="""\
import torch

scores = torch.randn(2, 8, 10, 10)
padding = torch.zeros(2, 10, dtype=torch.bool)
scores = scores.masked_fill(padding, float("-inf"))  # error: ATN106
""",
    passing="""\
import torch

scores = torch.randn(2, 8, 10, 10)
padding = torch.zeros(2, 10, dtype=torch.bool)
scores = scores.masked_fill(padding[:, None, None, :], float("-inf"))
""",
    how_to_fix="""\
Insert axes of size 1 where the shapes should be stretched (`mask[:, None, None, :]`), or cut both to the same size.
""",
)
