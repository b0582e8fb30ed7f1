"""Products of matrices and vectors, against torch."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import randn

from .agreement import Agreement

SHAPES = [
    (),
    (2,),
    (3,),
    (1,),
    (2, 3),
    (3, 2),
    (2, 2, 3),
    (2, 3, 2),
    (1, 2, 3),
    (4, 2, 2, 3),
    (4, 1, 3, 2),
    (0, 3),
    (3, 0),
]
DTYPES = [torch.float32, torch.float64, torch.int64, torch.bool, torch.float16, torch.complex64]


@pytest.mark.parametrize(
    "name", ["matmul", "mm", "bmm", "mv", "dot", "vdot", "inner", "outer", "kron", "Tensor.__rmatmul__"]
)
def test_two_operands_of_any_shapes(name: str) -> None:
    agree = Agreement()
    for left, right in itertools.product(SHAPES, SHAPES):
        agree(f"torch.{name}", randn(left), randn(right))
    if name == "kron":  # it takes any shapes
        agree("torch.bmm", randn(2), randn(2))
    agree.settle()


@pytest.mark.parametrize("name", ["addmm", "addmv", "addr", "Tensor.addmm_", "Tensor.addmv_", "Tensor.addr_"])
def test_products_that_add(name: str) -> None:
    agree = Agreement()
    for shapes in itertools.product([(2, 3), (3, 2), (2, 2), (3,), (2,), (1, 3), (2, 1, 3), ()], repeat=3):
        agree(f"torch.{name}", *map(randn, shapes))
    agree.settle()


@pytest.mark.parametrize("name", ["baddbmm", "addbmm", "Tensor.baddbmm_", "Tensor.addbmm_"])
def test_batched_products_that_add(name: str) -> None:
    agree = Agreement(missed=("addbmm_(",))
    for shapes in itertools.product([(2, 3, 3), (2, 3, 2), (1, 2, 3), (3, 2), (3, 3), (3,)], repeat=3):
        agree(f"torch.{name}", *map(randn, shapes))
    agree.settle()


def test_dtypes_are_not_promoted() -> None:
    agree = Agreement(symbolic=False)
    calls = [("matmul", (2, 3), (3, 2)), ("bmm", (2, 2, 3), (2, 3, 2)), ("mv", (2, 3), (3,)), ("dot", (3,), (3,))]
    calls += [("outer", (3,), (3,)), ("inner", (), (3,)), ("tensordot", (2, 3), (2, 3)), ("kron", (2,), (2,))]
    for (name, left, right), a, b in itertools.product(calls, DTYPES, DTYPES):
        agree(f"torch.{name}", torch.ones(left).to(a), torch.ones(right).to(b))
    agree.settle()


def test_tensordot() -> None:
    agree = Agreement(unknown=("a tensor without axes",))
    dims = [0, 1, 2, 3, -1, ([0], [0]), ([1], [0]), ([0, 1], [1, 0]), ([-1], [-1]), ([0, 0], [0, 1]), ([0], [0, 1])]
    for left, right in itertools.product([(2, 3), (3, 2), (2, 3, 4), (4, 3, 2), (3,), (), (1, 3), (3, 1)], repeat=2):
        for dim in dims:
            agree("torch.tensordot", randn(left), randn(right), dims=dim)
    agree.settle()


def test_chains() -> None:
    agree = Agreement()
    chains = [
        [(2, 3), (3, 4)],
        [(2, 3), (3, 4), (4, 5)],
        [(3,), (3, 4), (4,)],
        [(3,), (3,)],
        [(2, 3)],
        [(2, 3), (4, 3)],
    ]
    for chain in [*chains, [(2, 3), (3,), (3, 3)], [(2, 2, 3), (3, 2)]]:
        agree("torch.linalg.multi_dot", [randn(shape) for shape in chain])
        agree("torch.chain_matmul", *[randn(shape) for shape in chain])
    agree.settle()


def test_strides_of_products_of_transposed_operands() -> None:
    agree = Agreement()
    for left, right in [((2, 3, 4), (4, 5)), ((2, 3, 4), (2, 4, 5)), ((2, 3), (3, 4)), ((2, 2, 3, 4), (1, 2, 4, 5))]:
        for a in (randn(left), randn(*left[:-2], left[-1], left[-2]).mT):
            for b in (randn(right), randn(*right[:-2], right[-1], right[-2]).mT):
                agree("torch.matmul", a, b)
    agree("torch.matmul", randn(2, 3), randn(2, 3))
    agree.settle()
