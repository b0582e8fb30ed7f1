"""ATN103: an operand has the wrong number of dimensions."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN103",
    name="wrong-number-of-dimensions",
    summary="An operand has the wrong number of dimensions",
    explanation="""\
Some operations take tensors of one rank only. `torch.bmm` takes 3-D tensors and refuses matrices whatever their
sizes, `torch.mm` takes matrices only, `mv` a matrix and a vector, `torch.t` at most two dimensions.
""",
    failing="""\
import torch

query = torch.randn(10, 512)
key = torch.randn(10, 512)
scores = torch.bmm(query, key.transpose(0, 1))  # error: ATN103
""",
    passing="""\
import torch

query = torch.randn(10, 512)
key = torch.randn(10, 512)
scores = query @ key.transpose(0, 1)
""",
    how_to_fix="""\
Use `@` (`torch.matmul`), which takes operands of any rank, or add the missing batch axis with `unsqueeze(0)`.
""",
)
