"""More of the same elements: ``expand``, ``expand_as``, ``broadcast_to``, ``repeat``, ``tile``,
``repeat_interleave``.
"""

from __future__ import annotations

from collections.abc import Sequence

from attnlint.algebra import Answer, Dim, Expression, Shape
from attnlint.ops.axes import new_axis
from attnlint.ops.axis_arguments import locate_one, replaced
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.registry import shape_rule
from attnlint.ops.results import fresh
from attnlint.ops.sizes import size_items, size_or_symbol, used_as_size
from attnlint.ops.views import of_unknown_rank, trailing, viewed, whole_axes
from attnlint.values import Tensor, Unknown, Value


@shape_rule("torch.Tensor.expand", signature="(input: Tensor, *size: int, implicit=False)")
def expand(call: Call) -> Tensor:
    return expanded(call, call.tensor("input"), _asked(call), "size")


@shape_rule("torch.broadcast_to", "torch.Tensor.broadcast_to", signature="(input: Tensor, *size: int)")
def broadcast_to(call: Call) -> Tensor:
    return expanded(call, call.tensor("input"), _asked(call), "size")


@shape_rule("torch.expand_copy", signature="(input: Tensor, size: ints, *, implicit=False, out=None)")
def expand_copy(call: Call) -> Tensor:
    tensor = expanded(call, call.tensor("input"), _asked(call), "size")
    return fresh(call, tensor.shape, tensor.dtype, axes=tensor.axes, contiguous=True)


@shape_rule("torch.Tensor.expand_as", signature="(input: Tensor, other: Tensor)")
def expand_as(call: Call) -> Tensor:
    tensor, other = call.tensor("input"), call.tensor("other")
    if other.shape.rank is None:
        return viewed(tensor, other.shape)
    return expanded(call, tensor, list(other.shape.dims), "other")


def _asked(call: Call) -> list[Dim]:
    dims = [size_or_symbol(call, item) for item in size_items(call, "size")]
    for dim in dims:
        used_as_size(call, dim)
    return dims


def expanded(call: Call, tensor: Tensor, wanted: Sequence[Dim], name: str) -> Tensor:
    """Axes of size 1 made larger without a copy; -1 keeps a size; new axes come in front."""
    if any(isinstance(dim, Expression) and call.facts.at_least(dim, 0) is Answer.NO for dim in wanted):
        raise CannotTell("a size is negative, and -1 keeps what is there")
    asked = Shape(tuple(wanted))
    if len(wanted) < len(tensor.shape.dims):
        raise Complaint(
            "ATN106",
            f"{tensor.shape} has more dimensions than the {len(wanted)} sizes asked for",
            arguments=("input", name),
            clash=(Clash("input", None), Clash(name, None)),
            about_rank=True,
        )
    keeps = [len(wanted) - place for place, dim in enumerate(wanted) if isinstance(dim, int) and dim == -1]
    if tensor.shape.rank is None and keeps and max(keeps) > len(tensor.shape.dims):
        tensor = trailing(call, tensor, max(keeps))
    own = tensor.shape.dims
    new = len(wanted) - len(own)
    axes, result = whole_axes(tensor), list(wanted)
    strides: list[Dim] | None = None if tensor.strides is None else [*([0] * new), *tensor.strides]
    for place, dim in enumerate(wanted):
        kept = isinstance(dim, int) and dim == -1
        if place < new:
            if kept:
                raise Complaint(
                    "ATN106", f"the size -1 at axis {place} names no existing axis", arguments=(name,), about_rank=True
                )
            if isinstance(dim, int) and dim < 0:
                raise Complaint("ATN106", f"negative size {dim}", arguments=(name,))
            continue
        size = own[place - new]
        if kept:
            result[place] = size
            continue
        _demand_expandable(call, size, dim, place, place - new, asked, tensor, name)
        if strides is not None:
            one, same = call.facts.is_one(size), call.facts.equal(size, dim)
            if one is Answer.YES and same is not Answer.YES:
                strides[place] = 0
            elif same is not Answer.YES and one is not Answer.NO:
                strides = None
    history = None if axes is None else (*(new_axis(index) for index in range(new)), *axes)
    return viewed(tensor, result, strides if tensor.shape.rank is not None else None, history)


def _demand_expandable(
    call: Call, size: Dim, wanted: Dim, place: int, own_place: int, asked: Shape, tensor: Tensor, name: str
) -> None:
    facts = call.facts
    one = facts.is_one(size)
    if one is Answer.YES or facts.equal(size, wanted) is Answer.YES:
        if isinstance(wanted, int) and wanted < 0:
            raise Complaint("ATN106", f"negative size {wanted}", arguments=(name,))
        return
    clash = (Clash("input", own_place, size), Clash(name, place, wanted))
    front: tuple[Dim, ...] = (1,) * (len(asked.dims) - len(tensor.shape.dims))
    pairs = list(zip(asked.dims, (*front, *tensor.shape.dims), strict=True))

    def complain() -> Complaint:
        return Complaint(
            "ATN106",
            f"cannot expand {tensor.shape} to {asked}: size {size} at axis {own_place} is neither {wanted} nor 1",
            arguments=("input", name),
            clash=clash,
            advice="only axes of size 1 can be expanded; `repeat` copies",
            recovery=viewed(tensor, [own if isinstance(dim, int) and dim == -1 else dim for dim, own in pairs]),
        )

    if one is Answer.NO:
        call.demand_equal(size, wanted, complain, clash)
    elif facts.equal(size, wanted) is Answer.NO and isinstance(size, int):
        raise complain()


def _repeats(call: Call, name: str) -> list[Dim]:
    return [size_or_symbol(call, item) for item in size_items(call, name)]


@shape_rule("torch.Tensor.repeat", signature="(input: Tensor, *repeats: int)")
def repeat(call: Call) -> Tensor:
    tensor, times = call.tensor("input"), _repeats(call, "repeats")
    if len(times) < len(tensor.shape.dims):
        raise Complaint(
            "ATN106",
            f"{len(times)} repeats for {len(tensor.shape.dims)} dimensions",
            arguments=("input", "repeats"),
            clash=(Clash("input", None), Clash("repeats", None)),
            advice="give one number of repeats for each axis",
            about_rank=True,
        )
    return _repeated(call, tensor, times)


def _repeated(call: Call, tensor: Tensor, times: Sequence[Dim]) -> Tensor:
    if tensor.shape.rank is None:
        known = [dim * time for dim, time in zip(reversed(tensor.shape.dims), reversed(times), strict=False)][::-1]
        front = [call.fresh("n") for _ in range(len(times) - len(known))]
        return fresh(call, (*front, *known), tensor.dtype, like=tensor)
    new = len(times) - tensor.shape.rank
    dims = [*times[:new], *(dim * time for dim, time in zip(tensor.shape.dims, times[new:], strict=True))]
    for dim, time in zip(dims, times, strict=True):
        if call.facts.at_least(dim, 0) is Answer.NO:
            raise Complaint("ATN106", f"negative number of repeats {time}", arguments=("repeats",))
    return fresh(call, dims, tensor.dtype, like=tensor, contiguous=True)


@shape_rule("torch.tile", "torch.Tensor.tile", signature="(input: Tensor, *dims: int)")
def tile(call: Call) -> Tensor:
    tensor, times = call.tensor("input"), _repeats(call, "dims")
    if tensor.shape.rank is None:
        return of_unknown_rank(tensor)
    times = [*([1] * (tensor.shape.rank - len(times))), *times]
    return _repeated(call, tensor, times)


@shape_rule(
    "torch.repeat_interleave",
    "torch.Tensor.repeat_interleave",
    signature=(
        "(input: Tensor, repeats: int | Tensor | ints, dim: int = None, *, output_size: int = None)",
        "(repeats: Tensor, *, output_size: int = None)",
    ),
)
def repeat_interleave(call: Call) -> Tensor:
    """Each slice of an axis repeated; without an axis, each element of the flat tensor."""
    if "input" not in call.arguments:
        return _interleaved_indices(call)
    tensor = call.tensor("input")
    if call["dim"] is None:
        total = tensor.shape.numel()
        if total is None:
            return fresh(call, (call.fresh("n"),), tensor.dtype, like=tensor)
        return fresh(call, (_interleaved(call, total, None),), tensor.dtype, like=tensor, contiguous=True)
    axis = call.integer("dim")
    if tensor.shape.rank is None and axis >= 0:
        return of_unknown_rank(tensor)
    tensor, place = locate_one(call, tensor, axis)
    if place is None:
        raise Complaint("ATN107", "a tensor without axes has none to repeat along", arguments=("dim",), about_rank=True)
    size = _interleaved(call, tensor.shape.dims[place], place)
    shape = Shape(replaced(tensor.shape.dims, place, size), tensor.shape.rest)
    return fresh(call, shape, tensor.dtype, like=tensor, axes=tensor.axes)


def _interleaved(call: Call, size: Dim, place: int | None) -> Dim:
    repeats = call["repeats"]
    if isinstance(repeats, Tensor):
        return _repeats_of_tensor(call, call.as_tensor(repeats), size, place)
    if not isinstance(repeats, Unknown) and not _is_one_size(repeats):
        items = call.as_sequence(repeats, "repeats")
        times = [call.as_dim(item) for item in items]
        _demand_count(call, len(times), size, place)
        return sum(times, start=0 * times[0]) if len(times) > 1 else size * times[0] if times else 0
    if isinstance(repeats, Unknown) and repeats.kind == "tensor":
        return call.fresh("n")
    times_each = size_or_symbol(call, repeats)
    if call.facts.at_least(times_each, 0) is Answer.NO:
        raise Complaint("ATN106", f"negative number of repeats {times_each}", arguments=("repeats",))
    used_as_size(call, times_each)
    return size * times_each


def _is_one_size(value: Value) -> bool:
    from attnlint.algebra import Expression

    return isinstance(value, int | Expression)


def _repeats_of_tensor(call: Call, repeats: Tensor, size: Dim, place: int | None) -> Dim:
    if repeats.dtype is not None and repeats.dtype not in ("int64", "int32"):
        raise Complaint(
            "ATN115",
            f"repeats must be int64 or int32, not {repeats.dtype}",
            arguments=("repeats",),
            advice="convert with `.long()`",
        )
    if repeats.shape.rank not in (None, 0, 1):
        raise Complaint(
            "ATN103",
            f"repeats has {repeats.shape.rank} dimensions, not 0 or 1",
            arguments=("repeats",),
            about_rank=True,
        )
    if repeats.shape.rank == 1:
        _demand_count(call, repeats.shape.dims[0], size, place)
    given = call["output_size"]
    if given is not None:
        return size_or_symbol(call, given)
    contents = repeats.elements
    if isinstance(contents, int):
        return size * contents
    if isinstance(contents, tuple) and all(isinstance(item, int) for item in contents):
        return size * contents[0] if len(contents) == 1 else sum(contents)
    return call.fresh("n")


def _demand_count(call: Call, count: Dim, size: Dim, place: int | None) -> None:
    if call.facts.is_one(count) is Answer.NO and call.facts.equal(count, size) is Answer.NO:
        raise Complaint(
            "ATN106",
            f"{count} numbers of repeats for a size of {size}",
            arguments=("repeats", "input"),
            clash=(Clash("repeats", 0, count), Clash("input", place, size)),
        )


def _interleaved_indices(call: Call) -> Tensor:
    repeats = call.tensor("repeats")
    if repeats.shape.rank is None or (repeats.shape.rank != 1):
        raise CannotTell("the number of dimensions of repeats is not 1")
    contents = repeats.elements
    known = isinstance(contents, tuple) and all(isinstance(item, int) for item in contents)
    return fresh(call, (sum(contents) if known else call.fresh("n"),), repeats.dtype, like=repeats)
