"""Comments that may be read in two ways: where one of them is right, nothing is reported."""

from __future__ import annotations

import pytest

from attnlint.check import check_source
from attnlint.config import Settings
from tests.harness.tracer import run_program

HEAD = "import torch\n\n"

RIGHT_IN_ONE_WAY = {
    "one size, the product of three": """\
def negatives(targets, count):
    batch, length, width = targets.shape
    indices = torch.randint(0, length - 1, (batch, length * count))
    # (N, S x L) -> (N x S x L)
    indices = indices.view(-1)
    return targets.view(-1, width)[indices]


negatives(torch.randn(2, 5, 8), 3)
""",
}


@pytest.mark.parametrize("program", RIGHT_IN_ONE_WAY.values(), ids=RIGHT_IN_ONE_WAY)
def test_left_alone(program: str) -> None:
    assert run_program(HEAD + program, "<program>").uncaught is None
    assert check_source(HEAD + program, "program.py", Settings()).findings == ()
