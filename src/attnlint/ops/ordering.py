"""What depends on the order of values: ``max`` and ``min`` along an axis, ``median``, ``sort``, ``topk``,
``quantile``, ...

Most return two tensors, the values and where they were, as a tuple with the names ``values`` and ``indices``.
"""

from __future__ import annotations

from contextlib import suppress

from attnlint.algebra import Answer, Shape
from attnlint.frozen import replace
from attnlint.ops.axis_arguments import demand_not_empty, given_axes, locate_one, replaced
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.cumulative import checked_axis
from attnlint.ops.known_elements import folded, sorted_elements
from attnlint.ops.pointwise_binary import elementwise_binary
from attnlint.ops.reductions import reduced
from attnlint.ops.registry import shape_rule
from attnlint.ops.results import dtype_kind, fresh, is_plain, named, refuse, unknown_shape
from attnlint.values import Axis, NamedTuple, Tensor, Value


def _values_and_indices(
    call: Call, tensor: Tensor, shape: Shape, axes: tuple[Axis, ...] | None, *, name: str = ""
) -> Value:
    contiguous = is_plain(tensor)
    return named(
        call,
        name or call.name.rpartition(".")[2],
        values=fresh(call, shape, tensor.dtype, like=tensor, axes=axes, contiguous=contiguous, out=""),
        indices=fresh(call, shape, "int64", like=tensor, axes=axes, contiguous=contiguous, out=""),
    )


def _along(call: Call, tensor: Tensor, *, name: str = "") -> Value:
    """The reduction of one axis to a value and an index."""
    shape, axes, places = reduced(call, tensor, given_axes(call))
    demand_not_empty(call, tensor, places, "the reduction")
    return _values_and_indices(call, tensor, shape, axes, name=name)


def _whole(call: Call, tensor: Tensor, refused: str = "") -> Value:
    refuse(tensor, refused)
    return fresh(call, (), tensor.dtype, like=tensor)


WHOLE = "(input, *, out=None)"
ALONG = "(input, dim: int, keepdim: bool = False, *, out=None)"
OTHER = "(input, other: Tensor, *, out=None)"


@shape_rule("torch.max", "torch.Tensor.max", "torch.min", "torch.Tensor.min", signature=(WHOLE, OTHER, ALONG))
def extreme(call: Call) -> Value:
    """Of all elements, along an axis, or of two tensors."""
    if call.overload == 1:
        return elementwise_binary(call, refused="complex")
    tensor = call.tensor("input")
    refuse(tensor, "complex")
    if call.overload == 2:
        return _along(call, tensor)
    if tensor.shape.rank is not None:
        demand_not_empty(call, tensor, range(tensor.shape.rank), "the reduction")
    result = _whole(call, tensor)
    if tensor.elements is None or not isinstance(result, Tensor):
        return result
    return folded(call.name.rpartition(".")[2], tensor, result)


@shape_rule(
    "torch.median", "torch.Tensor.median", "torch.nanmedian", "torch.Tensor.nanmedian", signature=(WHOLE, ALONG)
)
def median(call: Call) -> Value:
    """The middle value, of all elements or along an axis."""
    tensor = call.tensor("input")
    refuse(tensor, "bool complex")
    return _along(call, tensor) if call.overload == 1 else _whole(call, tensor)


@shape_rule("torch.mode", "torch.Tensor.mode", signature="(input, dim: int = -1, keepdim: bool = False, *, out=None)")
def mode(call: Call) -> Value:
    """The most frequent value."""
    tensor = call.tensor("input")
    if tensor.shape.rank != 0:
        refuse(tensor, "complex")
    return _along(call, tensor)


@shape_rule(
    "torch.kthvalue",
    "torch.Tensor.kthvalue",
    signature="(input, k: int, dim: int = -1, keepdim: bool = False, *, out=None)",
)
def kthvalue(call: Call) -> Value:
    """The k-th smallest value along an axis."""
    tensor = call.tensor("input")
    refuse(tensor, "bool complex")
    _demand_so_many(call, tensor)
    return _along(call, tensor)


def _demand_so_many(call: Call, tensor: Tensor, *, least: int = 1) -> None:
    """Demand that the axis has ``k`` elements."""
    try:
        k = call.dim("k")
        tensor, place = locate_one(call, tensor, call.integer("dim"))
    except CannotTell:
        return
    size = 1 if place is None else tensor.shape.dims[place]
    if call.facts.at_least(k, least) is Answer.NO or call.facts.at_least(size, k) is Answer.NO:
        raise Complaint(
            "ATN107",
            f"k is {k} but axis {0 if place is None else place} has {size} element{'s' * (size != 1)}",
            arguments=("input", "k"),
            clash=(Clash("input", place, size), Clash("k", None, k)),
            advice="use a k that is no larger than the axis",
        )


@shape_rule(
    "torch.topk",
    "torch.Tensor.topk",
    signature="(input, k: int, dim: int = -1, largest=True, sorted=True, *, out=None)",
)
def topk(call: Call) -> Value:
    """The k largest values along an axis."""
    tensor = call.tensor("input")
    refuse(tensor, "bool complex")
    _demand_so_many(call, tensor, least=0)
    try:
        tensor, place = locate_one(call, tensor, call.integer("dim"))
    except CannotTell:
        return _values_and_indices(call, tensor, unknown_shape(), None)
    if place is None:
        return _values_and_indices(call, tensor, tensor.shape, tensor.axes)
    try:
        k = call.dim("k")
    except CannotTell:
        k = call.fresh("k")
    shape = Shape(replaced(tensor.shape.dims, place, k), tensor.shape.rest)
    return _values_and_indices(call, tensor, shape, tensor.axes)


SORT = ("(input, dim: int = -1, descending: bool = False, stable: bool = False, *, out=None)",)


@shape_rule("torch.sort", "torch.Tensor.sort", signature=SORT)
def sort(call: Call) -> Value:
    """Sort along an axis."""
    tensor = _sorted_tensor(call)
    result = _values_and_indices(call, tensor, tensor.shape, tensor.axes)
    known = sorted_elements(tensor, call.flag("descending"), stable=call.flag("stable") is True)
    if known is None or not isinstance(result, NamedTuple) or call.arguments.get("out") is not None:
        return result
    values, indices = result.values
    return replace(result, values=(replace(values, elements=known[0]), replace(indices, elements=known[1])))


@shape_rule("torch.argsort", "torch.Tensor.argsort", signature=SORT)
def argsort(call: Call) -> Value:
    """The indices that sort along an axis."""
    tensor = _sorted_tensor(call)
    result = fresh(call, tensor.shape, "int64", like=tensor, axes=tensor.axes)
    known = sorted_elements(tensor, call.flag("descending"), stable=call.flag("stable") is True)
    return result if known is None else replace(result, elements=known[1])


def _sorted_tensor(call: Call) -> Tensor:
    tensor = call.tensor("input")
    refuse(tensor, "complex")
    with suppress(CannotTell):
        tensor, _ = locate_one(call, tensor, call.integer("dim"))
    return tensor


@shape_rule("torch.msort", "torch.Tensor.msort", signature="(input, *, out=None)")
def msort(call: Call) -> Value:
    """Sort along the first axis."""
    tensor = call.tensor("input")
    refuse(tensor, "complex")
    return fresh(call, tensor.shape, tensor.dtype, like=tensor, axes=tensor.axes)


@shape_rule(
    "torch.cummax",
    "torch.Tensor.cummax",
    "torch.cummin",
    "torch.Tensor.cummin",
    signature="(input, dim: int, *, out=None)",
)
def running_extreme(call: Call) -> Value:
    """The largest or smallest value so far."""
    tensor = call.tensor("input")
    if not any(isinstance(size, int) and size == 0 for size in tensor.shape.dims):
        tensor = checked_axis(call, tensor)
        if tensor.shape.rank != 0:
            refuse(tensor, "complex")
    return _values_and_indices(call, tensor, tensor.shape, tensor.axes)


@shape_rule(
    "torch.aminmax",
    "torch.Tensor.aminmax",
    signature="(input, *, dim: int | None = None, keepdim: bool = False, out=None)",
)
def aminmax(call: Call) -> Value:
    """The smallest and the largest value."""
    tensor = call.tensor("input")
    refuse(tensor, "complex")
    shape, axes, places = reduced(call, tensor, given_axes(call))
    demand_not_empty(call, tensor, places, "the reduction")
    value = fresh(call, shape, tensor.dtype, like=tensor, axes=axes, out="")
    return named(call, "aminmax", min=value, max=value)


@shape_rule(
    "torch.quantile",
    "torch.Tensor.quantile",
    "torch.nanquantile",
    "torch.Tensor.nanquantile",
    signature="(input, q: operand, dim: int | None = None, keepdim: bool = False, *, interpolation='linear', out=None)",
)
def quantile(call: Call) -> Value:
    """Quantiles along an axis; several of them make a new first axis."""
    tensor = call.tensor("input")
    if dtype_kind(tensor.dtype) not in (None, "float") or tensor.dtype in ("float16", "bfloat16"):
        raise Complaint(
            "ATN115",
            f"the input must be float32 or float64, not {tensor.dtype}",
            arguments=("input",),
            advice="convert it first, with `.float()`",
            about_rank=True,
        )
    shape, _, places = reduced(call, tensor, given_axes(call))
    demand_not_empty(call, tensor, places, "the quantile")
    q = call["q"]
    if isinstance(q, float | int):
        return fresh(call, shape, tensor.dtype, like=tensor)
    quantiles = call.tensor("q").shape
    if quantiles.rank is None:
        return fresh(call, unknown_shape(), tensor.dtype, like=tensor)
    if quantiles.rank > 1:
        raise Complaint("ATN103", f"q has {quantiles.rank} dimensions, not 0 or 1", arguments=("q",), about_rank=True)
    if quantiles.rank == 1 and shape.rank is None:
        return fresh(call, unknown_shape(), tensor.dtype, like=tensor)
    return fresh(call, Shape((*quantiles.dims, *shape.dims), shape.rest), tensor.dtype, like=tensor)
