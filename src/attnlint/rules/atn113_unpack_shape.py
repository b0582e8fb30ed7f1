"""ATN113: a shape is unpacked or indexed with another number of dimensions than it has."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN113",
    name="unpack-shape",
    summary="A shape is unpacked or indexed with another number of dimensions than it has",
    explanation="""\
`B, T, C = x.shape` raises a ValueError when `x` has two or four dimensions, `x.shape[3]` an IndexError when it has
three. The same holds for unpacking a tensor along its first axis (`query, key, value = projected`), and what a layer
returns: `nn.LSTM` two items (`output, (hidden, cell)`), not three.
""",
    failing="""\
import torch

hidden = torch.randn(10, 512)
batch, tokens, width = hidden.shape  # error: ATN113
""",
    passing="""\
import torch

hidden = torch.randn(2, 10, 512)
batch, tokens, width = hidden.shape
""",
    how_to_fix="""\
Unpack as many names as there are dimensions (`*batch, tokens, width` takes any number), or add the missing axis
before.
""",
)
