"""``torch.einsum`` against torch."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import randn

from .agreement import Agreement

EQUATIONS = (
    "ij,jk->ik|ij,jk|bij,bjk->bik|i,i->|i,j->ij|ii->i|ii|ij->ji|...ij,...jk->...ik|...i,i->...|i...,...i->...|"
    "bhqd,bhkd->bhqk|ij,jk->iz|ij,jk->ii|ij , jk -> i k|ij,jk->ik->|ij,.jk|i..j->i|ij|...|...->...|ab...->ba...|"
    "ij,ij->|Ab,bA->Ab|ba,Aa|a1->a|i->i...|ij->...|...ij->ij|iij->j|i...i->i...|ij,j||->|i,->i|...,...->..."
).split("|")
SHAPES = [(), (2,), (3,), (2, 3), (3, 2), (3, 3), (1, 3), (2, 2, 3), (2, 3, 2), (1, 2, 3), (2, 2, 2, 3), (2, 2, 3, 3)]


def test_equations() -> None:
    agree = Agreement()
    for equation in EQUATIONS:
        for shapes in itertools.product(SHAPES, repeat=equation.split("->")[0].count(",") + 1):
            agree("torch.einsum", equation, *map(randn, shapes))
        agree("torch.einsum", equation, [randn(2, 3)] * 2)
        agree("torch.einsum", equation, *[randn(2, 3)] * 3)
    agree("torch.einsum", "ij,jk,kl->il", randn(2, 3), randn(3, 4), randn(4, 2))
    agree.settle()


def test_sublists() -> None:
    agree = Agreement()
    agree("torch.einsum", randn(2, 3), [0, 1], randn(3, 4), [1, 2], [0, 2])
    agree("torch.einsum", randn(2, 3), [0, 1], randn(3, 4), [1, 2])
    agree("torch.einsum", randn(2, 3), [0, 1], randn(4, 4), [1, 2])
    agree("torch.einsum", randn(2, 3), [..., 1], randn(3, 4), [1, 2], [..., 2])
    agree("torch.einsum", randn(2, 3), [0, 60])
    agree.settle()


@pytest.mark.parametrize("equation", ["ij,jk->ik", "i,j->ij", "ij,ij->ij", "ij,ij->", "ij,k->i", "ij,jk->ijk"])
def test_dtypes(equation: str) -> None:
    agree = Agreement(symbolic=False)
    dtypes = [torch.float32, torch.float64, torch.int64, torch.bool, torch.float16, torch.complex64]
    sizes = {"i": 2, "j": 3, "k": 4}
    for left, right in itertools.product(dtypes, dtypes):
        shapes = [[sizes[letter] for letter in part] for part in equation.split("->")[0].split(",")]
        agree("torch.einsum", equation, torch.ones(shapes[0]).to(left), torch.ones(shapes[1]).to(right))
    agree("torch.einsum", equation, randn(7, 7), randn(3, 3))
    agree.settle()
