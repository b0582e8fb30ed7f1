"""ATN317: an equation that adds up an axis of each operand by itself."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN317",
    name="lone-letters",
    summary="An equation adds up an axis of each operand by itself",
    explanation="""\
A letter that stands in one operand of an `einsum` only, and not in its result, is added up before the operands meet.
`"bhqk,bhvd->bhqd"` adds up the weights over `k` and the values over `v`, and multiplies the two sums: every query gets
the same. It runs, whether there are as many keys as values or not. `"bij,cjd->bid"` adds up the samples.

Reported where each of two operands has one such letter, and where the samples of one operand are added up while those
of the other are kept. The verdict turns the order of the elements round, and looks whether the result changes.
""",
    failing="""\
import torch

weights = torch.randn(2, 4, 7, 7).softmax(dim=-1)
values = torch.randn(2, 4, 7, 16)
output = torch.einsum("bhqk,bhvd->bhqd", weights, values)  # error: ATN317
""",
    passing="""\
import torch

weights = torch.randn(2, 4, 7, 7).softmax(dim=-1)
values = torch.randn(2, 4, 7, 16)
output = torch.einsum("bhqk,bhkd->bhqd", weights, values)
""",
    how_to_fix="""\
Give the axes that are summed over together one letter.
""",
    severity="warning",
)
