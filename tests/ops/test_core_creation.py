"""Tensors made, converted and asked, against torch."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
from torch import randn

from .agreement import Agreement
from .layouts import layouts


@pytest.mark.parametrize("name", ["zeros", "ones", "empty", "rand", "randn"])
def test_from_sizes(name: str) -> None:
    agree = Agreement()
    for sizes in [(2, 3), ((2, 3),), ([2, 3],), ((),), (-1,), (2.5,), (torch.Size([2, 3]),), (0, 3)]:
        agree(f"torch.{name}", *sizes)
    agree(f"torch.{name}", size=(2,))
    agree(f"torch.{name}", 2, dtype=torch.float64)
    for shape in [(2, 3), (2, 4, 3), ()]:
        for tensor in layouts(shape):
            agree(f"torch.{name}_like", tensor)
            agree(f"torch.{name}_like", tensor, dtype=torch.float64)
            if f"new_{name}" in dir(tensor):
                agree(f"torch.Tensor.new_{name}", tensor.double(), 2, 3)
                agree(f"torch.Tensor.new_{name}", tensor, (2,), dtype=torch.int64)
    agree.settle()


@pytest.mark.parametrize("name", ["arange", "range"])
def test_ranges(name: str) -> None:
    agree = Agreement()
    bounds: list[Any] = [
        (5,),
        (2, 7),
        (2, 7, 2),
        (7, 2),
        (7, 2, -1),
        (0, 1, 0.1),
        (0.0, 5),
        (2, 7, 0),
        (0, 0),
        (5.5,),
        (0, -3),
    ]
    for bound in bounds:
        agree(f"torch.{name}", *bound)
        agree(f"torch.{name}", *bound, dtype=torch.float64)
    agree.settle()


def test_other_ways() -> None:
    agree = Agreement()
    agree("torch.full", (2, 3), 1)
    agree("torch.full", (2, 3), 1.5, dtype=torch.int64)
    agree("torch.full", (2, -3), True)
    agree("torch.linspace", 0, 1, steps=5)
    agree("torch.logspace", 0, 1, -2)
    agree("torch.eye", 3, 4)
    agree("torch.randint", 5, (2, 3))
    agree("torch.randint", 5, 1, (2, 3))
    agree("torch.randperm", 5)
    agree("torch.tril_indices", 5, 4, 3)
    agree("torch.triu_indices", 5, 4, -2)
    agree("torch.empty_strided", (2, 3), (1, 2))
    agree("torch.empty_permuted", (2, 3, 4), (2, 0, 1))
    agree("torch.empty_permuted", (2, 3, 4), (0, 0, 1))
    agree.settle()


DATA: list[Any] = [
    [1, 2],
    [[1, 2], [3, 4]],
    [[1, 2], [3]],
    1,
    1.5,
    True,
    [],
    [[]],
    [1, 2.5],
    [True, 2],
    [True, False],
    (1, 2),
]
DATA += [[1j], range(4), randn(2, 3), [torch.tensor(1.0), torch.tensor(2.0)], [randn(2), randn(2)]]


@pytest.mark.parametrize("name", ["tensor", "as_tensor"])
def test_from_data(name: str) -> None:
    agree = Agreement(symbolic=False, missed=("([float32(), float32()], dtype=TorchName(name='torch.int64'))",))
    for data, dtype in itertools.product(DATA, [None, torch.float16, torch.int64]):
        agree(f"torch.{name}", data, dtype=dtype)
    agree.settle()


@pytest.mark.parametrize("shape", [(2, 3, 4), (6,), (4, 1, 3), (), (0, 3)], ids=str)
def test_conversions_and_questions(shape: tuple[int, ...]) -> None:
    agree = Agreement(unknown=("a value read from a tensor",))
    for tensor in layouts(shape):
        for target in [torch.float64, torch.float32, torch.bool, "cpu", torch.zeros(1).half()]:
            agree("torch.Tensor.to", tensor, target)
        for name in "half float double long bool byte bfloat16 cfloat clone detach contiguous".split():
            agree(f"torch.Tensor.{name}", tensor)
        agree("torch.Tensor.type_as", tensor, torch.zeros(2).long())
        for name in "size dim numel stride is_contiguous element_size item tolist".split():
            agree(f"torch.Tensor.{name}", tensor)
        for axis in range(-4, 4):
            agree("torch.Tensor.size", tensor, axis)
    agree.settle()


def test_gradients_need_floating_dtypes() -> None:
    agree = Agreement()
    agree("torch.Tensor.requires_grad_", randn(2))
    agree("torch.Tensor.requires_grad_", torch.zeros(2).long())
    agree.settle()
