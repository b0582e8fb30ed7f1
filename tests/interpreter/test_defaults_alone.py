"""What fails with the defaults of a class or function alone: placeholders and options are no mistakes, sizes are."""

from __future__ import annotations

from textwrap import dedent

import pytest

from attnlint.check import check_source
from attnlint.config import Settings

WORKING = {
    "a size of -1 that stands for what must be given": """
        import torch
        from torch import nn

        class Recurrent(nn.Module):
            def __init__(self, width: int, layers: int, hidden: int, projected: int = -1):
                super().__init__()
                self.first = nn.Linear(width, projected)
                self.layers = nn.ModuleList()
                size = projected
                for _ in range(layers):
                    self.layers.append(nn.LSTM(size, hidden, batch_first=True, proj_size=projected))
                    size = projected

            def forward(self, x):
                x = self.first(x)
                for layer in self.layers:
                    x, _ = layer(x)
                return x

        if __name__ == "program":
            assert Recurrent(6, 2, 8, 4)(torch.zeros(3, 5, 6)).shape == (3, 5, 4)
    """,
    "an option that is None until it is given": """
        import torch
        import torch.nn.functional as F
        from torch import nn

        class Resize(nn.Module):
            def __init__(self, size=None, factor=None):
                super().__init__()
                self.size = size
                self.factor = factor

            def forward(self, x):
                return F.interpolate(x, self.size, self.factor)

        if __name__ == "program":
            assert Resize(factor=2)(torch.zeros(1, 3, 4, 4)).shape == (1, 3, 8, 8)
    """,
    "an option of a method that goes with an option of the constructor": """
        import torch
        from torch import nn

        class Memory(nn.Module):
            def __init__(self, size=20, kinds=1):
                super().__init__()
                self.kinds = kinds
                if kinds == 1:
                    self.tokens = nn.Parameter(torch.randn(1, 1, size))
                else:
                    self.tokens = nn.ParameterList([nn.Parameter(torch.randn(1, 1, size)) for _ in range(kinds)])

            def forward(self, x, index=None):
                if index is not None:
                    memory = self.tokens[index]
                elif self.kinds > 1:
                    memory = self.tokens[0]
                else:
                    memory = self.tokens
                return torch.cat([memory.repeat(x.size(0), 1, 1), x], dim=1)

        class Separator(nn.Module):
            def __init__(self, size=20, kinds=1):
                super().__init__()
                self.memory = Memory(size, kinds)

            def forward(self, x, options=None):
                if options is not None:
                    mode = options.get("mode", "plain")
                    if mode == "plain":
                        return self.memory(x)
                    elif mode == "second":
                        return self.memory(x, index=1)
                return self.memory(x)

            def second(self, x, wanted=False):
                if wanted:
                    return self.memory(x, index=1)
                return self.memory(x)

        if __name__ == "program":
            x = torch.zeros(2, 3, 8)
            assert Separator(8)(x).shape == (2, 4, 8)
            both = Separator(8, kinds=2)
            assert both(x, {"mode": "second"}).shape == (2, 4, 8)
            assert both.second(x, True).shape == (2, 4, 8)
    """,
    "a dtype that is None until it is given": """
        import torch
        import torch.nn.functional as F
        from torch import nn

        class Packed(nn.Module):
            def __init__(self, width: int, dtype=None):
                super().__init__()
                self.dtype = dtype
                self.weight = nn.Buffer(torch.zeros(width, width, dtype=torch.uint8))

            def forward(self, x):
                x = x.round().to(torch.int8)
                return F.linear(x.to(self.dtype), self.weight.to(self.dtype))

        if __name__ == "program":
            assert Packed(4, torch.float32)(torch.zeros(2, 4)).shape == (2, 4)
    """,
    "a size of -1 on the path where it means all of an axis": """
        import torch

        def scales(weight, group_size):
            rows, columns = weight.shape
            if group_size != -1:
                found = weight.view(rows, -1, group_size).abs().amax(-1)
                return found.repeat_interleave(group_size, 1)
            found = weight.view(rows, 1, group_size).abs().amax(-1)
            return found.repeat_interleave(columns, 1)

        if __name__ == "program":
            weight = torch.zeros(4, 6)
            assert scales(weight, -1).shape == scales(weight, 3).shape == (4, 6)
    """,
}

FAILING = {
    "sizes that do not go together": (
        """
        import torch
        from torch import nn

        class Heads(nn.Module):
            def __init__(self, width=512, heads=6):
                super().__init__()
                self.heads = heads
                self.project = nn.Linear(width, width)

            def forward(self, x):
                batch, tokens, _ = x.shape
                return self.project(x).view(batch, tokens, self.heads, 64)

        if __name__ == "program":
            Heads()(torch.zeros(2, 3, 512))
        """,
        "ATN105",
    ),
    "a size of 0 that is written in the call": (
        """
        import torch
        from torch import nn

        class Recurrent(nn.Module):
            def __init__(self, width=8):
                super().__init__()
                self.layer = nn.LSTM(width, 0)

            def forward(self, x):
                return self.layer(x)

        if __name__ == "program":
            Recurrent()(torch.zeros(2, 3, 8))
        """,
        "ATN104",
    ),
    "a mistake behind an option, whatever the sizes and the other options": (
        """
        import torch
        from torch import nn

        class Attention(nn.Module):
            def __init__(self, width=512, heads=8, bias=True, scale=None):
                super().__init__()
                self.heads, self.head = heads, width // heads
                self.scale = scale or self.head**-0.5
                self.q = nn.Linear(width, width, bias=bias)
                self.k = nn.Linear(width, width, bias=bias)

            def forward(self, x, mask=None):
                batch, tokens, _ = x.shape
                q = self.q(x).view(batch, tokens, self.heads, self.head).transpose(1, 2)
                k = self.k(x).view(batch, tokens, self.heads, self.head).transpose(1, 2)
                scores = q @ k.transpose(-2, -1) * self.scale
                if mask is not None:
                    scores = scores @ k.transpose(3, 4)
                return scores.softmax(-1)

        if __name__ == "program":
            Attention()(torch.zeros(2, 3, 512), True)
        """,
        "ATN107",
    ),
}


@pytest.mark.parametrize("name", WORKING)
def test_placeholders_and_options_are_no_mistakes(name: str) -> None:
    text = dedent(WORKING[name])
    exec(compile(text, name, "exec"), {"__name__": "program"})
    report = check_source(text, "program.py", Settings())
    assert report.error is None
    assert [finding.message for finding in report.findings] == []


@pytest.mark.parametrize("name", FAILING)
def test_what_fails_for_everybody_is_said(name: str) -> None:
    source, code = FAILING[name]
    text = dedent(source)
    with pytest.raises(Exception):  # noqa: B017 (torch says what it is)
        exec(compile(text, name, "exec"), {"__name__": "program"})
    found = check_source(text, "program.py", Settings()).findings
    assert [finding.code for finding in found] == [code]
