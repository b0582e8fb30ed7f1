"""ATN111: the input or mask does not fit nn.MultiheadAttention or nn.Transformer."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN111",
    name="multihead-attention",
    summary="The input or mask does not fit nn.MultiheadAttention or nn.Transformer",
    explanation="""\
`nn.MultiheadAttention(embed_dim, heads, kdim=..., vdim=...)` fixes the widths of query, key and value.
`key_padding_mask` is (batch, keys); `attn_mask` is (queries, keys) or (batch * heads, queries, keys). Without
`batch_first=True` the layout is (tokens, batch, width), so that a batch-first input gives masks that seem to have
the wrong shape.
""",
    failing="""\
import torch
from torch import nn

attention = nn.MultiheadAttention(512, 8)
hidden = torch.randn(4, 10, 512)
padding = torch.zeros(4, 10, dtype=torch.bool)
output, weights = attention(hidden, hidden, hidden, key_padding_mask=padding)  # error: ATN111
""",
    passing="""\
import torch
from torch import nn

attention = nn.MultiheadAttention(512, 8, batch_first=True)
hidden = torch.randn(4, 10, 512)
padding = torch.zeros(4, 10, dtype=torch.bool)
output, weights = attention(hidden, hidden, hidden, key_padding_mask=padding)
""",
    how_to_fix="""\
Construct with `batch_first=True` if batches come first; give `kdim` and `vdim` where keys and values have their own
width.
""",
)
