"""ATN318: a softmax of what is the result of a softmax."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN318",
    name="softmax-of-probabilities",
    summary="A softmax of what is the result of a softmax",
    explanation="""\
Probabilities lie between 0 and 1, and a softmax of numbers so close to each other makes them nearly equal: of ten
classes none gets more than 0.23. It is usual where a model ends in a softmax and its caller takes another one.

Reported where nothing lies between the two but views and casts, and both run along one axis. The verdict makes one
logit far higher than the others, and looks at the highest probability.
""",
    failing="""\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 10), nn.Softmax(dim=-1))
probabilities = model(torch.randn(8, 16)).softmax(dim=-1)  # error: ATN318
""",
    passing="""\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 10))
probabilities = model(torch.randn(8, 16)).softmax(dim=-1)
""",
    how_to_fix="""\
Take the softmax once: in the model, or where probabilities are wanted.
""",
    severity="warning",
)
