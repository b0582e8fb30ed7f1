"""Axes moved, added and removed: ``transpose``, ``permute``, ``movedim``, ``squeeze``, ``unsqueeze``, ``T``."""

from __future__ import annotations

from collections.abc import Sequence

from attnlint.algebra import Answer, Dim, Rest, Shape
from attnlint.ops.axes import new_axis, with_shape
from attnlint.ops.axis_arguments import given_axes, locate, locate_one, wrong_rank
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.registry import register, shape_rule
from attnlint.ops.results import as_copy
from attnlint.ops.sizes import size_items
from attnlint.ops.views import of_unknown_rank, trailing, viewed, whole_axes
from attnlint.values import Tensor


def permuted(tensor: Tensor, order: Sequence[int]) -> Tensor:
    """The axes in another order: a view whose strides are permuted alike. ``order`` covers the known trailing axes."""
    dims = [tensor.shape.dims[place] for place in order]
    axes = whole_axes(tensor)
    return viewed(
        tensor,
        Shape(tuple(dims), tensor.shape.rest),
        None if tensor.strides is None else [tensor.strides[place] for place in order],
        None if axes is None else [axes[place] for place in order],
    )


def _transpose(call: Call) -> Tensor:
    names = ("dim0", "dim1") if "dim0" in call.arguments else ("axis0", "axis1")
    tensor = call.tensor("input")
    both = (call.integer(names[0]), call.integer(names[1]))
    if tensor.shape.rank is None and any(axis >= 0 for axis in both):
        return of_unknown_rank(tensor)
    if tensor.shape.rank == 0 and any(axis not in (0, -1) for axis in both):
        raise wrong_rank(tensor, "2 or more")
    located = [locate_one(call, tensor, axis, argument=name) for name, axis in zip(names, both, strict=True)]
    tensor = max((found for found, _ in located), key=lambda found: len(found.shape.dims))
    places = [axis % len(tensor.shape.dims) if axis < 0 else axis for axis in both] if tensor.shape.dims else []
    if not places:
        return tensor
    order = list(range(len(tensor.shape.dims)))
    order[places[0]], order[places[1]] = order[places[1]], order[places[0]]
    return as_copy(call, permuted(tensor, order))


_PAIR = "(input: Tensor, dim0: int, dim1: int)"
for _name in ("transpose", "swapdims"):
    register((f"torch.{_name}", f"torch.Tensor.{_name}", f"torch.Tensor.{_name}_"), (_PAIR,), _transpose)
register(("torch.transpose_copy",), (_PAIR,), _transpose)
register(
    ("torch.swapaxes", "torch.Tensor.swapaxes", "torch.Tensor.swapaxes_"),
    ("(input: Tensor, axis0: int, axis1: int)",),
    _transpose,
)


@shape_rule("torch.Tensor.permute", signature="(input: Tensor, *dims: int)")
def permute_method(call: Call) -> Tensor:
    return _permute(call)


@shape_rule("torch.permute", "torch.permute_copy", signature="(input: Tensor, dims: ints)")
def permute(call: Call) -> Tensor:
    return _permute(call)


def _permute(call: Call) -> Tensor:
    """All axes in a new order: the number of axes named is the rank."""
    tensor = call.tensor("input")
    dims = [call.as_dim(item) for item in size_items(call, "dims")]
    order = [dim for dim in dims if isinstance(dim, int)]
    if len(order) < len(dims):
        raise CannotTell("an axis is not a known integer")
    count = len(order)

    def complain() -> Complaint:
        found = "at least " * (tensor.shape.rank is None) + str(len(tensor.shape.dims))
        return Complaint(
            "ATN107",
            f"{count} axes are named, but the tensor has {found} dimensions",
            arguments=("dims",),
            clash=(Clash("input", None),),
            advice="permute names every axis once",
            about_rank=True,
        )

    tensor = call.demand_rank(tensor, (count,), complain)
    places = [call.axis(axis, count, argument="dims") for axis in order]
    if len(set(places)) < count:
        twice = next(axis for axis, place in zip(order, places, strict=True) if places.count(place) > 1)
        raise Complaint(
            "ATN107", f"axis {twice} is named twice", arguments=("dims",), advice="permute names every axis once"
        )
    return as_copy(call, permuted(tensor, places))


def _move(call: Call) -> Tensor:
    tensor = call.tensor("input")
    source, target = given_axes(call, "source"), given_axes(call, "destination")
    assert source is not None and target is not None
    rank = tensor.shape.rank
    if rank is None:
        if any(axis >= 0 for axis in (*source, *target)):
            return of_unknown_rank(tensor)
        tensor = trailing(call, tensor, max(-axis for axis in (*source, *target)))
        rank = len(tensor.shape.dims)
    if len(source) != len(target):
        raise Complaint(
            "ATN107",
            f"{len(source)} axes cannot move to {len(target)} places",
            arguments=("source", "destination"),
            about_rank=True,
        )
    _, from_places = locate(call, tensor, source, argument="source")
    _, to_places = locate(call, tensor, target, argument="destination")
    if tensor.shape.rank == 0:
        return tensor
    order = [place for place in range(rank) if place not in from_places]
    for to_place, from_place in sorted(zip(to_places, from_places, strict=True)):
        order.insert(to_place, from_place)
    return permuted(tensor, order)


for _name in ("movedim", "moveaxis"):
    register(
        (f"torch.{_name}", f"torch.Tensor.{_name}"),
        ("(input: Tensor, source: int | ints, destination: int | ints)",),
        _move,
    )


@shape_rule("torch.t", "torch.Tensor.t", "torch.Tensor.t_", "torch.t_copy", signature="(input: Tensor)")
def t(call: Call) -> Tensor:
    """The transpose of a matrix; vectors stay."""
    return _transposed(call)


def _transposed(call: Call) -> Tensor:
    tensor = call.tensor("input")
    if tensor.shape.rank is None and not tensor.shape.dims:
        return of_unknown_rank(tensor)
    if len(tensor.shape.dims) > 2:
        raise wrong_rank(tensor, "2 or fewer", advice="use `.mT` or `.transpose(-2, -1)`")
    if tensor.shape.rank is None:
        tensor = with_shape(tensor, call.facts.require_rank(tensor.shape, 2, because=call.because))
    return permuted(tensor, (1, 0)) if len(tensor.shape.dims) == 2 else tensor


@shape_rule("torch.Tensor.T", signature="(input: Tensor)")
def reversed_axes(call: Call) -> Tensor:
    """``x.T`` reverses all axes (torch warns unless there are two)."""
    tensor = call.tensor("input")
    if tensor.shape.rank is None:
        if tensor.assumed or len(tensor.shape.dims) != 1:
            return of_unknown_rank(tensor)
        # Whoever writes it of a tensor that has a last axis means a matrix.
        matrix = with_shape(tensor, call.facts.require_rank(tensor.shape, 2, because=call.because))
        return permuted(matrix, (1, 0))
    return permuted(tensor, range(tensor.shape.rank - 1, -1, -1))


@shape_rule("torch.Tensor.H", signature="(input: Tensor)")
def conjugate_transpose(call: Call) -> Tensor:
    tensor = call.tensor("input")
    if tensor.shape.rank not in (None, 0, 2) or len(tensor.shape.dims) > 2:
        raise wrong_rank(tensor, "2", advice="use `.mH`")
    return _transposed(call)


@shape_rule("torch.Tensor.mT", "torch.Tensor.mH", "torch.adjoint", "torch.Tensor.adjoint", signature="(input: Tensor)")
def matrix_transpose(call: Call) -> Tensor:
    tensor = call.tensor("input")
    rank = tensor.shape.rank
    if rank is None:
        tensor = trailing(call, tensor, 2)
    elif rank == 0:
        return tensor  # deprecated, and still so in torch 2.13
    elif rank < 2:
        raise wrong_rank(tensor, "2 or more")
    places = list(range(len(tensor.shape.dims)))
    places[-2:] = [places[-1], places[-2]]
    return permuted(tensor, places)


# --- axes of size 1 ---------------------------------------------------------------------------------------------------


@shape_rule(
    "torch.unsqueeze",
    "torch.Tensor.unsqueeze",
    "torch.Tensor.unsqueeze_",
    "torch.unsqueeze_copy",
    signature="(input: Tensor, dim: int)",
)
def unsqueeze(call: Call) -> Tensor:
    tensor, axis = call.tensor("input"), call.integer("dim")
    if tensor.shape.rank is None:
        if axis == 0:  # in front of all others, so the known trailing dims stay the last ones
            assert tensor.shape.rest is not None
            return viewed(tensor, Shape(tensor.shape.dims, Rest(("unsqueeze", tensor.shape.rest.key))))
        if axis > 0:
            return of_unknown_rank(tensor)
        if -axis - 1 > len(tensor.shape.dims):
            tensor = trailing(call, tensor, -axis - 1)
        place = len(tensor.shape.dims) + axis + 1
    else:
        place = call.axis(axis, tensor.shape.rank, extra=1)
    return unsqueezed(tensor, place)


def unsqueezed(tensor: Tensor, place: int) -> Tensor:
    """A new axis of size 1 at a place among the known dims."""
    dims = tensor.shape.dims
    strides, axes = tensor.strides, whole_axes(tensor)
    if strides is not None:
        step: Dim = dims[place] * strides[place] if place < len(dims) else 1
        strides = (*strides[:place], step, *strides[place:])
    if axes is not None:
        axes = (*axes[:place], new_axis(), *axes[place:])
    return viewed(tensor, Shape((*dims[:place], 1, *dims[place:]), tensor.shape.rest), strides, axes)


@shape_rule(
    "torch.squeeze",
    "torch.Tensor.squeeze",
    "torch.Tensor.squeeze_",
    "torch.squeeze_copy",
    signature="(input: Tensor, dim: int | ints = None)",
)
def squeeze(call: Call) -> Tensor:
    """Axes of size 1 removed; a named axis of another size stays, without an error."""
    tensor = call.tensor("input")
    axes = given_axes(call)
    if axes is None:
        if tensor.shape.rank is None:
            return of_unknown_rank(tensor)
        return _without(call, tensor, range(tensor.shape.rank))
    if tensor.shape.rank is None and any(axis >= 0 for axis in axes):
        return of_unknown_rank(tensor)
    if tensor.shape.rank == 0 and len(axes) > 1 and all(axis in (0, -1) for axis in axes):
        raise Complaint("ATN107", "axis 0 is named twice", arguments=("dim",), advice="name each axis once")
    tensor, places = locate(call, tensor, axes)
    return _without(call, tensor, places, named=True)


def _without(call: Call, tensor: Tensor, places: Sequence[int], *, named: bool = False) -> Tensor:
    dims = tensor.shape.dims
    # Who names an axis takes it to be 1, generic as it may look: a video of one frame.
    answers = {place: call.facts.equal(dims[place], 1) if named else call.facts.is_one(dims[place]) for place in places}
    unsure = [place for place, answer in answers.items() if answer is Answer.OPEN]
    if unsure:  # it may go or stay: only what is behind is known
        last = max(unsure)
        behind = [dim for place, dim in enumerate(dims) if place > last and answers.get(place) is not Answer.YES]
        return of_unknown_rank(tensor, behind)
    kept = [place for place in range(len(dims)) if answers.get(place) is not Answer.YES]
    return permuted(tensor, kept)
