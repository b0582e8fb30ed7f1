"""ATN101: the inner dimensions of a matrix product differ."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN101",
    name="matmul-inner-dimension",
    summary="The inner dimensions of a matrix product differ",
    explanation="""\
`a @ b` multiplies rows of `a` with columns of `b`: the last dimension of `a` must be the second to last one of `b`
(the only one, if `b` is a vector). The same holds for `torch.matmul`, `mm`, `bmm`, `mv`, `dot`, `addmm`, `baddbmm`
and the like.

In attention code this is nearly always one of two things. Either the key was not transposed before `query @ key`,
or query and key come out of projections of different widths.
""",
    failing="""\
import torch

query = torch.randn(2, 10, 512)
key = torch.randn(2, 10, 256)
scores = query @ key.transpose(-2, -1)  # error: ATN101
""",
    passing="""\
import torch

query = torch.randn(2, 10, 512)
key = torch.randn(2, 10, 512)
scores = query @ key.transpose(-2, -1)
""",
    how_to_fix="""\
Transpose the key (`key.transpose(-2, -1)`) if the two dims are those of one head read from the wrong side. If they
are two widths, project one of the operands to the width of the other (`nn.Linear(256, 512)`).
""",
)
