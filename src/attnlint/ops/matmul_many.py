"""Products over more than two matrices or other axes: ``multi_dot``, ``chain_matmul``, ``tensordot``, ``kron``."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from attnlint.algebra import Answer, Dim, Shape
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.matmul import Operand, common_dtype, inner_mismatch, of_rank
from attnlint.ops.promotion import result_dtype
from attnlint.ops.registry import shape_rule
from attnlint.ops.results import fresh
from attnlint.values import ListValue, Tensor, Value


def _chain(call: Call, operands: list[Operand], *, vectors: bool) -> Tensor:
    last = len(operands) - 1
    checked: list[Operand] = []
    for index, operand in enumerate(operands):
        if vectors and index in (0, last) and operand[1].shape.rank in (1, None):
            if operand[1].shape.rank is None:
                raise CannotTell("an operand has an unknown number of dimensions")
            checked.append(operand)
        else:
            checked.append(of_rank(call, operand, 2))
    dtype = common_dtype(call, checked)
    for left, right in itertools.pairwise(checked):
        a, b = left[1].shape.dims, right[1].shape.dims
        axis = -1 if len(b) == 1 else -2
        call.demand_equal(
            a[-1],
            b[axis],
            lambda left=left, right=right, axis=axis: inner_mismatch(left, right, -1, axis),  # type: ignore[misc]
            (Clash(left[0], -1, a[-1]), Clash(right[0], axis, b[axis])),
        )
    rows = checked[0][1].shape.dims[:-1]
    columns = checked[-1][1].shape.dims[1:] if len(checked) > 1 else checked[0][1].shape.dims[1:]
    return fresh(call, (*rows, *columns), dtype)


@shape_rule("torch.linalg.multi_dot", signature="(tensors: Tensors, *, out=None)")
def multi_dot(call: Call) -> Tensor:
    operands = _operands(call, call.sequence("tensors"))
    if len(operands) < 2:
        raise Complaint("ATN103", "at least 2 tensors are needed", arguments=("tensors",))
    return _chain(call, operands, vectors=True)


@shape_rule("torch.chain_matmul", signature="(*matrices: Tensor, out=None)")
def chain_matmul(call: Call) -> Tensor:
    operands = _operands(call, call.sequence("matrices"))
    if not operands:
        raise Complaint("ATN103", "at least 1 matrix is needed", arguments=("matrices",))
    return _chain(call, operands, vectors=False)


def _operands(call: Call, items: Sequence[Value]) -> list[Operand]:
    return [(f"tensors[{index}]", call.as_tensor(item)) for index, item in enumerate(items)]


@shape_rule("torch.tensordot", signature="(a: Tensor, b: Tensor, dims=2, out=None)")
def tensordot(call: Call) -> Tensor:
    """Sums over pairs of axes. As in ATen, a size of 1 goes with any other: that one is summed first."""
    a, b = call.tensor("a"), call.tensor("b")
    a_dims, b_dims = call.known_rank(a), call.known_rank(b)
    left, right = _contracted(call, len(a_dims), len(b_dims))
    dtype = common_dtype(call, (("a", a), ("b", b)))
    for x, y in zip(left, right, strict=True):
        if Answer.YES in (call.facts.is_one(a_dims[x]), call.facts.is_one(b_dims[y])):
            continue
        clash = (Clash("a", x, a_dims[x]), Clash("b", y, b_dims[y]))

        def complain(clash: tuple[Clash, ...] = clash) -> Complaint:
            return Complaint(
                "ATN101",
                f"contracted sizes differ: {clash[0].dim} and {clash[1].dim}",
                arguments=("a", "b"),
                clash=clash,
            )

        if Answer.NO in (call.facts.is_one(a_dims[x]), call.facts.is_one(b_dims[y])):
            call.demand_equal(a_dims[x], b_dims[y], complain, clash)
    kept = [(dim, a, place) for place, dim in enumerate(a_dims) if place not in left]
    kept += [(dim, b, place) for place, dim in enumerate(b_dims) if place not in right]
    axes = tuple(tensor.axes[place] for _, tensor, place in kept if tensor.axes is not None)
    return fresh(call, [dim for dim, _, _ in kept], dtype, axes=axes if len(axes) == len(kept) else None)


def _contracted(call: Call, a_rank: int, b_rank: int) -> tuple[list[int], list[int]]:
    dims = call["dims"]
    if isinstance(dims, Tensor):
        dims = dims.elements
    if isinstance(dims, int):
        if dims < 0 or dims > min(a_rank, b_rank):
            raise Complaint(
                "ATN107",
                f"cannot sum over {dims} axes of {a_rank} and {b_rank} dimensions",
                arguments=("dims",),
                about_rank=True,
            )
        return list(range(a_rank - dims, a_rank)), list(range(dims))
    if not isinstance(dims, tuple | ListValue):
        raise CannotTell("dims is not known")
    sides = call.as_sequence(dims, "dims")
    if len(sides) != 2:
        raise CannotTell("dims is not a pair")
    places: list[list[int]] = []
    for side, rank in zip(sides, (a_rank, b_rank), strict=True):
        items = [side] if isinstance(side, int) else call.as_sequence(side, "dims")
        axes = [call.as_dim(item) for item in items]
        if axes and rank == 0:
            raise CannotTell("a tensor without axes has none to sum over")
        found = [call.axis(axis, rank, argument="dims") for axis in axes if isinstance(axis, int)]
        if len(found) < len(axes):
            raise CannotTell("an axis is not known")
        if len(set(found)) < len(found):
            raise Complaint("ATN107", "an axis is named twice", arguments=("dims",), about_rank=True)
        places.append(found)
    if len(places[0]) != len(places[1]):
        raise Complaint(
            "ATN107", f"{len(places[0])} axes of a, but {len(places[1])} of b", arguments=("dims",), about_rank=True
        )
    return places[0], places[1]


@shape_rule("torch.kron", "torch.Tensor.kron", signature="(input: Tensor, other: Tensor, *, out=None)")
def kron(call: Call) -> Tensor:
    a, b = call.tensor("input"), call.tensor("other")
    a_dims, b_dims = call.known_rank(a), call.known_rank(b)
    rank = max(len(a_dims), len(b_dims))
    wide_a: tuple[Dim, ...] = (1,) * (rank - len(a_dims)) + a_dims
    wide_b: tuple[Dim, ...] = (1,) * (rank - len(b_dims)) + b_dims
    return fresh(call, Shape(tuple(x * y for x, y in zip(wide_a, wide_b, strict=True))), result_dtype((a, b)))
