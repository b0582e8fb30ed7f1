"""ATN108: tensors that are joined do not fit."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN108",
    name="concatenation",
    summary="Tensors that are joined do not fit",
    explanation="""\
`torch.cat` needs the same number of dimensions and equal sizes in all but the joined one; `torch.stack` needs equal
shapes.
""",
    failing="""\
import torch

cached_key = torch.randn(2, 8, 30, 64)
new_key = torch.randn(2, 4, 1, 64)
key = torch.cat([cached_key, new_key], dim=2)  # error: ATN108
""",
    passing="""\
import torch

cached_key = torch.randn(2, 8, 30, 64)
new_key = torch.randn(2, 8, 1, 64)
key = torch.cat([cached_key, new_key], dim=2)
""",
    how_to_fix="""\
Join along the axis in which the tensors differ, and bring the other sizes together first.
""",
)
