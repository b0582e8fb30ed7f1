"""ATN402: a jaxtyping annotation that the code does not keep."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN402",
    name="shape-annotation",
    summary="A jaxtyping annotation declares another shape than the value has",
    explanation="""\
`Float[Tensor, "batch token 64"]` on a parameter, a result or a variable declares a shape, and a name in it stands for
one size in the whole call. The inferred shape has another rank, another number, or a name stands for two sizes that are
provably different. A run-time type checker raises here; without one, nobody notices.
""",
    failing="""\
import torch
from jaxtyping import Float
from torch import Tensor


def split(x: Float[Tensor, "batch token width"], heads: int) -> Float[Tensor, "batch token heads dim"]:  # error: ATN402
    batch, token, width = x.shape
    return x.view(batch, token, heads, width // heads).flatten(0, 1)


split(torch.randn(2, 10, 64), 4)
""",
    passing="""\
import torch
from jaxtyping import Float
from torch import Tensor


def split(x: Float[Tensor, "batch token width"], heads: int) -> Float[Tensor, "batch token heads dim"]:
    batch, token, width = x.shape
    return x.view(batch, token, heads, width // heads)


split(torch.randn(2, 10, 64), 4)
""",
    how_to_fix="""\
Correct the annotation or the code, whichever is wrong.
""",
    severity="warning",
)
