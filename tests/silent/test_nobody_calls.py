"""Silent mistakes in classes that nobody calls: little is known of what comes in."""

from __future__ import annotations

import pytest

from tests.interpreter.programs import check

MASKED = """
class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.width = heads, width // heads
        self.project = nn.Linear(width, width)
    def forward(self, x, mask):
        batch, tokens, width = x.shape
        heads = self.project(x).view(batch, tokens, self.heads, self.width).transpose(1, 2)
        heads = heads.reshape(batch * self.heads, tokens, self.width)
        scores = torch.bmm(heads, heads.transpose(1, 2)) / self.width**0.5
        {mask}
        scores = scores.masked_fill(mask.unsqueeze(1) == 0, -1e9){comment}
        return scores.softmax(dim=-1)
"""


def test_a_mask_of_unknown_rank_that_is_repeated() -> None:
    check(MASKED.format(mask="mask = mask.repeat(self.heads, 1)", comment="  # error: ATN315"))
    check(MASKED.format(mask="mask = mask.repeat_interleave(self.heads, dim=0)", comment=""))


ROTARY = """
class Rotary(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
    def rotate(self, x):
        {halves}
        return torch.cat((-second, first), dim=-1)
    def forward(self, x):
        batch, tokens, width = x.shape
        query = self.query(x).view(batch, tokens, self.heads, width // self.heads).transpose(1, 2)
        size = query.shape[-1]
        angles = torch.outer(torch.arange(tokens), 1.0 / 10000 ** (torch.arange(0, size, 2) / size))
        angles = {angles}
        return query * angles.cos() + self.rotate(query) * angles.sin(){comment}
"""
HALVES = "first, second = x[..., : x.shape[-1] // 2], x[..., x.shape[-1] // 2 :]"
JOINED = "torch.cat((angles, angles), dim=-1)"


@pytest.mark.parametrize(
    ("halves", "angles", "comment"),
    [
        (HALVES, JOINED, ""),
        ("first, second = x.chunk(2, dim=-1)", JOINED, ""),
        (HALVES, "angles.repeat_interleave(2, dim=-1)", "  # error: ATN314"),
        ("first, second = x[..., ::2], x[..., 1::2]", JOINED, "  # error: ATN314"),
    ],
)
def test_pairs_of_a_width_that_nobody_knows(halves: str, angles: str, comment: str) -> None:
    check(ROTARY.format(halves=halves, angles=angles, comment=comment))


def test_queries_that_a_size_of_unknown_kind_splits() -> None:
    check("""
class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.width, self.heads = width, heads
    def forward(self, x):
        B, T, C = x.size()
        q, k, v = self.qkv(x).split(self.width, dim=2)
        q, k, v = (each.view(B, T, self.heads, C // self.heads) for each in (q, k, v))
        return F.scaled_dot_product_attention(q, k, v)  # error: ATN303
""")
