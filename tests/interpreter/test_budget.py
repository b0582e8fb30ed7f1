"""The budget of a file: it counts the algebra's work too, and cuts at the same place every time."""

from __future__ import annotations

from textwrap import dedent

from attnlint.interpreter import Analysis, AnalysisOptions, Project, analyse
from attnlint.syntax import parse

STAGES = """
    import torch
    from torch import nn

    class Stages(nn.Module):
        def __init__(self, dim, depths, strides, heads, use_pool):
            super().__init__()
            self.stages = nn.ModuleList()
            for depth, stride in zip(depths, strides):
                blocks = nn.ModuleList()
                for _ in range(depth):
                    mixer = nn.AvgPool2d(stride) if use_pool else nn.Conv2d(dim, dim, stride, stride)
                    blocks.append(nn.ModuleList([mixer, nn.Conv2d(dim, dim, 3, stride, padding=1)]))
                self.stages.append(blocks)

        def forward(self, x):
            for blocks in self.stages:
                for mixer, convolution in blocks:
                    x = mixer(x)
                    x = convolution(x) + x[:, :, ::2, ::2]
                    b, c, h, w = x.shape
                    x = x.view(b, c, h // 2, 2, w // 2, 2).mean((3, 5))
            return x
"""


def _analysed(**budget: int) -> Analysis:
    text = dedent(STAGES)
    source = parse(text, "stages.py")
    return analyse(source, Project.around("stages.py"), AnalysisOptions(strict=True, **budget))


def test_the_work_of_the_algebra_is_counted() -> None:
    # A couple of calls and statements, but sizes that grow from stage to stage.
    analysed = _analysed(steps=1_000, entry_steps=1_000, least_steps=1_000, steps_per_line=1)
    assert analysed.figures["steps"] < 1_100
    assert any("budget" in note for note in analysed.notes)


def test_the_same_file_costs_the_same_each_time() -> None:
    first, second = (_analysed(steps=2_000, entry_steps=2_000, least_steps=2_000) for _ in range(2))
    assert first.figures == second.figures
    assert first.notes == second.notes


# Both wrong products stand behind a helper that does not come to an end within a budget.
COSTLY = """
    import torch

    def spin(x, n):
        for i in range(60):
            for j in range(60):
                n = n + i * j
        return n

    def first(x):
        spin(x, 1)
        return torch.randn(3, 4) @ torch.randn(5, 6)

    def second(x):
        spin(x, 2)
        return torch.randn(3, 4) @ torch.randn(7, 6)
"""


def test_a_costly_helper_does_not_spend_the_budgets_of_all_that_call_it() -> None:
    source = parse(dedent(COSTLY), "costly.py")
    options = AnalysisOptions(strict=True, entry_steps=3_000)
    analysed = analyse(source, Project.around("costly.py"), options)
    assert any("budget" in note for note in analysed.notes)
    assert len(analysed.findings) == 2
