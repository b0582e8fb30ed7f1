"""ATN114: view of a tensor whose memory layout forbids it."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN114",
    name="view-strides",
    summary="view of a tensor whose memory layout forbids it",
    explanation="""\
`view` never copies: it can only merge axes that lie next to each other in memory. After `transpose` or `permute`
the heads and the width of a head do not, and `view` raises `view size is not compatible with input tensor's size
and stride`.
""",
    failing="""\
import torch

output = torch.randn(2, 8, 10, 64)
merged = output.transpose(1, 2).view(2, 10, 512)  # error: ATN114
""",
    passing="""\
import torch

output = torch.randn(2, 8, 10, 64)
merged = output.transpose(1, 2).reshape(2, 10, 512)
""",
    how_to_fix="""\
Use `reshape`, which copies when it must, or call `.contiguous()` before `.view(...)`.
""",
)
