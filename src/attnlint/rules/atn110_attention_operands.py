"""ATN110: the operands of scaled dot product attention do not fit."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN110",
    name="attention-operands",
    summary="The operands of scaled dot product attention do not fit",
    explanation="""\
`F.scaled_dot_product_attention(query, key, value)` takes (..., queries, width), (..., keys, width) and (..., keys,
value width). The widths of query and key must be equal, key and value must have as many keys, the leading
dimensions must broadcast, and the mask must broadcast to (..., queries, keys). Fewer heads of key and value than of
query (and more than one) take `enable_gqa=True`. `flash_attn` and `xformers` want (batch, tokens,
heads, width).

torch 2.13 does not check all of it: on the CPU, four-dimensional operands with 20 keys and 30 values run without an
error. No correct result exists then. The finding says so, and its verdict says what the kernel did.
""",
    failing="""\
import torch
import torch.nn.functional as F

query = torch.randn(2, 8, 10, 64)
key = torch.randn(2, 8, 20, 32)
value = torch.randn(2, 8, 20, 64)
output = F.scaled_dot_product_attention(query, key, value)  # error: ATN110
""",
    passing="""\
import torch
import torch.nn.functional as F

query = torch.randn(2, 8, 10, 64)
key = torch.randn(2, 8, 20, 64)
value = torch.randn(2, 8, 20, 64)
output = F.scaled_dot_product_attention(query, key, value)
""",
    how_to_fix="""\
Bring the heads in front of the tokens (`transpose(1, 2)`), and give the mask the axes of (batch, heads, queries,
keys).
""",
)
