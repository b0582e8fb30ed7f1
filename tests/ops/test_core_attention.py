"""Scaled dot product attention: the default kernels and the reference (MATH) of torch."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import randn
from torch.nn.attention import SDPBackend, sdpa_kernel

from attnlint.algebra import Expression, Facts, Shape, Symbol
from attnlint.ops.complaint import Complaint
from attnlint.ops.dispatch import call_op
from attnlint.ops.registry import find_op
from attnlint.values import Tensor

from .agreement import Agreement

SDPA = "torch.nn.functional.scaled_dot_product_attention"
FLEX = "torch.nn.attention.flex_attention.flex_attention"
SHAPES = [(5, 8), (6, 8), (2, 5, 8), (2, 6, 8), (1, 6, 8), (2, 4, 5, 8), (2, 2, 6, 8), (2, 1, 6, 8), (1, 4, 6, 8), (8,)]
MASKS = [
    (5, 6),
    (1, 6),
    (2, 1, 1, 6),
    (2, 4, 5, 6),
    (2, 5, 6),
    (4, 5, 6),
    (3, 2, 5, 6),
    (2, 6),
    (5, 5),
    (5, 1),
    (6,),
    (),
]


@pytest.mark.parametrize("grouped", [False, True])
def test_shapes_as_in_the_reference(grouped: bool) -> None:
    agree = Agreement()
    for query, key in itertools.product(SHAPES, SHAPES):
        for value in {key, (*key[:-1], 7), (*key[:-2], 9, key[-1])}:
            with sdpa_kernel(SDPBackend.MATH):
                agree(SDPA, randn(query), randn(key), randn(value), enable_gqa=grouped)
            if key[-2:-1] == value[-2:-1]:  # the default kernel does not compare the lengths
                agree(SDPA, randn(query), randn(key), randn(value), enable_gqa=grouped)
    agree.settle()


def test_masks() -> None:
    # A mask together with is_causal is refused by the reference and with three dimensions, but not always with four.
    agree = Agreement(missed=("Explicit attn_mask", "Dimension specified as -2", "is_causal=True"))
    pairs = [((5, 8), (6, 8)), ((2, 5, 8), (2, 6, 8)), ((2, 4, 5, 8), (2, 4, 6, 8)), ((2, 4, 5, 8), (2, 1, 6, 8))]
    for (query, key), mask, causal in itertools.product([*pairs, ((2, 1, 5, 8), (2, 1, 6, 8))], MASKS, [False, True]):
        agree(SDPA, randn(query), randn(key), randn(key), randn(mask), is_causal=causal)
    agree.settle()


def test_dtypes() -> None:
    agree = Agreement(symbolic=False)
    dtypes = [torch.float32, torch.float64, torch.float16, torch.int64]
    for ours, theirs, mask in itertools.product(dtypes, dtypes, [*dtypes, torch.bool]):
        query, key = torch.ones(2, 4, 5, 8).to(ours), torch.ones(2, 4, 6, 8).to(theirs)
        agree(SDPA, query, key, key, torch.ones(5, 6).to(mask))
    agree(SDPA, randn(2, 4, 5, 8), randn(2, 4, 5, 8), randn(2, 4, 5, 8), dropout_p=1.5)
    agree.settle()


def test_different_lengths_of_keys_and_values_are_a_complaint_though_the_default_kernel_runs() -> None:
    torch.nn.functional.scaled_dot_product_attention(randn(2, 4, 5, 8), randn(2, 4, 20, 8), randn(2, 4, 7, 8))
    operands = [Tensor(Shape(shape), "float32") for shape in ((2, 4, 5, 8), (2, 4, 20, 8), (2, 4, 7, 8))]
    op = find_op(SDPA)
    assert op is not None
    with pytest.raises(Complaint, match="lengths differ: key has 20, value has 7") as raised:
        call_op(op, tuple(operands))
    assert raised.value.code == "ATN110"


def test_grouped_heads_teach_that_they_divide() -> None:
    heads, groups = (Expression.of(Symbol(name, generic=True)) for name in ("heads", "groups"))
    query, key = (Tensor(Shape((2, count, 5, 8)), "float32") for count in (heads, groups))
    op, facts = find_op(SDPA), Facts()
    assert op is not None
    result = call_op(op, (query, key, key), {"enable_gqa": True}, facts)
    assert result.shape == query.shape
    assert facts.normal((heads // groups) * groups) == heads


def test_flex_attention() -> None:
    agree = Agreement()
    shapes = [((2, 4, 5, 8), (2, 4, 6, 8), (2, 4, 6, 16)), ((2, 4, 5, 8), (2, 4, 6, 7), (2, 4, 6, 8))]
    shapes += [((2, 4, 5, 8), (2, 4, 6, 8), (2, 4, 7, 8)), ((2, 4, 5, 8), (2, 2, 6, 8), (2, 2, 6, 8))]
    shapes += [((2, 4, 5, 8), (1, 4, 6, 8), (1, 4, 6, 8)), ((2, 4, 5, 8), (2, 3, 6, 8), (2, 3, 6, 8))]
    for (query, key, value), grouped in itertools.product(shapes, [False, True]):
        agree(FLEX, randn(query), randn(key), randn(value), enable_gqa=grouped)
    agree(FLEX, randn(2, 4, 5, 8), randn(2, 4, 6, 8), randn(2, 4, 6, 8), return_lse=True)
    agree.settle()
