"""Running values and differences along an axis: ``cumsum``, ``cumprod``, ``diff``, ``trapezoid``, ``gradient``."""

from __future__ import annotations

from attnlint.algebra import Answer, Dim, Shape, maximum
from attnlint.frozen import replace
from attnlint.ops.axis_arguments import given_axes, locate, locate_one, replaced, wrong_rank
from attnlint.ops.broadcast import broadcast
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.promotion import float_result, is_integral, result_dtype
from attnlint.ops.reductions import reduced_dtype
from attnlint.ops.registry import shape_rule
from attnlint.ops.results import dtype_argument, fresh, is_plain, refuse, unknown_shape
from attnlint.values import ListValue, Tensor, Value


@shape_rule(
    "torch.cumsum",
    "torch.Tensor.cumsum",
    "torch.Tensor.cumsum_",
    "torch.cumprod",
    "torch.Tensor.cumprod",
    "torch.Tensor.cumprod_",
    signature="(input, dim: int, *, dtype=None, out=None)",
)
def running_sum(call: Call) -> Value:
    """The sum or product so far; whole numbers become int64."""
    tensor = checked_axis(call, call.tensor("input"))
    dtype = dtype_argument(call, reduced_dtype("whole", tensor.dtype))
    if call.inplace:
        return replace(tensor, elements=None)
    return fresh(call, tensor.shape, dtype, like=tensor, axes=tensor.axes, contiguous=is_plain(tensor))


@shape_rule("torch.logcumsumexp", "torch.Tensor.logcumsumexp", signature="(input, dim: int, *, out=None)")
def running_logsumexp(call: Call) -> Value:
    """The logarithm of the running sum of exponentials."""
    tensor = checked_axis(call, call.tensor("input"))
    refuse(tensor, "bool integer")
    return fresh(call, tensor.shape, tensor.dtype, like=tensor, axes=tensor.axes, contiguous=is_plain(tensor))


def checked_axis(call: Call, tensor: Tensor, name: str = "dim") -> Tensor:
    """The tensor, when the axis argument is in range or not known."""
    try:
        axes = given_axes(call, name)
        return locate(call, tensor, axes, argument=name)[0] if axes else tensor
    except CannotTell:
        return tensor


@shape_rule(
    "torch.diff",
    "torch.Tensor.diff",
    signature="(input, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None, *,"
    " out=None)",
)
def diff(call: Call) -> Value:
    """The n-th difference along an axis, which gets shorter by ``n``."""
    tensor = call.tensor("input")
    if tensor.shape.rank == 0:
        raise wrong_rank(tensor, "1 or more")
    try:
        tensor, place = locate_one(call, tensor, call.integer("dim"))
        n = call.dim("n")
    except CannotTell:
        return fresh(call, unknown_shape(), tensor.dtype, like=tensor)
    if place is None:
        raise CannotTell("the input has no axis")
    if isinstance(n, int) and n == 0:
        return tensor
    length = tensor.shape.dims[place]
    for name in ("prepend", "append"):
        if call[name] is not None:
            length = length + _fitting_edge(call, tensor, place, name)
    size = maximum(length - n, 0) if call.facts.at_least(length, n) is not Answer.YES else length - n
    return fresh(call, Shape(replaced(tensor.shape.dims, place, size), tensor.shape.rest), tensor.dtype, like=tensor)


def _fitting_edge(call: Call, tensor: Tensor, place: int, name: str) -> Dim:
    edge = call.tensor(name)
    if tensor.shape.rank is None or edge.shape.rank is None:
        raise CannotTell("an operand has an unknown number of dimensions")
    if edge.shape.rank != tensor.shape.rank:
        raise wrong_rank(edge, f"{tensor.shape.rank} as the input", argument=name)
    for axis, (size, wanted) in enumerate(zip(edge.shape.dims, tensor.shape.dims, strict=True)):
        if axis != place:
            demand_fit(call, name, axis, size, "input", axis, wanted, code="ATN108")
    return edge.shape.dims[place]


def demand_fit(
    call: Call, name: str, axis: int, size: Dim, other: str, other_axis: int, wanted: Dim, *, code: str = "ATN106"
) -> Dim:
    """Demand that two axes of two operands have one size."""
    clash = (Clash(name, axis, size), Clash(other, other_axis, wanted))

    def complain() -> Complaint:
        text = f"axis {axis} of {name} is {size} but axis {other_axis} of {other} is {wanted}"
        return Complaint(code, text, arguments=(name, other), clash=clash)

    return call.demand_equal(size, wanted, complain, clash)


@shape_rule(
    "torch.trapezoid",
    "torch.trapz",
    "torch.cumulative_trapezoid",
    signature=("(y, x: Tensor, *, dim: int = -1)", "(y, *, dx=1, dim: int = -1)"),
)
def trapezoid(call: Call) -> Value:
    """The integral along an axis by the trapezoidal rule, whole or running."""
    tensor, place = locate_one(call, call.tensor("y"), call.integer("dim"))
    if place is None:
        raise CannotTell("the input has no axis")
    dims, rest = tensor.shape.dims, tensor.shape.rest
    before: tuple[Tensor, ...] = (tensor,)
    if call.overload == 0:
        spacing = call.tensor("x")
        before = (tensor, spacing)
        if spacing.shape.rank != 1 or tensor.shape.rank is None:
            whole = broadcast(call, [("y", tensor), ("x", spacing)])
            if whole.rank is None or tensor.shape.rank is None or whole.rank != tensor.shape.rank:
                return fresh(call, unknown_shape(), float_result(result_dtype(before)), like=tensor)
            dims = whole.dims
        else:
            demand_fit(call, "x", 0, spacing.shape.dims[0], "y", place, dims[place])
    dtype = float_result(result_dtype(before))
    if call.name.endswith("cumulative_trapezoid"):
        shorter = maximum(dims[place] - 1, 0) if isinstance(dims[place], int) else dims[place] - 1
        return fresh(call, Shape(replaced(dims, place, shorter), rest), dtype, like=tensor)
    return fresh(call, Shape((*dims[:place], *dims[place + 1 :]), rest), dtype, like=tensor)


@shape_rule("torch.gradient", signature="(input, *, spacing=1, dim: int | ints | None = None, edge_order=1)")
def gradient(call: Call) -> Value:
    """The numerical gradient along each axis: a list of tensors of the input's shape."""
    tensor = call.tensor("input")
    axes = given_axes(call)
    if axes is None:
        if tensor.shape.rank is None:
            raise CannotTell("the number of dimensions is not known")
        axes = tuple(range(tensor.shape.rank))
    tensor, places = locate(call, tensor, axes)
    order = call["edge_order"]
    if isinstance(order, int):
        for place in places:
            if call.facts.at_least(tensor.shape.dims[place], order + 1) is Answer.NO:
                raise Complaint(
                    "ATN107",
                    f"axis {place} has size {tensor.shape.dims[place]}, which is less than {order + 1}",
                    arguments=("input",),
                    clash=(Clash("input", place, tensor.shape.dims[place]),),
                )
    dtype = tensor.dtype
    spacing = call["spacing"]
    if isinstance(spacing, tuple | ListValue):
        given = call.as_sequence(spacing, "spacing")
        if len(given) != len(places):
            text = f"spacing has {len(given)} items for {len(places)} axes"
            raise Complaint("ATN107", text, arguments=("spacing",))
    if dtype is not None and is_integral(dtype):
        dtype = float_result(dtype)
    return ListValue([fresh(call, tensor.shape, dtype, like=tensor, axes=tensor.axes) for _ in places])
