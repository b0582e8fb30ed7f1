"""``x[index]``, ``x[index] = value``, and picking by index tensors, against torch."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
import torch
from torch import randn, tensor

from .agreement import Agreement
from .differential import check

NONE, WHOLE = None, slice(None)
ATOMS: list[Any] = [
    *[0, -1, 5, -9, NONE, ..., True, False, range(2), (0, 1), [0, 1], [True, False], [], [[0, 1], [1, 0]], [0.5]],
    *[WHOLE, slice(1, None), slice(None, -1), slice(0, 9, 2), slice(2, 1), slice(-2, None), slice(None, None, -1)],
    *[tensor([0, 1]), tensor([[0], [1]]), tensor(1), tensor([True, False]), tensor([7]), tensor([], dtype=torch.long)],
    *[tensor([[True, False, True], [False, True, True]]), tensor([0.0, 1.0]), tensor([0, 1, 0]), tensor(True)],
    *[tensor([0, 1], dtype=torch.int32), tensor([0, 1], dtype=torch.int16), tensor(1, dtype=torch.int16)],
]
SHAPES = [(2, 3, 4), (2,), (), (2, 2), (2, 2, 3, 2)]


def ellipses(index: Any) -> int:
    return sum(item is ... for item in index) if isinstance(index, tuple) else 0


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_one_and_two_items(shape: tuple[int, ...]) -> None:
    agree = Agreement()
    for index in [*ATOMS, *itertools.product(ATOMS, repeat=2)]:
        if ellipses(index) < 2:
            agree("torch.Tensor.__getitem__", randn(shape), index)
    agree.settle()


@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 2), (2, 2, 3, 2)], ids=str)
def test_longer_indices(shape: tuple[int, ...]) -> None:
    agree, choose = Agreement(), random.Random(1)
    for _ in range(2000):
        index = tuple(choose.choice(ATOMS) for _ in range(choose.choice([3, 3, 4])))
        if ellipses(index) < 2:
            agree("torch.Tensor.__getitem__", randn(shape), index)
    agree.settle()


def test_slices_of_tensors_that_are_not_contiguous() -> None:
    for index in [(..., 0), (WHOLE, 1), (slice(None, None, 2),), (NONE, ..., NONE), (0, WHOLE, slice(1, 3))]:
        check("torch.Tensor.__getitem__", randn(4, 3, 2).permute(2, 1, 0), index)


def test_assignment() -> None:
    agree, choose = Agreement(), random.Random(2)
    shapes = [
        (),
        (4,),
        (3,),
        (2,),
        (1,),
        (1, 1),
        (1, 1, 1, 1),
        (3, 4),
        (1, 3, 4),
        (2, 1, 4),
        (2, 3, 4),
        (2, 4),
        (5,),
        (0,),
    ]
    for first in ATOMS:
        for second in [NONE, ..., 0, WHOLE, slice(1, None), tensor([0, 1]), tensor([True, False, True])]:
            for shape in choose.sample(shapes, 6):
                agree("torch.Tensor.__setitem__", randn(2, 3, 4), first, randn(shape))
                if ellipses((first, second)) < 2:
                    agree("torch.Tensor.__setitem__", randn(2, 3, 4), (first, second), randn(shape))
    agree.settle()


def test_assignment_converts_dtypes_only_without_index_tensors() -> None:
    agree = Agreement(symbolic=False)
    values = [randn(2).double(), tensor([1, 2]), tensor(1.0).double(), tensor(1), randn(1).double(), 1, 2.5, True]
    indices = [WHOLE, tensor([0, 1]), 0, tensor([True, True]), tensor([0]), ...]
    for value, dtype, index in itertools.product(values, [torch.float32, torch.int64, torch.bool], indices):
        agree("torch.Tensor.__setitem__", torch.zeros(2).to(dtype), index, value)
    agree.settle()


PICKED = [(), (1,), (2,), (3,), (2, 3), (3, 2), (1, 3), (2, 2), (2, 3, 2)]


def zeros(shape: tuple[int, ...]) -> torch.Tensor:
    return torch.zeros(shape, dtype=torch.long)


@pytest.mark.parametrize("name", ["gather", "index_select", "take_along_dim", "scatter", "index_fill"])
def test_along_one_axis(name: str) -> None:
    agree = Agreement()
    for shape, index, axis in itertools.product(PICKED, PICKED, [0, 1, -1, 2, -3]):
        if name == "take_along_dim":
            agree("torch.take_along_dim", randn(shape), zeros(index), axis)
        else:
            value = (1.0,) if name in ("scatter", "index_fill") else ()
            agree(f"torch.{name}", randn(shape), axis, zeros(index), *value)
    agree.settle()


@pytest.mark.parametrize("name", ["scatter", "scatter_add", "index_add", "index_copy"])
def test_with_a_source(name: str) -> None:
    agree = Agreement(missed=("index_add(float32(), ",))
    sources = [(2,), (2, 3), (3, 3), (), (2, 2), (1, 3)]
    for shape, index, axis, source in itertools.product(PICKED, PICKED[:-1], [0, 1, -1], sources):
        agree(f"torch.{name}", randn(shape), axis, zeros(index), randn(source))
    agree.settle()


def test_masks() -> None:
    agree = Agreement()
    for shape, mask in itertools.product(PICKED, PICKED):
        ones = torch.ones(mask).bool()
        agree("torch.masked_fill", randn(shape), ones, 0.0)
        agree("torch.Tensor.masked_fill_", randn(shape), ones, 0.0)
        agree("torch.masked_fill", randn(shape), ones, randn(mask))
        agree("torch.masked_select", randn(shape), ones)
        agree("torch.masked_scatter", randn(shape), ones, randn(20))
        agree("torch.Tensor.masked_scatter_", randn(shape), ones, randn(20))
    agree.settle()


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool], ids=str
)
def test_numbers_that_a_dtype_can_hold(dtype: torch.dtype) -> None:
    agree = Agreement(symbolic=False)
    for value in [2.5, float("-inf"), float("nan"), 1e30, -1, -1e9, 1e4, 1e39, 70000, 1e300]:
        agree("torch.masked_fill", torch.ones(2).to(dtype), tensor([True, False]), value)
    agree("torch.masked_fill", torch.ones(2).to(dtype), tensor([True, False, True]), 1)
    agree.settle()


def test_index_dtypes() -> None:
    agree = Agreement(symbolic=False, missed=("index_put",))
    dtypes = [torch.float32, torch.float64, torch.int64, torch.int32, torch.bool, torch.uint8]
    for first, second in itertools.product(dtypes, dtypes):
        ours, index = torch.ones(2).to(first), torch.zeros(2).to(second)
        agree("torch.gather", ours, 0, index)
        agree("torch.take", ours, index)
        agree("torch.masked_fill", ours, index, 0)
        agree("torch.scatter", ours, 0, zeros((2,)), index)
        agree("torch.index_add", ours, 0, index, ours)
        agree("torch.index_copy", ours, 0, index, ours)
        agree("torch.masked_scatter", ours, torch.ones(2).bool(), index)
        agree("torch.index_put", ours, (index,), ours)
    agree.settle()


def test_select_and_slices_put_in() -> None:
    agree = Agreement()
    for shape, axis in itertools.product(PICKED, [0, 1, -1, -2, 3]):
        for index in [0, 1, -1, 2, -3, 5]:
            agree("torch.select", randn(shape), axis, index)
        for source in PICKED:
            agree("torch.select_scatter", randn(shape), randn(source), axis, 0)
            agree("torch.slice_scatter", randn(shape), randn(source), axis, 1, None, 2)
    agree.settle()
