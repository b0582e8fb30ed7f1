"""``linalg.norm`` and ``linalg.matrix_norm``: over one axis a vector norm, over two a matrix norm."""

from __future__ import annotations

from attnlint.ops.axis_arguments import demand_least_rank, given_axes
from attnlint.ops.call import Call
from attnlint.ops.complaint import Complaint
from attnlint.ops.promotion import to_real
from attnlint.ops.reductions import reduced
from attnlint.ops.registry import shape_rule
from attnlint.ops.results import dtype_argument, fresh, refuse
from attnlint.values import Tensor, Value


def _norm(call: Call, tensor: Tensor, axes: tuple[int, ...] | None) -> Value:
    dtype = dtype_argument(call, tensor.dtype)
    shape, history, _ = reduced(call, tensor, axes)
    return fresh(call, shape, dtype and to_real(dtype), like=tensor, axes=history)


@shape_rule(
    "torch.linalg.norm",
    signature="(A, ord=None, dim: int | ints | None = None, keepdim: bool = False, *, out=None, dtype=None)",
)
def norm(call: Call) -> Value:
    """Of all elements, or of vectors or matrices along axes."""
    tensor = call.tensor("A")
    refuse(tensor, "bool integer", argument="A")
    axes = given_axes(call)
    rank = tensor.shape.rank
    if axes is None and call["ord"] is not None and rank not in (None, 1, 2):
        raise Complaint(
            "ATN103",
            f"with ord and without dim the input has 1 or 2 dimensions, not {rank}",
            arguments=("A",),
            advice="name the axes with dim",
            about_rank=True,
        )
    return _norm(call, tensor, axes)


@shape_rule(
    "torch.linalg.matrix_norm",
    signature="(A, ord='fro', dim: ints = (-2, -1), keepdim: bool = False, *, out=None, dtype=None)",
)
def matrix_norm(call: Call) -> Value:
    """Of matrices that lie along two axes."""
    tensor = demand_least_rank(call, call.tensor("A"), 2, argument="A")
    refuse(tensor, "bool integer", argument="A")
    axes = given_axes(call)
    if axes is not None and len(axes) != 2:
        raise Complaint("ATN107", f"a matrix norm over {len(axes)} axes, not 2", arguments=("dim",))
    return _norm(call, tensor, axes)
