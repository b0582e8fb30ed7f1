"""Joining and splitting, against torch."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import randn

from .agreement import Agreement

SHAPES = [(), (0,), (2,), (3,), (2, 3), (3, 2), (1, 3), (2, 3, 2), (2, 0), (1, 3, 2)]


@pytest.mark.parametrize("name", ["cat", "stack"])
def test_joining_along_an_axis(name: str) -> None:
    agree = Agreement()
    for left, right, axis in itertools.product(SHAPES, SHAPES, [0, 1, -1, 2, -3]):
        agree(f"torch.{name}", [randn(left), randn(right)], axis)
    agree(f"torch.{name}", [])
    agree(f"torch.{name}", (randn(2, 3), randn(2, 3), randn(2, 3)), dim=1)
    agree(f"torch.{name}", [randn(2, 3), torch.zeros(2, 3).long()])
    agree(f"torch.{name}", [randn(2, 3), randn(3, 2).t()])
    agree.settle()


@pytest.mark.parametrize("name", ["hstack", "vstack", "dstack", "column_stack"])
def test_joining_side_by_side(name: str) -> None:
    agree = Agreement()
    for left, right in itertools.product(SHAPES, SHAPES):
        agree(f"torch.{name}", [randn(left), randn(right)])
    agree.settle()


@pytest.mark.parametrize("name", ["split", "tensor_split", "chunk", "split_with_sizes"])
def test_splitting(name: str) -> None:
    # With a symbol for the size, ``chunk`` takes it that there are as many chunks as asked for.
    agree = Agreement(symbolic=name != "chunk")
    numbers = [0, 1, 2, 3, 5, -1]
    lists = [[1, 1], [1, 2], [2], [0, 2], [], [3], (2, -1), (1, 1, 1)]
    for shape, axis in itertools.product(SHAPES, [0, 1, -1, 2, -3]):
        for amount in numbers if name == "chunk" else lists if name == "split_with_sizes" else [*numbers, *lists]:
            agree(f"torch.{name}", randn(shape), amount, axis)
    agree.settle()


def test_splitting_along_named_axes() -> None:
    agree = Agreement()
    for name, shape, amount in itertools.product(["hsplit", "vsplit", "dsplit"], SHAPES, [1, 2, 3, [1], [1, 2]]):
        agree(f"torch.{name}", randn(shape), amount)
    agree.settle()


def test_unbind_and_several_tensors_at_once() -> None:
    agree = Agreement()
    for shape, other in itertools.product(SHAPES, SHAPES):
        agree("torch.unbind", randn(shape), len(other) - 1)
        agree("torch.broadcast_tensors", randn(shape), randn(other))
        agree("torch.broadcast_shapes", shape, other)
        agree("torch.meshgrid", randn(shape), randn(other), indexing="xy")
        for rank in (1, 2, 3):
            agree(f"torch.atleast_{rank}d", randn(shape), randn(other))
    agree.settle()
