"""ATN117: the input and the target of a loss do not fit."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN117",
    name="loss-target",
    summary="The input and the target of a loss do not fit",
    explanation="""\
`cross_entropy` wants logits of (batch, classes, ...) and targets of (batch, ...): the classes come second, not
last. Other losses want equal or broadcastable shapes.
""",
    failing="""\
import torch
import torch.nn.functional as F

logits = torch.randn(4, 10, 1000)
targets = torch.randint(0, 1000, (4, 10))
loss = F.cross_entropy(logits, targets)  # error: ATN117
""",
    passing="""\
import torch
import torch.nn.functional as F

logits = torch.randn(4, 10, 1000)
targets = torch.randint(0, 1000, (4, 10))
loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
""",
    how_to_fix="""\
Flatten batch and tokens of both, or bring the classes to the second place with `transpose(1, 2)`.
""",
)
