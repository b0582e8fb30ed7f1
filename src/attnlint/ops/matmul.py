"""Products of matrices and vectors: ``@``, ``matmul``, ``mm``, ``bmm``, ``mv``, ``dot``, and those that add
(``addmm``).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from attnlint.algebra import Dim, Rest, Shape
from attnlint.frozen import replace
from attnlint.ops.axes import with_shape
from attnlint.ops.axis_arguments import wrong_rank
from attnlint.ops.broadcast import before_matrices, broadcast_axes, broadcast_shapes, expand_into
from attnlint.ops.call import Call
from attnlint.ops.complaint import Clash, Complaint
from attnlint.ops.promotion import is_floating, result_dtype
from attnlint.ops.registry import alias, shape_rule
from attnlint.ops.results import fresh, unknown_shape
from attnlint.values import Axis, Tensor, Value

Operand = tuple[str, Tensor]


def common_dtype(call: Call, operands: Sequence[Operand], *, no_bool: bool = True) -> str | None:
    """The dtype of a product. Products promote nothing: float by long is refused.

    Two floating dtypes are refused too, but only when the dtypes are certain: ``autocast`` or ``model.half()`` may
    change them.
    """
    first_name, first = operands[0]
    for name, other in operands[1:]:
        if first.dtype is None or other.dtype is None or first.dtype == other.dtype:
            continue
        if is_floating(first.dtype) and is_floating(other.dtype) and not call.exact_dtypes:
            continue
        whole, dtype = (first_name, other.dtype) if is_floating(other.dtype) else (name, first.dtype)
        raise Complaint(
            "ATN115",
            f"dtypes differ: {first.dtype} and {other.dtype}",
            arguments=(first_name, name),
            advice=f"convert `{whole}` with `.to(torch.{dtype})`",
            clash=(Clash(first_name, None), Clash(name, None)),
        )
    dtypes = {tensor.dtype for _, tensor in operands}
    common = dtypes.pop() if len(dtypes) == 1 else None
    if common == "bool" and no_bool:
        raise Complaint(
            "ATN115",
            "not implemented for dtype bool",
            arguments=(first_name,),
            advice="convert it first, with `.float()`",
        )
    return common


def inner_mismatch(left: Operand, right: Operand, left_axis: int, right_axis: int, recovery: Value = None) -> Complaint:
    """The complaint that the inner dimensions differ."""
    (left_name, a), (right_name, b) = left, right
    x, y = a.shape.dims[left_axis], b.shape.dims[right_axis]
    which = "only" if right_axis == -1 else "second to last"
    advice = f"the last size of `{left_name}` must be the {which} one of `{right_name}`"
    if right_axis == -2 and b.shape.dims[-1] == x:
        advice = f"transpose the last two axes of `{right_name}`: `.transpose(-2, -1)`"
    elif right_axis == -2 and len(a.shape.dims) >= 2 and a.shape.dims[-2] == y:
        advice = f"transpose the last two axes of `{left_name}`: `.transpose(-2, -1)`"
    return Complaint(
        "ATN101",
        f"inner dimensions differ: {x} and {y}",
        arguments=(left_name, right_name),
        clash=(Clash(left_name, left_axis, x), Clash(right_name, right_axis, y)),
        advice=advice,
        recovery=recovery,
    )


def product(call: Call, left: Operand, right: Operand, *, dtype: str | None = None) -> Tensor:
    """``left @ right``: all cases of ``torch.matmul``."""
    (left_name, a), (right_name, b) = left, right
    for name, tensor in (left, right):
        if tensor.shape.rank == 0:
            raise Complaint(
                "ATN103",
                f"{name} has 0 dimensions, not 1 or more",
                arguments=(name,),
                about_rank=True,
                advice="multiply with `*`",
            )
    dtype = dtype if dtype is not None else common_dtype(call, (left, right))
    if a.shape.rank is None and not a.shape.dims and len(b.shape.dims) >= 2:
        a = with_shape(a, call.facts.require_trailing(a.shape, 1, because=call.because))
        left = (left_name, a)
    if not a.shape.dims or len(b.shape.dims) < (1 if b.shape.rank == 1 else 2):
        return fresh(call, unknown_shape(), dtype)  # whether ``b`` is a vector or a matrix is not known
    inner_axis = -1 if b.shape.rank == 1 else -2
    matrix_a, matrix_b = len(a.shape.dims) >= 2, b.shape.rank != 1
    columns = b.shape.dims[-1:] if matrix_b else ()
    rows = a.shape.dims[-2:-1]
    a_batch = Shape(a.shape.dims[:-2], a.shape.rest)
    b_batch = Shape(b.shape.dims[:-2], b.shape.rest)
    call.demand_equal(
        a.shape.dims[-1],
        b.shape.dims[inner_axis],
        lambda: inner_mismatch(
            left, right, -1, inner_axis, _recovered(a_batch, b_batch, *_meant(a, b, rows, columns), dtype)
        ),
        (Clash(left_name, -1, a.shape.dims[-1]), Clash(right_name, inner_axis, b.shape.dims[inner_axis])),
    )
    if not matrix_a and a.shape.rest is not None:
        # ``a`` is a vector or more: with a plain matrix its leading axes stay, whatever they are.
        if b.shape.rank == 2:
            return fresh(call, Shape(columns, a.shape.rest), dtype)
        if b.shape.rank == 1:
            return fresh(call, Shape((), a.shape.rest), dtype)
        return fresh(call, Shape(columns, Rest(object())), dtype)
    assumed, open_ = len(call.lucky), len(call.may_broadcast)
    try:
        batch = broadcast_shapes(call, ((left_name, a_batch), (right_name, b_batch)), code="ATN102")
    except Complaint as complaint:
        raise _batch_mismatch(complaint, rows, columns, dtype) from None
    for met, count in ((call.lucky, assumed), (call.may_broadcast, open_)):
        met[count:] = [(one, other, before_matrices(clash)) for one, other, clash in met[count:]]
    shape = Shape((*batch.dims, *rows, *columns), batch.rest)
    axes = _product_axes(a, b, len(batch.dims))
    same_rank = a.shape.rank is not None and (a.shape.rank == b.shape.rank or (a.shape.rank > 2 and b.shape.rank == 2))
    return fresh(call, shape, dtype, axes=axes, contiguous=same_rank)


def _meant(a: Tensor, b: Tensor, rows: Sequence[Dim], columns: Sequence[Dim]) -> tuple[Sequence[Dim], Sequence[Dim]]:
    """Rows and columns of the product once the inner sizes agree: where a transpose does it, those of the transpose."""
    if columns and b.shape.dims[-1] == a.shape.dims[-1]:
        return rows, b.shape.dims[-2:-1]
    if rows and columns and a.shape.dims[-2] == b.shape.dims[-2]:
        return a.shape.dims[-1:], columns
    return rows, columns


def _recovered(left: Shape, right: Shape, rows: Sequence[Dim], columns: Sequence[Dim], dtype: str | None) -> Tensor:
    """The result that the author must have meant: the inner sizes made equal."""
    if not right.dims and right.rest is None:
        batch = left
    elif left == right or (not left.dims and left.rest is None):
        batch = right
    else:
        batch = unknown_shape()
    return Tensor(Shape((*batch.dims, *rows, *columns), batch.rest), dtype)


def _batch_mismatch(complaint: Complaint, rows: Sequence[Dim], columns: Sequence[Dim], dtype: str | None) -> Complaint:
    left, right = before_matrices(complaint.clash)
    return Complaint(
        "ATN102",
        f"batch sizes {left.dim} and {right.dim} at axis {left.axis} differ and neither is 1",
        arguments=complaint.arguments,
        clash=(left, right),
        advice="the axes before the last two must be equal, or 1, in both",
        recovery=Tensor(Shape((*rows, *columns), Rest(object())), dtype),
    )


def _product_axes(a: Tensor, b: Tensor, batch: int) -> tuple[Axis, ...] | None:
    if a.axes is None or b.axes is None or len(a.axes) != len(a.shape.dims) or len(b.axes) != len(b.shape.dims):
        return None
    parts = [
        Tensor(Shape(tensor.shape.dims[:-2]), axes=tensor.axes[:-2]) for tensor in (a, b) if tensor.axes is not None
    ]
    front = broadcast_axes(parts, batch)
    if front is None:
        return None
    return (*front, *(a.axes[-2:-1]), *(b.axes[-1:] if len(b.axes) > 1 else ()))


@shape_rule(
    "torch.matmul",
    "torch.Tensor.matmul",
    "torch.Tensor.__matmul__",
    "torch.linalg.matmul",
    signature="(input: Tensor, other: Tensor, *, out=None)",
)
def matmul(call: Call) -> Tensor:
    return product(call, ("input", call.tensor("input")), ("other", call.tensor("other")))


alias("operator.matmul", "torch.matmul")


@shape_rule("torch.Tensor.__rmatmul__", signature="(input: Tensor, other: Tensor)")
def reflected_matmul(call: Call) -> Tensor:
    return product(call, ("other", call.tensor("other")), ("input", call.tensor("input")))


def of_rank(call: Call, operand: Operand, rank: int, others: Sequence[Operand] = ()) -> Operand:
    """Demand a rank of an operand of a product; where ``@`` takes what this op does not, the complaint goes on with
    that.
    """
    name, tensor = operand

    def complain() -> Complaint:
        complaint = wrong_rank(tensor, str(rank), argument=name)
        operands = [(n, t) for n, t in others if t.shape.rank is not None]
        if len(operands) == 2 and call.name.rpartition(".")[2] in ("bmm", "mm", "mv"):
            added = ", or add a batch axis: `.unsqueeze(0)`" if rank == 3 and tensor.shape.rank == 2 else ""
            complaint.advice = f"use `@` (torch.matmul), which takes any number of dimensions{added}"
            with suppress(Complaint):  # where it fails as a product as well, what was meant is not plain
                complaint.recovery = product(
                    Call(call.name, {}, call.facts.fork(), because=call.because), operands[0], operands[1]
                )
        return complaint

    return name, call.demand_rank(tensor, (rank,), complain)


def matrices(call: Call, left: Operand, right: Operand, *, dtype: str | None = None) -> tuple[Dim, Dim]:
    """``mm`` of two operands: demands two matrices whose inner sizes agree; gives rows and columns."""
    both = (left, right)
    left, right = of_rank(call, left, 2, both), of_rank(call, right, 2, both)
    (a_name, a), (b_name, b) = left, right
    call.demand_equal(
        a.shape.dims[1],
        b.shape.dims[0],
        lambda: inner_mismatch(left, right, -1, -2, Tensor(Shape((a.shape.dims[0], b.shape.dims[1])), a.dtype)),
        (Clash(a_name, 1, a.shape.dims[1]), Clash(b_name, 0, b.shape.dims[0])),
    )
    return a.shape.dims[0], b.shape.dims[1]


@shape_rule("torch.mm", "torch.Tensor.mm", signature="(input: Tensor, mat2: Tensor, *, out=None)")
def mm(call: Call) -> Tensor:
    left, right = ("input", call.tensor("input")), ("mat2", call.tensor("mat2"))
    rows, columns = matrices(call, left, right)
    axes = _product_axes(left[1], right[1], 0)
    return fresh(call, (rows, columns), common_dtype(call, (left, right)), axes=axes, contiguous=True)


def batched(call: Call, left: Operand, right: Operand) -> tuple[Dim, Dim, Dim]:
    """``bmm`` of two operands: batches, rows and columns."""
    both = (left, right)
    left, right = of_rank(call, left, 3, both), of_rank(call, right, 3, both)
    (a_name, a), (b_name, b) = left, right
    batch_clash = (Clash(a_name, 0, a.shape.dims[0]), Clash(b_name, 0, b.shape.dims[0]))
    recovery = Tensor(Shape((a.shape.dims[0], a.shape.dims[1], b.shape.dims[2])), a.dtype)
    batches = call.demand_equal(
        a.shape.dims[0],
        b.shape.dims[0],
        lambda: Complaint(
            "ATN102",
            f"batch sizes differ: {a.shape.dims[0]} and {b.shape.dims[0]}",
            arguments=(a_name, b_name),
            clash=batch_clash,
            advice="bmm does not broadcast; use `@` (torch.matmul) or `expand`"
            if 1 in (a.shape.dims[0], b.shape.dims[0])
            else "",
            recovery=recovery,
        ),
        batch_clash,
    )
    call.demand_equal(
        a.shape.dims[2],
        b.shape.dims[1],
        lambda: inner_mismatch(
            left,
            right,
            -1,
            -2,
            _recovered(
                Shape((a.shape.dims[0],)),
                Shape((a.shape.dims[0],)),
                *_meant(a, b, a.shape.dims[1:2], b.shape.dims[2:]),
                a.dtype,
            ),
        ),
        (Clash(a_name, 2, a.shape.dims[2]), Clash(b_name, 1, b.shape.dims[1])),
    )
    return batches, a.shape.dims[1], b.shape.dims[2]


@shape_rule("torch.bmm", "torch.Tensor.bmm", signature="(input: Tensor, mat2: Tensor, *, out=None)")
def bmm(call: Call) -> Tensor:
    left, right = ("input", call.tensor("input")), ("mat2", call.tensor("mat2"))
    dims = batched(call, left, right)
    axes = _product_axes(left[1], right[1], 1)
    return fresh(call, dims, common_dtype(call, (left, right)), axes=axes, contiguous=True)


@shape_rule("torch.mv", "torch.Tensor.mv", signature="(input: Tensor, vec: Tensor, *, out=None)")
def mv(call: Call) -> Tensor:
    left, right = ("input", call.tensor("input")), ("vec", call.tensor("vec"))
    rows = _matrix_by_vector(call, left, right)
    return fresh(call, (rows,), common_dtype(call, (left, right)), contiguous=True)


def _matrix_by_vector(call: Call, left: Operand, right: Operand) -> Dim:
    both = (left, right)
    left, right = of_rank(call, left, 2, both), of_rank(call, right, 1, both)
    a, b = left[1].shape.dims, right[1].shape.dims
    call.demand_equal(
        a[1], b[0], lambda: inner_mismatch(left, right, -1, -1), (Clash(left[0], 1, a[1]), Clash(right[0], 0, b[0]))
    )
    return a[0]


@shape_rule("torch.dot", "torch.Tensor.dot", signature="(input: Tensor, tensor: Tensor, *, out=None)")
def dot(call: Call) -> Tensor:
    return _dot(call, "tensor")


@shape_rule("torch.vdot", "torch.Tensor.vdot", signature="(input: Tensor, other: Tensor, *, out=None)")
def vdot(call: Call) -> Tensor:
    return _dot(call, "other")


def _dot(call: Call, second: str) -> Tensor:
    left = of_rank(call, ("input", call.tensor("input")), 1)
    right = of_rank(call, (second, call.tensor(second)), 1)
    dtype = common_dtype(call, (left, right))
    a, b = left[1].shape.dims[0], right[1].shape.dims[0]
    call.demand_equal(a, b, lambda: inner_mismatch(left, right, -1, -1), (Clash("input", 0, a), Clash(second, 0, b)))
    return fresh(call, (), dtype)


@shape_rule("torch.inner", "torch.Tensor.inner", signature="(input: Tensor, other: Tensor, *, out=None)")
def inner(call: Call) -> Tensor:
    left, right = ("input", call.tensor("input")), ("other", call.tensor("other"))
    a, b = left[1].shape, right[1].shape
    if a.rank == 0 or b.rank == 0:
        return fresh(call, b if a.rank == 0 else a, result_dtype((left[1], right[1])))
    dtype = common_dtype(call, (left, right))
    if not a.dims or not b.dims:
        return fresh(call, unknown_shape(), dtype)
    call.demand_equal(
        a.dims[-1],
        b.dims[-1],
        lambda: inner_mismatch(left, right, -1, -1),
        (Clash("input", -1, a.dims[-1]), Clash("other", -1, b.dims[-1])),
    )
    if b.rank is None or (a.rank is None and b.rank != 1):
        return fresh(call, unknown_shape(), dtype)
    return fresh(call, Shape((*a.dims[:-1], *b.dims[:-1]), a.rest), dtype)


@shape_rule(
    "torch.outer",
    "torch.Tensor.outer",
    "torch.ger",
    "torch.Tensor.ger",
    signature="(input: Tensor, vec2: Tensor, *, out=None)",
)
def outer(call: Call) -> Tensor:
    _, a = of_rank(call, ("input", call.tensor("input")), 1)
    _, b = of_rank(call, ("vec2", call.tensor("vec2")), 1)
    axes = (*a.axes, *b.axes) if a.axes is not None and b.axes is not None else None
    return fresh(call, (a.shape.dims[0], b.shape.dims[0]), result_dtype((a, b)), axes=axes, contiguous=True)


# --- products that add ------------------------------------------------------------------------------------------------


def _added(call: Call, dims: tuple[Dim, ...], operands: Sequence[Operand]) -> Tensor:
    """``beta * input + alpha * product``: ``input`` must expand to the product; in place it must have its shape."""
    added = ("input", call.tensor("input"))
    dtype = common_dtype(call, (*operands, added))
    expand_into(call, "input", added[1].shape, Shape(dims), target_name="the product")
    if call.inplace:
        if call.name.endswith(".addbmm_"):  # torch 2.13 resizes its receiver
            return replace(added[1], shape=Shape(dims), strides=None)
        expand_into(call, "the product", Shape(dims), added[1].shape, target_name="input")
        return replace(added[1], shape=Shape(dims))
    return fresh(call, dims, dtype, contiguous=True)


_SCALES = "beta: number = 1, alpha: number = 1, out=None"


@shape_rule(
    "torch.addmm",
    "torch.Tensor.addmm",
    "torch.Tensor.addmm_",
    signature=f"(input: Tensor, mat1: Tensor, mat2: Tensor, *, {_SCALES})",
)
def addmm(call: Call) -> Tensor:
    left, right = ("mat1", call.tensor("mat1")), ("mat2", call.tensor("mat2"))
    return _added(call, matrices(call, left, right), (left, right))


@shape_rule(
    "torch.addmv",
    "torch.Tensor.addmv",
    "torch.Tensor.addmv_",
    signature=f"(input: Tensor, mat: Tensor, vec: Tensor, *, {_SCALES})",
)
def addmv(call: Call) -> Tensor:
    left, right = ("mat", call.tensor("mat")), ("vec", call.tensor("vec"))
    return _added(call, (_matrix_by_vector(call, left, right),), (left, right))


@shape_rule(
    "torch.baddbmm",
    "torch.Tensor.baddbmm",
    "torch.Tensor.baddbmm_",
    signature=f"(input: Tensor, batch1: Tensor, batch2: Tensor, *, {_SCALES})",
)
def baddbmm(call: Call) -> Tensor:
    left, right = ("batch1", call.tensor("batch1")), ("batch2", call.tensor("batch2"))
    return _added(call, batched(call, left, right), (left, right))


@shape_rule(
    "torch.addbmm",
    "torch.Tensor.addbmm",
    "torch.Tensor.addbmm_",
    signature=f"(input: Tensor, batch1: Tensor, batch2: Tensor, *, {_SCALES})",
)
def addbmm(call: Call) -> Tensor:
    left, right = ("batch1", call.tensor("batch1")), ("batch2", call.tensor("batch2"))
    return _added(call, batched(call, left, right)[1:], (left, right))


@shape_rule(
    "torch.addr",
    "torch.Tensor.addr",
    "torch.Tensor.addr_",
    signature=f"(input: Tensor, vec1: Tensor, vec2: Tensor, *, {_SCALES})",
)
def addr(call: Call) -> Tensor:
    left = of_rank(call, ("vec1", call.tensor("vec1")), 1)
    right = of_rank(call, ("vec2", call.tensor("vec2")), 1)
    added = call.tensor("input")
    dims = (left[1].shape.dims[0], right[1].shape.dims[0])
    expand_into(call, "input", added.shape, Shape(dims), target_name="the product")
    if call.inplace:
        expand_into(call, "the product", Shape(dims), added.shape, target_name="input")
        return added
    return fresh(call, dims, result_dtype((added, left[1], right[1])))
