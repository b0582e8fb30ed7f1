"""Arguments that name axes: ``dim=-1``, ``dim=(1, 2)``; against tensors of known and of unknown rank."""

from __future__ import annotations

from collections.abc import Sequence

from attnlint.algebra import Answer, Dim, Expression
from attnlint.ops.axes import with_shape
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.values import ListValue, NamedTuple, Repeated, Tensor, Value


def given_axes(call: Call, name: str = "dim") -> tuple[int, ...] | None:
    """The axes that an argument names: one int or several; ``None`` when it is absent."""
    value = call.arguments.get(name)
    if value is None:
        return None
    if isinstance(value, tuple | ListValue | NamedTuple | Repeated):
        return tuple(_as_axis(call, item, name) for item in call.as_sequence(value, name))
    return (_as_axis(call, value, name),)


def _as_axis(call: Call, value: Value, name: str) -> int:
    dim = call.as_dim(value, name)
    if isinstance(dim, Expression):
        raise CannotTell(f"{name} is not a known integer")
    return dim


def locate(
    call: Call, tensor: Tensor, axes: Sequence[int], *, argument: str = "dim", distinct: bool = True
) -> tuple[Tensor, tuple[int, ...]]:
    """The places in ``tensor.shape.dims`` of the axes, and the tensor (with more trailing dims if its rank was not
    known).

    Complains about an axis out of range and about one that is named twice. A tensor without axes takes 0 and -1, as
    in torch, and has no place for them: the result is empty then. CannotTell for an axis counted from the front of a
    tensor of unknown rank.
    """
    rank = tensor.shape.rank
    if rank is None:
        if any(axis >= 0 for axis in axes):
            raise CannotTell("an axis is counted from the front, and the number of dimensions is not known")
        deepest = max((-axis for axis in axes), default=0)
        if deepest > len(tensor.shape.dims):
            tensor = with_shape(tensor, call.facts.require_trailing(tensor.shape, deepest, because=call.because))
        places = tuple(len(tensor.shape.dims) + axis for axis in axes)
    else:
        places = tuple(call.axis(axis, rank, argument=argument) for axis in axes)
        if rank == 0:
            return tensor, ()
    if distinct and len(set(places)) < len(places):
        twice = next(axis for axis, place in zip(axes, places, strict=True) if places.count(place) > 1)
        raise Complaint(
            "ATN107",
            f"axis {twice} is named twice",
            arguments=(argument,),
            advice="name each axis once",
        )
    return tensor, places


def locate_one(call: Call, tensor: Tensor, axis: int, *, argument: str = "dim") -> tuple[Tensor, int | None]:
    """As :func:`locate` for one axis; ``None`` for a tensor without axes."""
    tensor, places = locate(call, tensor, (axis,), argument=argument)
    return tensor, places[0] if places else None


def demand_not_empty(call: Call, tensor: Tensor, places: Sequence[int], what: str) -> None:
    """Complain when one of the axes certainly has no element: ``max`` of nothing does not exist."""
    # Finding the places may have taught more axes of a tensor of unknown rank.
    dims = call.facts.resolve(tensor.shape).dims
    for place in places:
        if call.facts.equal(dims[place], 0) is Answer.YES:
            raise Complaint(
                "ATN107",
                f"{what} of axis {place}, which has size 0",
                arguments=("input", "dim"),
                clash=(Clash("input", place, 0),),
            )


def wrong_rank(tensor: Tensor, wanted: str, *, argument: str = "input", advice: str = "") -> Complaint:
    """The complaint that a tensor has the wrong number of dimensions; ``wanted`` says which it must have."""
    dims = len(tensor.shape.dims)
    found = dims if tensor.shape.rank is not None else f"at least {dims}"
    return Complaint(
        "ATN103",
        f"{argument} has {found} dimension{'s' * (found != 1)}, not {wanted}",
        arguments=(argument,),
        clash=(Clash(argument, None),),
        advice=advice,
        about_rank=True,
    )


def demand_least_rank(call: Call, tensor: Tensor, least: int, *, argument: str = "input") -> Tensor:
    """Demand at least ``least`` dimensions; a tensor of unknown rank gets so many known trailing dims."""
    rank = tensor.shape.rank
    if rank is None:
        if len(tensor.shape.dims) >= least:
            return tensor
        return with_shape(tensor, call.facts.require_trailing(tensor.shape, least, because=call.because))
    if rank < least:
        raise wrong_rank(tensor, f"{least} or more", argument=argument)
    return tensor


def replaced(dims: Sequence[Dim], place: int, size: Dim) -> tuple[Dim, ...]:
    """The dims with the one at ``place`` replaced."""
    return (*dims[:place], size, *dims[place + 1 :])
