"""ATN313: a loss or a choice over a single class."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN313",
    name="one-class",
    summary="A loss over one class, or a choice among one",
    explanation="""\
A layer with one output and `F.cross_entropy` go together without an error: the loss of one class is 0 whatever the
layer computes, its gradient is 0, and nothing is learnt. An `argmax` over one output is always 0. Both are usual where
a network for two classes was given one output and is used like one with two.

Reported where the axis of the classes is the width of a layer and that width is 1. A softmax over one output is
ATN301. The verdict changes the scores, and looks whether the result changes.
""",
    failing="""\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 1))
criterion = nn.CrossEntropyLoss()
loss = criterion(model(torch.randn(8, 16)), torch.zeros(8, dtype=torch.long))  # error: ATN313
""",
    passing="""\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 1))
criterion = nn.BCEWithLogitsLoss()
loss = criterion(model(torch.randn(8, 16)).squeeze(-1), torch.zeros(8))
""",
    how_to_fix="""\
Give the layer one output a class, or keep the one output and take `binary_cross_entropy_with_logits`, with
`output > 0` in place of the argmax.
""",
    severity="warning",
)
