"""ATN109: an einsum equation or einops pattern does not fit its operands."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN109",
    name="equation",
    summary="An einsum equation or einops pattern does not fit its operands",
    explanation="""\
Every letter of an einsum equation is one size; where it appears twice, the sizes must be equal (or 1, for
`torch.einsum`). The number of letters is the number of dimensions. An einops pattern names axes likewise, and a
group such as `(h d)` must multiply to the axis. A pattern that is malformed raises in every call.
""",
    failing="""\
import torch

query = torch.randn(2, 8, 10, 64)
key = torch.randn(2, 8, 10, 32)
scores = torch.einsum("bhid,bhjd->bhij", query, key)  # error: ATN109
""",
    passing="""\
import torch

query = torch.randn(2, 8, 10, 64)
key = torch.randn(2, 8, 10, 64)
scores = torch.einsum("bhid,bhjd->bhij", query, key)
""",
    how_to_fix="""\
Give every axis a letter of its own unless the sizes really are the same, and use as many letters as there are
dimensions.
""",
)
