"""The budget of a file: it counts the algebra's work too, and cuts at the same place every time."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from attnlint.check import check_source
from attnlint.config import Settings
from attnlint.interpreter import Analysis, AnalysisOptions, Project, analyse, binding
from attnlint.syntax import parse
from attnlint.values import Value
from tests.interpreter.programs import HEADER, analysed, check

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
                if i == j:
                    continue
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


# What is wrong in the part is said in a run of its own; the wholes, which come first, spend what they can.
PARTS = """
    import torch
    from torch import nn

    class Part(nn.Module):
        def __init__(self, dim: int = 32):
            super().__init__()
            self.up, self.down = nn.Linear(dim, 4 * dim), nn.Linear(3 * dim, dim)

        def forward(self, x):
            return self.down(self.up(x))
"""
WHOLE = """
    class Whole{number}(nn.Module):
        def __init__(self, dim: int = 32):
            super().__init__()
            self.part = Part(dim)

        def forward(self, x, kind: str):
            {work}
            return getattr(self, kind)(x)
"""
MUCH = "; ".join(["torch.is_grad_enabled()"] * 150)


def test_parts_have_their_share_of_the_budget() -> None:
    text = dedent(PARTS) + "".join(dedent(WHOLE.format(number=number, work=MUCH)) for number in range(12))
    options = AnalysisOptions(strict=True, entry_steps=1_000, least_steps=2_000, steps_per_line=0)
    analysed = analyse(parse(text, "parts.py"), Project.around("parts.py"), options)
    assert any("budget of the file" in note for note in analysed.notes)
    assert [finding.entry for finding in analysed.findings] == ["Part (defaults)"]


NOTED = """
    import functools

    def noted(function):
        @functools.wraps(function)
        def wrapper(self, *args, **kwargs):
            return function(self, *args, **kwargs)

        return wrapper
"""
BEHIND_WRAPPERS = """
    import torch
    from torch import nn
    from noted import noted

    class Inner(nn.Module):
        def __init__(self, dim: int = 32):
            super().__init__()
            self.up = nn.Linear(dim, 4 * dim)

        @noted
        def forward(self, x):
            return self.up(x)

    class Outer(nn.Module):
        def __init__(self, dim: int = 32):
            super().__init__()
            self.inner, self.down = Inner(dim), nn.Linear(3 * dim, dim)

        def forward(self, x):
            return self.down(self.inner(x))
"""
SLOW = """
    class Slow{number}(nn.Module):
        @noted
        def forward(self, x):
            {work}
            return x

    class Holds{number}(nn.Module):
        def __init__(self):
            super().__init__()
            self.slow = Slow{number}()

        def forward(self, x):
            return self.slow(x)
"""


def test_a_wrapper_has_no_part_in_what_the_wrapped_function_costs(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "noted.py").write_text(dedent(NOTED))
    text = dedent(BEHIND_WRAPPERS) + "".join(
        dedent(SLOW.format(number=number, work=f"{MUCH}; " * 6)) for number in range(4)
    )
    source = parse(text, str(tmp_path / "model.py"))
    options = AnalysisOptions(strict=True, entry_steps=1_000)
    analysed = analyse(source, Project(str(tmp_path)), options)
    assert [note for note in analysed.notes if "is spent" in note]
    assert [finding.entry for finding in analysed.findings] == ["Outer (defaults)"]


BLOCKS = """
class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.up, self.down = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)

    def forward(self, x):
        return x + self.down(F.gelu(self.up(self.norm(x))))


class Net(nn.Module):
    def __init__(self, depth: int, dim: int = 32):
        super().__init__()
        self.blocks = nn.ModuleList([Block(dim) for _ in range(depth)])

    def forward(self, x: Tensor, times: int):
        x = torch.zeros(2, 5, 32)
        {before}
        for block in self.blocks:
            x = block(x)
            {body}
        return x
"""


def test_of_a_row_of_blocks_that_leave_all_as_it_is_one_is_run() -> None:
    def steps(before: str, body: str) -> int:
        return analysed(HEADER + BLOCKS.format(before=before, body=body))[1].figures["steps"]

    # The second changes from round to round, by a list and by a shape: it has to be run again.
    assert steps("", "") < 0.7 * steps("seen = []", "seen.append(x)")
    assert steps("", "") < 0.7 * steps("", "x = torch.cat([x, x])")


def test_what_only_a_second_round_does_is_found() -> None:
    check(
        BLOCKS.format(
            before="width = None",
            body="""if width is not None:
                x = torch.cat([width, x], dim=1)  # error: ATN108
            width = torch.zeros(2, 5, 7)""",
        )
    )


CACHED = """
    import functools
    import sys

    @functools.lru_cache(maxsize=None)
    def find(n):
        if len(sys.argv) > n:
            return find(n + 1)
        if len(sys.argv) > 2 * n:
            return find(2 * n)
        return n
"""


def test_a_cached_function_that_calls_itself_has_one_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cached.py").write_text(dedent(CACHED))
    main = tmp_path / "main.py"
    main.write_text("import torch\nfrom cached import find\nx = torch.zeros(find(1), 3)\nx @ torch.zeros(4)\n")
    calls = 0

    def counted(*arguments: Any) -> Value:
        nonlocal calls
        calls += 1
        return call_function(*arguments)

    call_function = binding.call_function
    monkeypatch.setattr(binding, "call_function", counted)
    report = check_source(main.read_text(), str(main), Settings())
    assert [finding.code for finding in report.findings] == ["ATN101"]
    assert 1 < calls < AnalysisOptions().import_steps
