"""Roles of axes in an attention, and what is left alone because a role is not certain."""

from __future__ import annotations

import pytest

from tests.interpreter.programs import check

FLASH = """
from flash_attn import flash_attn_func
class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.heads, C // self.heads).{split}
        return flash_attn_func(q, k, v){comment}
"""


def test_heads_in_front_of_the_tokens_in_flash_attention() -> None:
    check(FLASH.format(split="permute(2, 0, 3, 1, 4)", comment="  # error: ATN303"))
    check(FLASH.format(split="unbind(2)", comment=""))


CACHE = """
class Cached(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.key = nn.Linear(width, width)
    def forward(self, x, past{default}):
        B, T, C = x.shape
        key = self.key(x).view(B, T, self.heads, C // self.heads).transpose(1, 2)
        other = self.key(x).view(B, T, self.heads, C // self.heads).transpose(1, 2)
        {statement}
        return key
"""


@pytest.mark.parametrize(
    ("statement", "default"),
    [
        ("key = torch.cat([past, key], dim=1)  # error: ATN309", ""),
        ("key = torch.cat([past[0], key], dim=-3)  # error: ATN309", ""),
        ("key = torch.cat([past, key], dim=2)", ""),
        ("key = torch.cat([past, key], dim=-1)", ""),  # rotated and other features
        ("key = torch.cat([other, key], dim=1)", ""),  # more heads, from here
    ],
)
def test_caches(statement: str, default: str) -> None:
    check(CACHE.format(statement=statement, default=default))


LAYER = """
class Model(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer = {layer}
        self.table = nn.Parameter(torch.randn(512, 1, width))
    def forward(self, x):
        {before}
        out = {call}
        {behind}
"""
LSTM = "nn.LSTM(width, width{})"
ENCODER = "nn.TransformerEncoderLayer(width, 4{})"


@pytest.mark.parametrize(
    ("layer", "before", "call", "behind"),
    [
        (LSTM.format(""), "pass", "self.layer(x)[0]", "return out[:, -1]  # error: ATN303"),
        (LSTM.format(""), "x = x.transpose(0, 1)", "self.layer(x)[0].transpose(0, 1)", "return out[:, -1]"),
        (LSTM.format(", batch_first=True"), "pass", "self.layer(x)[0]", "return out[:, -1]"),
        (LSTM.format(""), "pass", "self.layer(x)[0]", "return out[-1]"),
        (ENCODER.format(""), "pass", "self.layer(x)", "return torch.relu(out).mean(dim=1)  # error: ATN303"),
        (ENCODER.format(""), "pass", "self.layer(x)", "return out.mean(dim=0)"),
        (ENCODER.format(", batch_first=True"), "pass", "self.layer(x)", "return out[:, 0]"),
        # A table with an entry a sample may be meant: series, cameras, tasks.
        (ENCODER.format(", batch_first=True"), "x = x + self.table", "self.layer(x)", "return out"),
        (
            ENCODER.format(", batch_first=True"),
            "x = x + self.table[: x.size(0)]  # error: ATN308",
            "self.layer(x)",
            "return out",
        ),
        (ENCODER.format(""), "x = x + self.table[: x.size(0)]", "self.layer(x)", "return out"),
    ],
)
def test_layers_of_torch(layer: str, before: str, call: str, behind: str) -> None:
    check(LAYER.format(layer=layer, before=before, call=call, behind=behind))


SCORES = """
class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.query, self.key, self.value = nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width)
        self.codes = nn.Parameter(torch.randn(16, width))
    def forward(self, x, context):
        scores = self.query(x) @ {key}
        {weights}
        return {product}
"""
KEYS = "self.key(context).transpose(1, 2)"


@pytest.mark.parametrize(
    ("key", "weights", "product"),
    [
        (KEYS, "weights = scores.softmax(dim=-2)  # error: ATN301", "weights @ self.value(context)"),
        (KEYS, "weights = scores.softmax(dim=-1)", "weights @ self.value(context)"),
        (KEYS, "weights = scores.softmax(dim=-2)", "weights.transpose(-2, -1) @ self.value(x)"),
        # Normalised again, as in slot attention.
        (
            KEYS,
            "weights = scores.softmax(dim=-2); weights = weights / weights.sum(dim=-1, keepdim=True)",
            "weights @ self.value(context)",
        ),
        # Tokens that are assigned to learned codes.
        ("self.codes.T", "weights = scores.softmax(dim=-1)", "weights.transpose(-2, -1) @ self.value(x)"),
        # Two sets of weights.
        (KEYS, "weights = scores.softmax(dim=-1) @ scores.softmax(dim=-2).transpose(-2, -1)", "weights @ x"),
    ],
)
def test_softmax(key: str, weights: str, product: str) -> None:
    check(SCORES.format(key=key, weights=weights, product=product))
