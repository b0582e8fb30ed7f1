"""ATN306: a mask that does not take out what it names."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN306",
    name="mask-effect",
    summary="A mask does not take out the keys that it names",
    explanation="""\
A mask works by making scores so low, before the softmax, that their weights are 0. It does not work

- after the softmax: the keys that it takes out have had their share, and the weights that are left do not sum to 1;
- with a fill that is no lower than ordinary scores: `1e-9` or `0` for `-1e9`;
- as a factor, or as 1 and 0 that are added to the scores;
- inverted: `True` lets a key take part in `scaled_dot_product_attention`, and ignores it in `nn.MultiheadAttention`.

What a mask says is followed back to `tril`, `triu` or a comparison with the index of the padding. Scores that are
masked more than once are left alone. The verdict looks at the weights that masked keys get.
""",
    failing="""\
import torch
from torch import nn


class Attention(nn.Module):
    def forward(self, query, key, value, mask):
        scores = query @ key.transpose(-2, -1) / query.shape[-1] ** 0.5
        scores = scores.masked_fill(mask == 0, 1e-9)  # error: ATN306
        return scores.softmax(dim=-1) @ value


tokens = torch.randn(2, 4, 10, 16)
output = Attention()(tokens, tokens, tokens, torch.ones(10, 10).tril())
""",
    passing="""\
import torch
from torch import nn


class Attention(nn.Module):
    def forward(self, query, key, value, mask):
        scores = query @ key.transpose(-2, -1) / query.shape[-1] ** 0.5
        scores = scores.masked_fill(mask == 0, -1e9)
        return scores.softmax(dim=-1) @ value


tokens = torch.randn(2, 4, 10, 16)
output = Attention()(tokens, tokens, tokens, torch.ones(10, 10).tril())
""",
    how_to_fix="""\
Fill the scores, before the softmax, with `float('-inf')` or the lowest number of the dtype where a key is not to be
seen.
""",
    severity="warning",
)
