"""ATN312: a loss of logits that is given probabilities."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN312",
    name="loss-of-probabilities",
    summary="A loss that takes logits is given probabilities",
    explanation="""\
`F.cross_entropy` and `nn.CrossEntropyLoss` run a log-softmax themselves. Of probabilities they make a loss that never
comes near 0 and a gradient that vanishes: training goes on, slowly, and ends early. The same holds for
`binary_cross_entropy_with_logits` after a sigmoid, and for `nll_loss` after a softmax without its logarithm.

Reported where the input of the loss is the result of the softmax or sigmoid itself. The verdict takes the loss of a
prediction that is certain and right.
""",
    failing="""\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 10), nn.Softmax(dim=1))
criterion = nn.CrossEntropyLoss()
loss = criterion(model(torch.randn(8, 16)), torch.randint(0, 10, (8,)))  # error: ATN312
""",
    passing="""\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 10))
criterion = nn.CrossEntropyLoss()
loss = criterion(model(torch.randn(8, 16)), torch.randint(0, 10, (8,)))
""",
    how_to_fix="""\
Leave the softmax out of the model, and take it where probabilities are wanted.
""",
    severity="warning",
)
