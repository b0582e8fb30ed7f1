"""ATN116: an index or an index assignment does not fit."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN116",
    name="indexing",
    summary="An index or an index assignment does not fit",
    explanation="""\
An index is out of range, there are more indices than dimensions, index tensors do not broadcast with each other, a
boolean mask has another shape than what it selects from, or the value of an assignment does not fit the place.
""",
    failing="""\
import torch

scores = torch.randn(2, 8, 10, 10)
causal = torch.ones(12, 12).triu(1).bool()
scores[:, :, causal] = float("-inf")  # error: ATN116
""",
    passing="""\
import torch

scores = torch.randn(2, 8, 10, 10)
causal = torch.ones(10, 10).triu(1).bool()
scores[:, :, causal] = float("-inf")
""",
    how_to_fix="""\
Cut masks and tables to the current size (`mask[:tokens, :tokens]`), and use at most as many indices as dimensions.
""",
)
