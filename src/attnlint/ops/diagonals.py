"""Diagonals and triangles of matrices: ``tril``, ``triu``, ``diag``, ``diag_embed``, ``trace``, ``block_diag``, ..."""

from __future__ import annotations

from attnlint.algebra import Dim, Expression, Shape, maximum, minimum
from attnlint.frozen import replace
from attnlint.ops.axis_arguments import demand_least_rank, wrong_rank
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Complaint
from attnlint.ops.cumulative import demand_fit
from attnlint.ops.pointwise_unary import elementwise
from attnlint.ops.promotion import is_integral, result_dtype
from attnlint.ops.reductions import reduced_dtype
from attnlint.ops.registry import shape_rule
from attnlint.ops.results import fresh, refuse, unknown_shape
from attnlint.values import Tensor, Value


@shape_rule(
    "torch.tril",
    "torch.Tensor.tril",
    "torch.Tensor.tril_",
    "torch.triu",
    "torch.Tensor.triu",
    "torch.Tensor.triu_",
    signature="(input, diagonal=0, *, out=None)",
)
def triangle(call: Call) -> Value:
    """One triangle of the matrices, zeros elsewhere."""
    tensor = demand_least_rank(call, call.tensor("input"), 2)
    if call.inplace:
        return replace(tensor, elements=None)
    return fresh(call, tensor.shape, tensor.dtype, like=tensor, axes=tensor.axes)


def diagonal_length(rows: Dim, columns: Dim, offset: Dim) -> Dim:
    """The number of elements of the diagonal that is ``offset`` above the main one."""
    if isinstance(offset, Expression):
        raise CannotTell("the offset of the diagonal is not a known integer")
    length = minimum(rows, columns - offset) if offset >= 0 else minimum(rows + offset, columns)
    return maximum(length, 0) if isinstance(length, int) or offset else length


@shape_rule("torch.diag", "torch.Tensor.diag", signature="(input, diagonal=0, *, out=None)")
def diag(call: Call) -> Value:
    """The matrix with this diagonal, or the diagonal of this matrix."""
    tensor = call.tensor("input")
    rank = tensor.shape.rank
    if rank is None:
        return fresh(call, unknown_shape(), tensor.dtype, like=tensor)
    offset = call.dim("diagonal")
    if rank == 1:
        return _square(call, tensor, tensor.shape.dims[0], offset)
    if rank == 2:
        rows, columns = tensor.shape.dims
        return fresh(call, (diagonal_length(rows, columns, offset),), tensor.dtype, like=tensor)
    raise wrong_rank(tensor, "1 or 2", advice="`torch.diagonal` and `torch.diag_embed` work on batches")


def _square(call: Call, tensor: Tensor, length: Dim, offset: Dim) -> Value:
    if isinstance(offset, Expression):
        raise CannotTell("the offset of the diagonal is not a known integer")
    size = length + abs(offset)
    return fresh(call, (size, size), tensor.dtype, like=tensor)


@shape_rule("torch.diagflat", "torch.Tensor.diagflat", signature="(input, offset=0)")
def diagflat(call: Call) -> Value:
    """The matrix with all elements of the input on its diagonal."""
    tensor = call.tensor("input")
    length = tensor.shape.numel()
    if length is None:
        raise CannotTell("the number of dimensions is not known")
    return _square(call, tensor, length, call.dim("offset"))


@shape_rule("torch.diag_embed", "torch.Tensor.diag_embed", signature="(input, offset=0, dim1=-2, dim2=-1)")
def diag_embed(call: Call) -> Value:
    """Matrices whose diagonals are the last axis of the input."""
    tensor = call.tensor("input")
    if tensor.shape.rank is None:
        raise CannotTell("the number of dimensions is not known")
    if tensor.shape.rank == 0:
        raise wrong_rank(tensor, "1 or more")
    offset = call.dim("offset")
    if isinstance(offset, Expression):
        raise CannotTell("the offset of the diagonal is not a known integer")
    first, second = _two_axes(call, tensor.shape.rank, extra=1)
    *batch, length = tensor.shape.dims
    dims = list(batch)
    for place in sorted((first, second)):
        dims.insert(place, length + abs(offset))
    return fresh(call, dims, tensor.dtype, like=tensor)


def _two_axes(call: Call, rank: int, *, extra: int = 0) -> tuple[int, int]:
    axes = [call.axis(call.integer(name), rank, argument=name, extra=extra) for name in ("dim1", "dim2")]
    if axes[0] == axes[1]:
        raise Complaint("ATN107", f"dim1 and dim2 are the same axis {axes[0]}", arguments=("dim1", "dim2"))
    return axes[0], axes[1]


def diagonal_shape(call: Call, tensor: Tensor) -> Shape:
    """The shape of the diagonals over two axes: the other axes, and the diagonal last."""
    if tensor.shape.rank is None:
        raise CannotTell("the number of dimensions is not known")
    first, second = _two_axes(call, tensor.shape.rank)
    dims = tensor.shape.dims
    length = diagonal_length(dims[first], dims[second], call.dim("offset"))
    return Shape((*(dim for place, dim in enumerate(dims) if place not in (first, second)), length))


@shape_rule(
    "torch.diagonal_scatter",
    "torch.Tensor.diagonal_scatter",
    signature="(input, src, offset=0, dim1=0, dim2=1)",
)
def diagonal_scatter(call: Call) -> Value:
    """The input with one diagonal replaced by ``src``."""
    tensor, source = call.tensor("input"), call.tensor("src")
    wanted = diagonal_shape(call, tensor)
    if source.shape.rank is not None:
        if source.shape.rank != wanted.rank:
            raise wrong_rank(source, f"{wanted.rank} as the diagonal", argument="src")
        for axis, (size, other) in enumerate(zip(source.shape.dims, wanted.dims, strict=True)):
            demand_fit(call, "src", axis, size, "the diagonal", axis, other)
    return fresh(call, tensor.shape, tensor.dtype, like=tensor, axes=tensor.axes)


@shape_rule("torch.trace", "torch.Tensor.trace", signature="(input)")
def trace(call: Call) -> Value:
    """The sum of the diagonal of one matrix."""
    tensor = call.tensor("input")
    tensor = call.demand_rank(tensor, (2,), lambda: wrong_rank(tensor, "2"))
    refuse(tensor, "bool")
    return fresh(call, (), reduced_dtype("whole", tensor.dtype), like=tensor)


@shape_rule("torch.Tensor.fill_diagonal_", signature="(input, fill_value, wrap=False)")
def fill_diagonal(call: Call) -> Value:
    """Write one number onto the diagonal."""
    return elementwise(call, demand_least_rank(call, call.tensor("input"), 2), None)


@shape_rule("torch.block_diag", signature="(*tensors)")
def block_diag(call: Call) -> Value:
    """One matrix from matrices along its diagonal; a vector counts as one row, a number as one element."""
    rows: Dim = 0
    columns: Dim = 0
    tensors = [call.as_tensor(value, "tensors") for value in call.sequence("tensors")]
    for index, tensor in enumerate(tensors):
        dims = call.known_rank(tensor)
        if len(dims) > 2:
            raise wrong_rank(tensor, "2 or less", argument=f"tensors[{index}]")
        height, width = (1,) * (2 - len(dims)) + dims
        rows, columns = rows + height, columns + width
    return fresh(
        call, (rows, columns), result_dtype(tensors) if tensors else None, like=tensors[0] if tensors else None
    )


@shape_rule("torch.vander", "torch.linalg.vander", signature=("(x, N=None, increasing=False)", "(x, *, N=None)"))
def vander(call: Call) -> Value:
    """The powers of each element in a row."""
    tensor = call.tensor("x")
    if call["N"] is None:
        tensor = demand_least_rank(call, tensor, 1, argument="x")
    if call.name == "torch.vander" and tensor.shape.rank not in (None, 1):
        raise wrong_rank(tensor, "1", argument="x")
    dims = tensor.shape.dims or (() if tensor.shape.rank is None else (1,))
    length = dims[-1] if call["N"] is None else call.dim("N")
    dtype = tensor.dtype
    if dtype is not None and is_integral(dtype) and not dtype.startswith("uint"):
        dtype = "int64"
    return fresh(call, Shape((*dims, length), tensor.shape.rest), dtype, like=tensor)


@shape_rule(
    "torch.diagonal",
    "torch.Tensor.diagonal",
    "torch.diagonal_copy",
    signature="(input, offset=0, dim1: int = 0, dim2: int = 1)",
)
def diagonal(call: Call) -> Value:
    """The diagonals over two axes, as a new last axis."""
    tensor = call.tensor("input")
    return fresh(call, diagonal_shape(call, tensor), tensor.dtype, like=tensor)


@shape_rule("torch.linalg.diagonal", signature="(A, *, offset=0, dim1: int = -2, dim2: int = -1)")
def matrix_diagonal(call: Call) -> Value:
    """The diagonals of the matrices of a batch."""
    tensor = call.tensor("A")
    return fresh(call, diagonal_shape(call, tensor), tensor.dtype, like=tensor)
