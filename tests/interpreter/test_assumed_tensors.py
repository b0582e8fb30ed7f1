"""Objects that are taken for tensors: which failures are certain even where they are none."""

from __future__ import annotations

import pytest
import torch

from attnlint.interpreter.assumed_tensors import ARRAY_METHODS
from tests.interpreter.programs import check

PROGRAMS = {
    "functions of torch take nothing else that has a shape": """
def f(logits, index):
    b, n, v = logits.shape
    picked = torch.gather(logits, 2, torch.zeros(b, n, dtype=torch.long))  # error: ATN103
    return nn.Conv2d(3, 4, 5)(index)

def g(logits):
    b, n, v = logits.shape
    return F.softmax(logits, dim=3)  # error: ATN107
""",
    "methods that only tensors have": """
def f(logits):
    b, n, v = logits.shape
    return logits.gather(2, torch.zeros(b, n, dtype=torch.long))  # error: ATN103
""",
    "methods that arrays have, too": """
def f(logits):
    b, n, v = logits.shape
    return logits.transpose(0, 1, 2)
""",
    "operands that are blamed themselves": """
class Layer(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(heads, d, d))

    def forward(self, x):
        return torch.einsum("bnd,hde->bhn", x, self.weight.mean(0))  # error: ATN109

def loss(model, loader):
    criterion = nn.CrossEntropyLoss()
    for x, y in loader:
        logits = nn.Linear(10, 5)(x)
        criterion(logits.argmax(dim=1), y)  # error: ATN115
""",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_what_fails_for_whatever_has_a_shape(program: str) -> None:
    check(program)


def test_the_methods_of_arrays_are_numpys() -> None:
    numpy = pytest.importorskip("numpy")
    shared = {name for name in dir(numpy.ndarray) if not name.startswith("__") and hasattr(torch.Tensor, name)}
    assert shared == ARRAY_METHODS
