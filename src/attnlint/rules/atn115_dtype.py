"""ATN115: an operation refuses the dtypes of its operands."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN115",
    name="dtype",
    summary="An operation refuses the dtypes of its operands",
    explanation="""\
Matrix products, layers and losses take operands of one dtype: float32 @ int64 and float32 @ float64 raise.
Embeddings and indexing want integers, masks of `masked_fill` booleans, `softmax` and `mean` floating-point numbers.
""",
    failing="""\
import torch
from torch import nn

tokens = torch.rand(2, 10)
embedding = nn.Embedding(1000, 512)
hidden = embedding(tokens)  # error: ATN115
""",
    passing="""\
import torch
from torch import nn

tokens = torch.randint(0, 1000, (2, 10))
embedding = nn.Embedding(1000, 512)
hidden = embedding(tokens)
""",
    how_to_fix="""\
Convert one operand: `.float()`, `.long()`, `.bool()`, or `.to(other.dtype)`.
""",
)
