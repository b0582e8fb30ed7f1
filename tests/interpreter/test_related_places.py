"""The places that a finding points to beside its own: calls, and the conditions on its path."""

from __future__ import annotations

from attnlint.check import check_source
from attnlint.config import Settings

PROGRAM = """\
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4)

    def apply_layer(self, x):
        return self.layer(torch.zeros(2, 5))

    def forward(self, x, flag):
        for step in range(x.shape[0]):
            if flag:
                x = 1
            else:
                x = self.apply_layer(x)
        return x
"""


def test_places_say_something() -> None:
    (finding,) = check_source(PROGRAM, "model.py", Settings()).findings
    places = {(one.range.line, one.message) for one in finding.related if one.kind != "dim"}
    # Nobody calls `forward`, and that the loop has a round goes without saying.
    assert places == {(18, "apply_layer"), (15, "on the path where this does not hold")}
