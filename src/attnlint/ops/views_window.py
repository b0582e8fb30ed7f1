"""Parts of an axis as views: ``narrow``, ``unfold`` (sliding windows), ``as_strided``."""

from __future__ import annotations

from attnlint.algebra import Answer, Dim, Shape, floor_divide
from attnlint.ops.axis_arguments import locate_one, replaced
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.registry import shape_rule
from attnlint.ops.sizes import size_items, size_or_symbol, sizes
from attnlint.ops.views import of_unknown_rank, viewed, whole_axes
from attnlint.values import Tensor, Value


@shape_rule(
    "torch.narrow",
    "torch.Tensor.narrow",
    "torch.narrow_copy",
    "torch.Tensor.narrow_copy",
    signature="(input: Tensor, dim: int, start: int | Tensor, length: int)",
)
def narrow(call: Call) -> Tensor:
    """``length`` elements of an axis, from ``start`` on; it never cuts short as a slice does."""
    tensor, axis = call.tensor("input"), call.integer("dim")
    if tensor.shape.rank is None and axis >= 0:
        return of_unknown_rank(tensor)
    if tensor.shape.rank == 0:
        raise Complaint("ATN107", "a tensor without axes has none to narrow", arguments=("dim",), about_rank=True)
    tensor, place = locate_one(call, tensor, axis)
    assert place is not None
    size = tensor.shape.dims[place]
    length = size_or_symbol(call, call["length"])
    start = _start(call, call["start"])
    if call.facts.at_least(length, 0) is Answer.NO:
        raise Complaint("ATN116", f"negative length {length}", arguments=("length",))
    if start is not None:
        _demand_inside(call, start, length, size, place)
    strides = None if call.name.endswith("copy") else tensor.strides
    dims = Shape(replaced(tensor.shape.dims, place, length), tensor.shape.rest)
    return viewed(tensor, dims, strides, tensor.axes)


def _start(call: Call, value: Value) -> Dim | None:
    try:
        return call.as_dim(value)
    except CannotTell:
        return None


def _demand_inside(call: Call, start: Dim, length: Dim, size: Dim, place: int) -> None:
    facts = call.facts
    if isinstance(start, int) and start < 0:
        start = start + size
    end = facts.normal(start + length)
    if facts.at_least(size, end) is Answer.NO or facts.at_least(start, 0) is Answer.NO:
        raise Complaint(
            "ATN116",
            f"elements {start} to {end} of an axis of size {size}",
            arguments=("start", "length", "input"),
            clash=(Clash("input", place, size),),
            advice="start + length must not pass the end of the axis",
        )


@shape_rule(
    "torch.Tensor.unfold", "torch.unfold_copy", signature="(input: Tensor, dimension: int, size: int, step: int)"
)
def unfold(call: Call) -> Tensor:
    """Windows of ``size`` elements, every ``step``: their number takes the place of the axis, their
    elements come last.
    """
    tensor, axis = call.tensor("input"), call.integer("dimension")
    if tensor.shape.rank is None and axis >= 0:
        return of_unknown_rank(tensor)
    tensor, place = locate_one(call, tensor, axis, argument="dimension")
    window, step = size_or_symbol(call, call["size"]), size_or_symbol(call, call["step"])
    length: Dim = 1 if place is None else tensor.shape.dims[place]
    if call.facts.at_least(window, 0) is Answer.NO or call.facts.at_least(length, window) is Answer.NO:
        raise Complaint(
            "ATN116",
            f"windows of {window} elements on an axis of size {length}",
            arguments=("size", "input"),
            clash=(Clash("input", place, length),),
        )
    if call.facts.at_least(step, 1) is Answer.NO:
        raise Complaint("ATN116", f"a step of {step}", arguments=("step",), advice="the step must be 1 or more")
    if place is None:
        return viewed(tensor, (window,), (1,))
    count = floor_divide(call.facts.normal(length - window), step) + 1
    strides = None
    if tensor.strides is not None and len(tensor.strides) == len(tensor.shape.dims) and not call.name.endswith("copy"):
        strides = (*replaced(tensor.strides, place, tensor.strides[place] * step), tensor.strides[place])
    axes = whole_axes(tensor)
    if axes is not None:
        axes = (*axes, axes[place])
    return viewed(tensor, Shape((*replaced(tensor.shape.dims, place, count), window), tensor.shape.rest), strides, axes)


@shape_rule(
    "torch.as_strided",
    "torch.Tensor.as_strided",
    "torch.Tensor.as_strided_",
    "torch.as_strided_copy",
    signature="(input: Tensor, size: ints, stride: ints, storage_offset: int = None)",
)
def as_strided(call: Call) -> Tensor:
    """Any shape and strides on the storage.

    What lies in the storage outside the tensor is not known: no bounds are checked.
    """
    tensor = call.tensor("input")
    dims = sizes(call, "size")
    strides = tuple(size_or_symbol(call, item) for item in size_items(call, "stride"))
    if len(dims) != len(strides):
        raise Complaint("ATN105", f"{len(dims)} sizes but {len(strides)} strides", arguments=("size", "stride"))
    if any(isinstance(stride, int) and stride < 0 for stride in strides):
        raise Complaint("ATN105", "strides must not be negative", arguments=("stride",))
    return viewed(tensor, dims, None if call.name.endswith("copy") else strides)
