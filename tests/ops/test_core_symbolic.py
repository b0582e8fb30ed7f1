"""What the rules learn from symbols and say to people: the stories that attention code tells."""

from __future__ import annotations

from typing import Any

import pytest

from attnlint.algebra import Answer, Expression, Facts, Rest, Shape, Symbol
from attnlint.ops.complaint import Complaint
from attnlint.ops.dispatch import bind_call
from attnlint.ops.registry import find_op
from attnlint.ops.strides import contiguous_strides
from attnlint.values import ListValue, Tensor, Unknown

B, T, C, HEADS, SIZE = (Expression.of(Symbol(name, generic=True)) for name in ("B", "T", "C", "heads", "size"))
MAYBE_ONE = Expression.of(Symbol("M"))


def tensor(*dims: Any, dtype: str = "float32") -> Tensor:
    return Tensor(Shape(dims), dtype, strides=contiguous_strides(dims))


class Path:
    """Calls one after the other under the same facts."""

    def __init__(self) -> None:
        self.facts = Facts()

    def call(self, name: str, *arguments: Any, **keywords: Any) -> Any:
        op = find_op(name)
        assert op is not None, name
        return op.rule(bind_call(op, arguments, keywords, self.facts, exact_dtypes=True))

    def method(self, name: str, *arguments: Any, **keywords: Any) -> Any:
        return self.call(f"torch.Tensor.{name}", *arguments, **keywords)

    def refused(self, name: str, *arguments: Any, **keywords: Any) -> Complaint:
        with pytest.raises(Complaint) as raised:
            self.call(name, *arguments, **keywords)
        return raised.value


def test_heads_split_and_merged_give_the_width_back() -> None:
    path = Path()
    split = path.method("transpose", path.method("view", tensor(B, T, C), B, T, HEADS, -1), 1, 2)
    assert str(split.shape) == "(B, heads, T, C // heads)"
    scores = path.call("torch.matmul", split, path.method("transpose", split, -2, -1))
    assert str(scores.shape) == "(B, heads, T, T)"
    merged = path.method("transpose", path.call("torch.matmul", scores, split), 1, 2)
    complaint = path.refused("torch.Tensor.view", merged, B, T, C)
    assert (complaint.code, str(complaint.recovery.shape)) == ("ATN114", "(B, T, C)")
    for name in ("reshape", "flatten"):
        assert path.method(name, merged, *((B, T, C) if name == "reshape" else (2,))).shape.dims == (B, T, C)
    assert path.method("view", path.method("contiguous", merged), B, T, C).shape.dims == (B, T, C)


def test_a_view_teaches_that_the_head_sizes_multiply_to_the_width() -> None:
    path = Path()
    path.method("view", tensor(B, T, C), B, T, HEADS, SIZE)
    assert path.facts.equal(C, HEADS * SIZE) is Answer.YES


def test_sizes_that_can_never_fit_are_refused_with_symbols() -> None:
    path = Path()
    assert path.refused("torch.Tensor.view", tensor(B, T, 512), B, T, 8, 32).code == "ATN105"
    assert path.refused("torch.Tensor.view", tensor(B, T, 512), B, T, 7, -1).code == "ATN105"
    assert path.refused("torch.Tensor.split", tensor(B, T, 3 * C), ListValue([C, C]), -1).code == "ATN118"
    assert path.refused("torch.matmul", tensor(B, T, 64), tensor(B, 32, T)).code == "ATN101"


def test_broadcasting_of_sizes_that_may_be_one() -> None:
    path = Path()
    op = "torch.masked_fill"
    mask = tensor(MAYBE_ONE, 1, T, T, dtype="bool")
    assert path.call(op, tensor(B, HEADS, T, T), mask, 0.0).shape.dims == (B, HEADS, T, T)
    assert path.facts.equal(MAYBE_ONE, B) is Answer.OPEN  # it may be 1: nothing is learned
    other = Expression.of(Symbol("N"))
    joined = path.call(op, tensor(MAYBE_ONE, T), tensor(other, T, dtype="bool"), 0.0)
    again = path.call(op, tensor(other, T), tensor(MAYBE_ONE, T, dtype="bool"), 0.0)
    assert joined.shape == again.shape
    assert joined.shape.dims[0] not in (MAYBE_ONE, other)


def test_slices_with_symbolic_bounds() -> None:
    path = Path()
    whole = slice(None)
    assert path.method("__getitem__", tensor(B, T, C), (whole, slice(1, None))).shape.dims == (B, T - 1, C)
    assert path.method("__getitem__", tensor(B, T, C), (whole, slice(None, -1))).shape.dims == (B, T - 1, C)
    assert path.method("__getitem__", tensor(B, T, C), (whole, -1)).shape.dims == (B, C)
    assert str(path.method("__getitem__", tensor(1, 1024), (whole, slice(None, T))).shape) == "(1, min(T, 1024))"


def test_tensors_of_unknown_rank() -> None:
    path = Path()
    unknown = Unknown("a parameter", key="x", label="x", kind="tensor")
    assert str(path.call("torch.matmul", unknown, tensor(C, 512)).shape) == "(..., 512)"
    turned = path.method("transpose", unknown, -2, -1)
    assert path.facts.equal(turned.shape.dims[-2], C) is Answer.YES
    assert str(path.method("__getitem__", unknown, (..., None, slice(None, None))).shape).endswith(", 1, C)")
    heads = path.call("einops.rearrange", Unknown("another", key="y", label="y"), "b n (h d) -> b h n d", h=8)
    assert heads.shape.rank == 4


def test_bmm_of_matrices_goes_on_as_a_plain_product() -> None:
    complaint = Path().refused("torch.bmm", tensor(10, 512), tensor(512, 20))
    assert (complaint.code, complaint.recovery.shape.dims) == ("ATN103", (10, 20))
    assert "use `@`" in complaint.advice


@pytest.mark.parametrize(
    ("name", "arguments", "summary", "advice"),
    [
        (
            "torch.matmul",
            (tensor(10, 512), tensor(10, 512)),
            "inner dimensions differ: 512 and 10",
            ".transpose(-2, -1)",
        ),
        ("torch.matmul", (tensor(4, 8, 64), tensor(2, 64, 8)), "batch sizes 4 and 2 at axis -3", "must be equal, or 1"),
        ("torch.Tensor.view", (tensor(2, 512), 2, 8, 32), "1024 elements of (2, 512) cannot become", "a size of 64 in"),
        ("torch.einsum", ("id,jd->ij", tensor(5, 64), tensor(5, 32)), "`d` is 64 in operand 0 and 32", "one size"),
    ],
)
def test_messages(name: str, arguments: tuple[Any, ...], summary: str, advice: str) -> None:
    complaint = Path().refused(name, *arguments)
    assert summary in complaint.summary
    assert advice in complaint.advice


def test_sizes_that_meet_again_and_again_are_told_apart_at_once() -> None:
    """Each meeting doubles what a size is made of: compared part by part, these would take years."""
    path, shift = Path(), Expression.of(Symbol("shift", minimum=None))

    def met(width: bool) -> Any:
        size = path.facts.require_trailing(Shape((), Rest("input", "x")), 2).dims[-1 if width else -2]
        for _ in range(60):
            size = path.call("torch.add", tensor(size), tensor(size + shift)).shape.dims[0]
        return size

    assert met(width=True) == met(width=True)
    assert met(width=True) != met(width=False)
    assert len(str(met(width=True))) < 2_000
