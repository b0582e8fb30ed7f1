"""Views: shapes, strides, and exactly when ``view`` is refused, against torch."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
from torch import randn

from . import differential
from .agreement import Agreement
from .layouts import layouts

SHAPES = [(2, 3, 4), (6,), (2, 3), (1, 4), (4, 1, 3), (), (0, 3), (1, 1), (2, 1, 2, 3)]
NO_SUCH_CALL = ("invalid combination of arguments", "missing 1 required positional arguments")


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_view_and_reshape(shape: tuple[int, ...]) -> None:
    agree = Agreement(missed=NO_SUCH_CALL)
    wanted = [
        (24,),
        (-1,),
        (2, -1),
        (-1, 4),
        (6, 4),
        (2, 12),
        (2, 3, 2, 2),
        (3, 8),
        (6,),
        (3, 2),
        (2, 3),
        (12,),
        (1, -1),
    ]
    wanted += [
        (1,),
        (),
        (-1, -1),
        (5, -1),
        (0,),
        (0, -1),
        (-2,),
        (2, 3, 4, 1),
        (3, 4),
        (4, 3),
        (8, 3),
        (4, 2, 3),
        (3, 0),
    ]
    for tensor, sizes in itertools.product(layouts(shape), wanted):
        agree("torch.Tensor.view", tensor, *sizes)
        agree("torch.Tensor.view", tensor, sizes)
        agree("torch.reshape", tensor, sizes)
    agree.settle()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_flatten_and_unflatten(shape: tuple[int, ...]) -> None:
    agree = Agreement()
    for tensor, axis in itertools.product(layouts(shape), range(-4, 4)):
        for end in range(-4, 4):
            agree("torch.flatten", tensor, axis, end)
        for sizes in [(2, -1), (-1,), (2, 2), (1, 2), (3, 1), (), (4,), (-1, -1), (2, 1)]:
            agree("torch.Tensor.unflatten", tensor, axis, sizes)
    agree.settle()


DTYPES = [
    torch.int32,
    torch.float64,
    torch.float16,
    torch.uint8,
    torch.complex64,
    torch.float8_e5m2,
    torch.float4_e2m1fn_x2,
]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_view_as_another_dtype(dtype: torch.dtype) -> None:
    agree = Agreement(symbolic=False)
    for shape in SHAPES:
        for tensor in layouts(shape):
            agree("torch.Tensor.view", tensor, dtype)
    agree("torch.Tensor.view_as", randn(6), randn(4))
    agree.settle()


def test_complex_views() -> None:
    agree = Agreement(symbolic=False, missed=("storage_offset",))
    pairs = [randn(3, 2), randn(3, 4, 2), randn(2, 3).t(), randn(3, 4)[:, 1:3], randn(3, 3)[:, :2], randn(2)]
    pairs += [randn(3, 2).half(), randn(3, 2).long(), randn(3, 3, 2).double().transpose(0, 1), randn(4, 2).cfloat()]
    for tensor in pairs:
        agree("torch.view_as_complex", tensor)
        agree("torch.view_as_real", tensor)
    agree.settle()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_moving_axes(shape: tuple[int, ...]) -> None:
    agree = Agreement(missed=NO_SUCH_CALL)
    orders = [(0,), (1, 0), (0, 1), (0, 2, 1), (2, 0, 1), (-1, 0, 1), (0, 0, 1), (0, 1, 3), (3, 2, 1, 0), ()]
    for tensor in layouts(shape):
        for first, second in itertools.product(range(-4, 4), repeat=2):
            agree("torch.transpose", tensor, first, second)
            agree("torch.movedim", tensor, first, second)
            agree("torch.movedim", tensor, (first, second), (0, 1))
        for order in orders:
            agree("torch.permute", tensor, order)
            agree("torch.Tensor.permute", tensor, *order)
        agree("torch.t", tensor)
        agree("torch.adjoint", tensor)
    agree("torch.permute", randn(2), (1,))
    agree.settle()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_axes_of_size_one(shape: tuple[int, ...]) -> None:
    agree = Agreement()
    for tensor in layouts(shape):
        agree("torch.squeeze", tensor)
        for first in range(-5, 5):
            agree("torch.Tensor.unsqueeze", tensor, first)
            agree("torch.Tensor.squeeze", tensor, first)
            agree("torch.squeeze", tensor, (first, 0))
    agree.settle()


@pytest.mark.parametrize("attribute", ["T", "mT", "H", "mH"])
def test_transposed_attributes(attribute: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(differential, "resolve", lambda name: lambda tensor: getattr(tensor, name.rpartition(".")[2]))
    agree = Agreement()
    for shape in [(), (3,), (2, 3), (2, 3, 4)]:
        agree(f"torch.Tensor.{attribute}", randn(shape))
    agree.counts["both raise"] += attribute == "T"  # it takes any tensor
    agree.settle()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_expanding_and_repeating(shape: tuple[int, ...]) -> None:
    agree = Agreement(missed=NO_SUCH_CALL)
    sizes = [(2, 3, 4), (-1, -1, -1), (5, 2, 3, 4), (-1, 2, 3), (3, -1), (4, 4), (6, 6), (4, -1, 5), (), (1,), (0, 3)]
    for tensor, wanted in itertools.product(
        layouts(shape), [*sizes, (2, -1, -1, -1), (2, 5, 2, 3), (-2, 4), (3, 3, 3)]
    ):
        agree("torch.Tensor.expand", tensor, *wanted)
        agree("torch.broadcast_to", tensor, wanted)
        agree("torch.Tensor.expand_as", tensor, randn([max(size, 1) for size in wanted]))
        agree("torch.Tensor.repeat", tensor, *wanted)
        agree("torch.tile", tensor, wanted)
    agree.settle()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_repeat_interleave(shape: tuple[int, ...]) -> None:
    agree = Agreement()
    counts: list[Any] = [2, 0, -1, *map(torch.tensor, ([2], 3, [1, 2], [1, 2, 3], [1.0, 2.0], [[1, 2]]))]
    for repeats, axis in itertools.product(counts, [None, 0, 1, -1, 3]):
        agree("torch.repeat_interleave", randn(shape), repeats, axis)
    agree.settle()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_windows(shape: tuple[int, ...]) -> None:
    agree = Agreement()
    for tensor, axis in itertools.product(layouts(shape), range(-3, 3)):
        for start, length in itertools.product([-3, -1, 0, 1, 4], [-1, 0, 1, 2, 7]):
            agree("torch.narrow", tensor, axis, start, length)
        for window, step in itertools.product([-1, 0, 1, 2, 3, 7], [0, 1, 2, 5]):
            agree("torch.Tensor.unfold", tensor, axis, window, step)
    agree.settle()


def test_as_strided() -> None:
    agree = Agreement()
    agree("torch.as_strided", randn(20), (2, 3), (1, 2))
    agree("torch.as_strided", randn(20), (2, 3), (1,))
    agree("torch.as_strided", randn(20), (2, 3), (1, -2))
    agree.settle()
