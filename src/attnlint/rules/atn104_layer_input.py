"""ATN104: the input does not fit the layer."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN104",
    name="layer-input",
    summary="The input does not fit the layer",
    explanation="""\
A layer fixes some sizes when it is constructed: `nn.Linear(in_features, ...)` the last dimension of its input,
`nn.LayerNorm(shape)` the last ones, `nn.Conv1d/2d/3d(in_channels, ...)` the channel dimension and the number of
dimensions, `nn.BatchNorm` and `nn.GroupNorm` the channels, `nn.LSTM` and `nn.GRU` the width of a step.
""",
    failing="""\
import torch
from torch import nn

hidden = torch.randn(2, 10, 768)
to_query = nn.Linear(512, 512)
query = to_query(hidden)  # error: ATN104
""",
    passing="""\
import torch
from torch import nn

hidden = torch.randn(2, 10, 768)
to_query = nn.Linear(768, 512)
query = to_query(hidden)
""",
    how_to_fix="""\
Construct the layer with the size of its input, or bring the input into the layout that the layer takes: channels
first for convolutions and batch norm (`x.transpose(1, 2)`), the width last for `Linear` and `LayerNorm`.
""",
)
