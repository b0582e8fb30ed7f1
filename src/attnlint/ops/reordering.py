"""Elements in another order along axes: ``flip``, ``roll``, ``rot90``."""

from __future__ import annotations

from contextlib import suppress

from attnlint.algebra import Expression, Shape
from attnlint.ops.axis_arguments import given_axes, locate, wrong_rank
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Complaint
from attnlint.ops.registry import shape_rule
from attnlint.ops.results import fresh, is_plain, unknown_shape
from attnlint.values import ListValue, NamedTuple, Repeated, Tensor, Unknown, Value


def _moved(call: Call, tensor: Tensor) -> Value:
    return fresh(call, tensor.shape, tensor.dtype, like=tensor, axes=tensor.axes, contiguous=is_plain(tensor))


@shape_rule("torch.flip", signature="(input, dims: ints)")
def flip(call: Call) -> Value:
    """Reverse the order along axes."""
    tensor = call.tensor("input")
    with suppress(CannotTell):
        axes = given_axes(call, "dims")
        tensor, _ = locate(call, tensor, axes or (), argument="dims")
    return _moved(call, tensor)


@shape_rule("torch.Tensor.flip", signature="(input, *dims)")
def flip_method(call: Call) -> Value:
    """``x.flip(0, 1)`` or ``x.flip((0, 1))``."""
    return flip(call)


@shape_rule("torch.fliplr", "torch.Tensor.fliplr", "torch.flipud", "torch.Tensor.flipud", signature="(input)")
def flip_matrix(call: Call) -> Value:
    """Reverse the columns (``fliplr``) or the rows (``flipud``)."""
    tensor = call.tensor("input")
    least = 2 if call.name.endswith("fliplr") else 1
    if tensor.shape.rank is not None and tensor.shape.rank < least:
        raise wrong_rank(tensor, f"{least} or more")
    return _moved(call, tensor)


@shape_rule("torch.roll", "torch.Tensor.roll", signature="(input, shifts: int | ints, dims: int | ints = ())")
def roll(call: Call) -> Value:
    """Shift along axes, what falls off comes in on the other side; without axes, over the flattened tensor."""
    tensor = call.tensor("input")
    shifts = call["shifts"]
    if isinstance(shifts, Unknown | Repeated):
        return _moved(call, tensor)
    several = isinstance(shifts, tuple | ListValue | NamedTuple)
    count = len(call.as_sequence(shifts, "shifts")) if several else 1
    axes = given_axes(call, "dims") or ()
    if count == 0:
        raise Complaint("ATN107", "shifts is empty", arguments=("shifts",))
    if count != len(axes) and not (count == 1 and not axes):
        raise Complaint(
            "ATN107",
            f"{count} shift{'s' * (count != 1)} for {len(axes)} axes",
            arguments=("shifts", "dims"),
            advice="give one shift an axis",
        )
    if axes and tensor.shape.rank == 0:
        raise Complaint("ATN107", f"axis {axes[0]} of a tensor without axes", arguments=("dims",), about_rank=True)
    with suppress(CannotTell):
        tensor, _ = locate(call, tensor, axes, argument="dims", distinct=False)
    return _moved(call, tensor)


@shape_rule("torch.rot90", "torch.Tensor.rot90", signature="(input, k=1, dims: ints = (0, 1))")
def rot90(call: Call) -> Value:
    """Turn by right angles in the plane of two axes."""
    tensor = call.tensor("input")
    axes = given_axes(call, "dims") or ()
    if len(axes) != 2:
        raise Complaint("ATN107", f"{len(axes)} axes, not 2", arguments=("dims",))
    rank = tensor.shape.rank
    if rank is not None and rank < 2:
        raise wrong_rank(tensor, "2 or more")
    turns = call.dim("k")
    try:
        tensor, (first, second) = locate(call, tensor, axes, argument="dims")
    except CannotTell:
        return fresh(call, unknown_shape(), tensor.dtype, like=tensor)
    if isinstance(turns, Expression):
        return fresh(call, unknown_shape(), tensor.dtype, like=tensor)
    dims = list(tensor.shape.dims)
    if turns % 2:
        dims[first], dims[second] = dims[second], dims[first]
    return fresh(call, Shape(tuple(dims), tensor.shape.rest), tensor.dtype, like=tensor)
