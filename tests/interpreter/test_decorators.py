"""Decorators of the project's own are run, with a bounded effort."""

from __future__ import annotations

import pytest

from attnlint.check import check_source
from attnlint.config import Settings

PROGRAM = """
import functools
import torch
from torch import nn

def document(rounds):
    def decorator(cls):
        text = ""
        for number in range(rounds):
            for line in ("one", "two", "three", "four", "five", "six"):
                text = text + line.strip().replace("o", str(number))
        cls.__doc__ = text
        return cls
    return decorator

def doubled(function):
    @functools.wraps(function)
    def wrapper(self, x):
        return torch.cat([function(self, x), function(self, x)], dim=-1)
    return wrapper

@document({rounds})
class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.project = nn.Linear(8, 4)

    @doubled
    def forward(self, x):
        return self.project(x)

torch.mm(Layer()(torch.randn(2, 8)), torch.randn({rows}, 3))
"""


@pytest.mark.parametrize("rounds", [1, 50])
@pytest.mark.parametrize(("rows", "codes"), [(8, []), (4, ["ATN101"])])
def test_a_decorator_changes_what_callers_see(rounds: int, rows: int, codes: list[str]) -> None:
    report = check_source(PROGRAM.replace("{rounds}", str(rounds)).replace("{rows}", str(rows)), "a.py", Settings())
    assert [finding.code for finding in report.findings] == codes
