"""ATN310: a broadcast that makes an outer product."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN310",
    name="outer-product",
    summary="A broadcast makes an outer product of what was to be paired",
    explanation="""\
(N, 1) with (N,) broadcasts to (N, N). In a loss every prediction is then compared with every target: the loss goes
down to the variance of the targets, the model predicts their mean, and nothing raises. `prediction == target` counts
N times too many hits in the same way.

Reported in losses that reduce, and in elementwise operations where the axis of size 1 is the width of a layer. An axis
that the author makes (`x[:, None] - x`) is meant. The verdict takes the loss of a prediction that equals the target,
or counts the elements.
""",
    failing="""\
import torch
import torch.nn.functional as F
from torch import nn

model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
features, target = torch.randn(32, 8), torch.randn(32)
loss = F.mse_loss(model(features), target)  # error: ATN310
""",
    passing="""\
import torch
import torch.nn.functional as F
from torch import nn

model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
features, target = torch.randn(32, 8), torch.randn(32)
loss = F.mse_loss(model(features).squeeze(-1), target)
""",
    how_to_fix="""\
Bring both to one shape: `.squeeze(-1)` on the prediction, or `.unsqueeze(-1)` on the target.
""",
    severity="warning",
)
