"""Histories of axes: split, merged, cut at seams and across them; and tensors whose rank is learned later."""

from __future__ import annotations

import pytest

from attnlint.algebra import Dim, Expression, Facts, Rest, Shape, Symbol
from attnlint.ops.axes import is_cut, leaf_axes, merge_axes, reshape_axes, split_axis, with_shape
from attnlint.values import Tensor

B, T, H, D = (Expression.of(Symbol(name)) for name in "BTHD")
WIDTH = H * D


def _reshaped(dims: tuple[Dim, ...], *steps: tuple[Dim, ...]) -> tuple[bool, ...]:
    """Which axes are cut across after some reshapes."""
    facts, axes = Facts(), leaf_axes("x", len(dims))
    for wanted in steps:
        found = reshape_axes(dims, axes, wanted, facts)
        assert found is not None
        dims, axes = wanted, found
    return tuple(map(is_cut, axes))


@pytest.mark.parametrize(
    ("dims", "steps"),
    [
        ((B, T, WIDTH), ((B, T, H, D),)),
        ((B, T, H, D), ((B, T, WIDTH),)),
        ((B, T, WIDTH), ((B * T, WIDTH), (B, T, H, D))),
        ((B, H, T, D), ((B * H, T, D), (B, H, T, D))),
        ((2, 10, 512), ((2, 10, 8, 64), (20, 512))),
        ((2, 1, 10, 512), ((2, 10, 1, 512),)),
    ],
)
def test_seams_are_kept(dims: tuple[Dim, ...], steps: tuple[tuple[Dim, ...], ...]) -> None:
    assert not any(_reshaped(dims, *steps))


@pytest.mark.parametrize(
    ("dims", "steps"),
    [
        ((B, T, WIDTH), ((B, H, T, D),)),
        ((B, H, T, D), ((B, T, WIDTH),)),
        ((B, T, D), ((B, D, T),)),
        ((B, T, D), ((B * T, D), (T, B, D))),
        ((2, 10, 512), ((2, 8, 10, 64),)),
    ],
)
def test_what_runs_over_a_seam_is_cut(dims: tuple[Dim, ...], steps: tuple[tuple[Dim, ...], ...]) -> None:
    assert any(_reshaped(dims, *steps))


def test_all_factors_of_an_axis_are_the_axis() -> None:
    (axis,) = leaf_axes("x", 1)
    factors = split_axis(axis, (H, D), Facts())
    assert [factor.factor for factor in factors] == [0, 1]
    assert merge_axes(factors, (H, D)) == axis
    assert merge_axes(factors[::-1], (D, H)) != axis


def test_axes_of_a_rank_that_is_learned_later_are_those_of_the_input() -> None:
    facts = Facts()
    unknown = Shape((), Rest(("shape", "x")))
    early = with_shape(Tensor(unknown), facts.require_trailing(unknown, 1))
    assert early.axes is not None
    assert len(early.axes) == 1
    late = with_shape(early, facts.require_rank(unknown, 3))
    assert late.axes == leaf_axes(("shape", "x"), 3)
