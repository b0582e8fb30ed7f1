"""Working code of the kinds that research repositories hold, and that once gave a false alarm; the mistakes beside it
are found all the same."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
import torch

from attnlint.check import check_source
from attnlint.config import Settings

WORKING = {
    "the children of a module, one of which has one of two widths": """
        import torch
        from torch import nn

        class Squeeze(nn.Module):
            def round_width(self, width, multiplier):
                if not multiplier:
                    return width
                rounded = max(8, int(width * multiplier) // 8 * 8)
                if rounded < 0.9 * width * multiplier:
                    rounded += 8
                return int(rounded)

            def __init__(self, width, ratio):
                super().__init__()
                self.pool = nn.AdaptiveAvgPool1d(1)
                inner = self.round_width(width, ratio)
                self.down = nn.Conv1d(width, inner, 1)
                self.up = nn.Conv1d(inner, width, 1)

            def forward(self, x):
                scale = x
                for layer in self.children():
                    scale = layer(scale)
                return x * scale

        if __name__ == "program":
            Squeeze(32, 0.25)(torch.zeros(2, 32, 5))
    """,
    "arrays that are turned round": """
        import numpy as np
        import torch

        def snake(height, width):
            indices = np.arange(height * width)
            indices = indices.reshape((height, width))
            indices[1::2, :] = indices[1::2, ::-1]
            return indices.reshape(height * width)

        def filters(taps):
            return torch.tensor(np.copy(np.array(taps).ravel()[::-1]))

        if __name__ == "program":
            assert snake(2, 3).tolist() == [0, 1, 2, 5, 4, 3]
            assert filters([[1, 2], [3, 4]]).tolist() == [4, 3, 2, 1]
    """,
    "groups and widths of 0 and -1 that stand in a list for what must be given": """
        import torch
        from torch import nn

        class Grouped(nn.Module):
            def __init__(self, width, groups, offsets):
                super().__init__()
                self.groups, self.each = groups, width // groups
                self.offsets = offsets
                if offsets:
                    self.mix = nn.Conv1d(self.each, self.each, 3, padding=1, groups=self.each)
                    self.norm = nn.LayerNorm(self.each)
                else:
                    self.mix = nn.Conv1d(width, width, 1)

            def forward(self, x):
                batch, width, length = x.shape
                if not self.offsets:
                    return self.mix(x)
                x = self.mix(x.reshape(batch * self.groups, self.each, length))
                places = torch.zeros(1, 1, 1).expand(batch * self.groups, -1, length)
                return (self.norm(x.transpose(1, 2)).transpose(1, 2) + places).reshape(batch, width, length)

        class Stages(nn.Module):
            def __init__(self, widths=[0, 0], groups=[-1, 3], kinds=["plain", "offsets"]):
                super().__init__()
                self.embed = nn.Conv1d(3, widths[0], 1)
                self.first = Grouped(widths[0], groups[0], kinds[0] == "offsets")
                self.second = nn.Sequential(nn.Conv1d(widths[0], widths[1], 1), Grouped(widths[1], 3, True))

            def forward(self, x):
                return self.second(self.first(self.embed(x)))

        class Widths(nn.Module):
            def __init__(self, widths=[96, 192], groups=[-1, 3], kinds=["plain", "offsets"]):
                super().__init__()
                self.embed = nn.Conv1d(3, widths[0], 1)
                self.first = Grouped(widths[0], groups[0], kinds[0] == "offsets")
                self.second = nn.Sequential(nn.Conv1d(widths[0], widths[1], 1), Grouped(widths[1], groups[1], True))

            def forward(self, x):
                return self.second(self.first(self.embed(x)))

        if __name__ == "program":
            Stages([12, 6])(torch.zeros(2, 3, 5))
            Widths([12, 6], [4, 3], ["offsets", "offsets"])(torch.zeros(2, 3, 5))
    """,
    "a row of layers that gets another dtype": """
        import torch
        from torch import nn

        class Block(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.mix = nn.Linear(width, width, bias=False)

            def forward(self, x):
                return x + self.mix(x)

        class Model(nn.Module):
            def __init__(self, tokens, width, layers):
                super().__init__()
                self.embed = nn.Embedding(tokens, width)
                self.layers = nn.ModuleList([Block(width) for _ in range(layers)])

            def forward(self, tokens):
                x = self.embed(tokens)
                for layer in self.layers:
                    x = layer(x)
                return x

        model = Model(100, 32, 12)
        model = model.double()
        assert model(torch.zeros(2, 3, dtype=torch.long)).dtype == torch.float64
    """,
    "layers of a list that are of two kinds, and get another dtype": """
        import random
        import torch
        from torch import nn

        class Mix(nn.Module):
            def __init__(self, width, kernel, padding=None):
                super().__init__()
                if padding is None:
                    padding = kernel // 2
                self.mix = nn.Conv1d(width, width, kernel, padding=padding)

            def forward(self, x):
                return self.mix(x)

        class Encoder(nn.Module):
            def __init__(self, width, layers, kernel):
                super().__init__()
                self.embed = nn.Embedding(100, width)
                mixes = []
                for _ in range(layers):
                    if kernel == 1:
                        mixes.append(nn.Sequential(Mix(width, kernel), nn.BatchNorm1d(width)))
                    else:
                        mixes.append(nn.Sequential(Mix(width, kernel, padding=kernel // 2), nn.ReLU()))
                self.mixes = nn.ModuleList(mixes)

            def forward(self, tokens):
                x = self.embed(tokens).transpose(1, 2)
                for mix in self.mixes:
                    x = mix(x)
                return x

        encoder = Encoder(8, random.randint(1, 3), random.choice([1, 3])).double()
        encoder(torch.zeros(2, 5, dtype=torch.long))
    """,
    "an attribute of any object, as it was before it was written": """
        import torch
        from torch import nn

        @torch.no_grad()
        def extend(embedding, count: int):
            old = embedding.weight.data
            (before, width) = old.shape
            if count > before:
                embedding.weight.data = torch.zeros((count, width))
                embedding.weight.data[:before, :] = old

        def swap(holder):
            old = holder.table
            holder.table = torch.zeros(7, 5)
            return old @ torch.zeros(6, 3)

        if __name__ == "program":
            extend(nn.Embedding(3, 4), 5)
            holder = nn.Module()
            holder.table = torch.zeros(2, 6)
            swap(holder)
    """,
    "lists of numbers, and tensors behind them": """
        import torch

        masks = torch.tensor([[[False, True], [True, True]], torch.zeros(2, 2)])
        assert masks.shape == (2, 2, 2)
        torch.tensor([[1, 2], torch.zeros(2)]) @ torch.zeros(2, 3)
        torch.tensor([torch.tensor(1), 2])
    """,
    "two first axes of any number of them": """
        import torch
        from torch import nn

        class Interleave(nn.Module):
            def __init__(self, groups):
                super().__init__()
                self.groups = groups

            def forward(self, x):
                n, c, *tail = x.shape
                return x.reshape(n, self.groups, c // self.groups, *tail).transpose(1, 2).reshape(x.shape)

        class Up(nn.Module):
            def __init__(self):
                super().__init__()
                self.block = nn.Sequential(
                    nn.Conv1d(4, 8, 1), Interleave(1), nn.BatchNorm1d(8), nn.Conv1d(8, 16, 1), Interleave(4),
                    nn.BatchNorm1d(16),
                )

            def forward(self, x):
                return self.block(x)

        if __name__ == "program":
            Up()(torch.zeros(2, 4, 5))
    """,
    "a triangle that was turned, and one that is none": """
        import torch

        def subsequent(length):
            return (torch.triu(torch.ones(length, length)) == 1).transpose(0, 1)

        def causal(q, k, v):
            scores = q @ k.transpose(1, 2)
            scores = scores.masked_fill(~subsequent(q.shape[1]), float("-inf"))
            return scores.softmax(-1) @ v

        def cached(q, k, v):
            tokens, length = q.shape[1], k.shape[1]
            mask = torch.arange(tokens)[:, None] + length - tokens < torch.arange(length)[None]
            if tokens == length:
                mask = torch.ones(tokens, length, dtype=torch.bool).triu(1)
            scores = q @ k.transpose(1, 2)
            scores.masked_fill_(mask[None], float("-inf"))
            return scores.softmax(-1) @ v

        causal(torch.zeros(2, 5, 4), torch.zeros(2, 5, 4), torch.zeros(2, 5, 4))
        cached(torch.zeros(2, 1, 4), torch.zeros(2, 1, 4), torch.zeros(2, 1, 4))
        cached(torch.zeros(2, 1, 4), torch.zeros(2, 6, 4), torch.zeros(2, 6, 4))
    """,
    "positions of one number of tokens": """
        import torch
        from torch import nn

        class Free(nn.Module):
            def __init__(self, width, tokens=7):
                super().__init__()
                self.key = nn.Linear(width, width)
                self.biases = nn.Parameter(torch.ones(tokens, tokens))

            def forward(self, x):
                batch, tokens, width = x.shape
                keys = self.key(x).view(1, batch, tokens, width)
                return torch.exp(keys + self.biases.view(tokens, 1, -1, 1)).sum(2)

        if __name__ == "program":
            Free(4)(torch.zeros(2, 7, 4))
    """,
    "a factor of one's own beside the root of the width": """
        import math
        import torch
        from torch import nn
        from torch.nn import functional as F

        class Attention(nn.Module):
            def __init__(self, width=1024, heads=16):
                super().__init__()
                self.heads, self.head = heads, width // heads
                self.scale = 0.25 / math.sqrt(self.head)
                self.qkv = nn.Linear(width, width * 3)

            def forward(self, x):
                batch, tokens, width = x.shape
                qkv = self.qkv(x).view(batch, tokens, 3, self.heads, self.head)
                q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
                out = F.scaled_dot_product_attention(q, k, v, scale=self.scale)
                return out.transpose(1, 2).reshape(batch, tokens, width)

        Attention()(torch.zeros(1, 2, 1024))
    """,
}

WRONG = {
    "a triangle that was turned once too often": """
        import torch

        def causal(q, k, v):
            length = q.shape[1]
            mask = (torch.triu(torch.ones(length, length)) == 1).transpose(0, 1)
            return (q @ k.transpose(1, 2)).masked_fill(mask, float("-inf")).softmax(-1) @ v
    """,
    "a triangle of the past, turned": """
        import torch

        def causal(q, k, v):
            length = q.shape[1]
            mask = torch.tril(torch.ones(length, length)).t() == 0
            return (q @ k.transpose(1, 2)).masked_fill(mask, float("-inf")).softmax(-1) @ v
    """,
}
"""What runs, and lets each token see the future and nothing else."""

FAILING = {
    "one of a row of layers is made anew": (
        """
        import torch
        from torch import nn

        class Block(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.mix = nn.Linear(width, width, bias=False)

            def forward(self, x):
                return x + self.mix(x)

        class Model(nn.Module):
            def __init__(self, tokens, width, layers):
                super().__init__()
                self.embed = nn.Embedding(tokens, width)
                self.layers = nn.ModuleList([Block(width) for _ in range(layers)])

            def forward(self, tokens):
                x = self.embed(tokens)
                for layer in self.layers:
                    x = layer(x)
                return x

        model = Model(100, 32, 12)
        model.layers[5].mix = nn.Linear(33, 32)
        model(torch.zeros(2, 3, dtype=torch.long))
        """,
        "ATN104",
    ),
    "an attribute of any object, as it is after it was written": (
        """
        import torch
        from torch import nn

        def swap(holder):
            holder.table = torch.zeros(7, 5)
            return holder.table @ torch.zeros(6, 3)

        if __name__ == "program":
            swap(nn.Module())
        """,
        "ATN101",
    ),
    "the children of a module that do not go together": (
        """
        import torch
        from torch import nn

        class Squeeze(nn.Module):
            def __init__(self, width, inner):
                super().__init__()
                self.pool = nn.AdaptiveAvgPool1d(1)
                self.down = nn.Conv1d(width, width // 2, 1)
                self.up = nn.Conv1d(width * 2, width, 1)

            def forward(self, x):
                for layer in self.children():
                    x = layer(x)
                return x

        if __name__ == "program":
            Squeeze(32, 8)(torch.zeros(2, 32, 5))
        """,
        "ATN104",
    ),
    "tensors that are turned round": (
        """
        import torch

        def snake(height: int, width: int):
            indices = torch.arange(height * width)
            indices = indices.reshape((height, width))
            return indices[1::2, ::-1]

        if __name__ == "program":
            snake(2, 3)
        """,
        "ATN116",
    ),
    "groups of 0 that are written in the call": (
        """
        import torch
        from torch import nn

        class Depthwise(nn.Module):
            def __init__(self, width=8):
                super().__init__()
                self.mix = nn.Conv1d(width, width, 3, groups=0)

            def forward(self, x):
                return self.mix(x)

        if __name__ == "program":
            Depthwise()(torch.zeros(2, 8, 5))
        """,
        "ATN104",
    ),
    "more sizes of -1 than one": (
        """
        import torch

        def split(x, heads):
            batch, length, width = x.shape
            return x.view(batch, -2, heads)

        if __name__ == "program":
            split(torch.zeros(2, 3, 4), 2)
        """,
        "ATN105",
    ),
}


@pytest.mark.parametrize("name", WORKING)
def test_working_code_is_not_blamed(name: str) -> None:
    text = dedent(WORKING[name])
    exec(compile(text, name, "exec"), {"__name__": "program"})
    report = check_source(text, "program.py", Settings())
    assert report.error is None
    assert [finding.message for finding in report.findings] == []


@pytest.mark.parametrize("name", FAILING)
def test_what_fails_is_said(name: str) -> None:
    source, code = FAILING[name]
    text = dedent(source)
    with pytest.raises(Exception):  # noqa: B017 (torch says what it is)
        exec(compile(text, name, "exec"), {"__name__": "program"})
    found = check_source(text, "program.py", Settings()).findings
    assert {finding.code for finding in found} == {code}


@pytest.mark.parametrize("name", WRONG)
def test_what_computes_the_wrong_thing_is_said(name: str) -> None:
    text = dedent(WRONG[name])
    space: dict[str, Any] = {}
    exec(compile(text, name, "exec"), space)
    q, k, v = torch.randn(3, 1, 4, 2).unbind(0)
    changed = v.clone()
    changed[:, -1] += 1
    assert not torch.equal(space["causal"](q, k, v)[:, 0], space["causal"](q, k, changed)[:, 0])
    found = check_source(text, "program.py", Settings()).findings
    assert [finding.code for finding in found] == ["ATN306"]
