"""Several tensors joined into one: ``cat``, ``stack``, ``hstack``, ``vstack``, ``dstack``, ``column_stack``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attnlint.algebra import Answer, Dim, Expression, Rest, Shape
from attnlint.frozen import replace
from attnlint.ops.axes import with_shape
from attnlint.ops.axis_arguments import replaced
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.promotion import result_dtype
from attnlint.ops.registry import alias, shape_rule
from attnlint.ops.results import fresh, is_plain
from attnlint.ops.views import of_unknown_rank, whole_axes
from attnlint.ops.views_axes import unsqueezed
from attnlint.values import Axis, ListValue, NamedTuple, Repeated, Tensor, Unknown, Value


def tensors_of(call: Call, name: str) -> list[Tensor | None] | Repeated:
    """The tensors of a sequence argument; ``None`` for one of which nothing is known; a Repeated for one of unknown
    length.
    """
    value = call[name]
    if isinstance(value, tuple) and len(value) == 1 and not isinstance(value[0], Tensor):
        value = value[0]
    if isinstance(value, Repeated):
        return value
    if isinstance(value, Tensor):
        return Repeated("tuple", slice_of(call.as_tensor(value)), value.shape.dims[0] if value.shape.rank else None)
    items = value.values if isinstance(value, NamedTuple) else value.items if isinstance(value, ListValue) else value
    if not isinstance(items, tuple | list):
        raise CannotTell(value.reason if isinstance(value, Unknown) else f"{name} is not a known sequence")
    return [_tensor_or_none(call, item) for item in items]


def slice_of(tensor: Tensor) -> Tensor:
    """What iterating over a tensor gives."""
    from attnlint.ops.index_ops import without_axis

    return without_axis(tensor, 0) if tensor.shape.rank else of_unknown_rank(tensor)


def _tensor_or_none(call: Call, item: Value) -> Tensor | None:
    try:
        return call.as_tensor(item)
    except CannotTell:
        return None


def _item(name: str, place: int) -> str:
    return f"{name}[{place}]"


@shape_rule("torch.cat", signature="(tensors: sequence, dim: int = 0, *, out=None)")
def cat(call: Call) -> Tensor:
    """One axis added up; all others must agree.

    A vector without elements is skipped, whatever the rank of the others.
    """
    given = tensors_of(call, "tensors")
    axis = call.integer("dim")
    if isinstance(given, Repeated):
        return _cat_repeated(call, given, axis)
    return joined(call, given, axis, "tensors")


for _name in ("torch.concat", "torch.concatenate"):
    alias(_name, "torch.cat")


def _cat_repeated(call: Call, given: Repeated, axis: int) -> Tensor:
    tensor = call.as_tensor(given.element)
    if tensor.shape.rank is None:
        return of_unknown_rank(tensor)
    place = call.axis(axis, tensor.shape.rank)
    if tensor.shape.rank == 0:
        raise _no_axes(0)
    one = tensor.shape.dims[place]
    size = call.fresh("n") if given.length is None or _is_of_one_round(one) else one * given.length
    return fresh(call, replaced(tensor.shape.dims, place, size), tensor.dtype, like=tensor)


def _is_of_one_round(size: Dim) -> bool:
    """Whether a size may be another one for every tensor of a list: something in it was new in the round that stands
    for all."""
    return isinstance(size, Expression) and any(_is_new(symbol.key) for symbol in size.symbols())


def _is_new(key: object) -> bool:
    return isinstance(key, tuple) and (key[:1] == ("fresh",) or any(map(_is_new, key)))


def _no_axes(place: int) -> Complaint:
    return Complaint(
        "ATN108",
        f"tensor {place} has no axes",
        arguments=(_item("tensors", place), "tensors"),
        advice="join tensors without axes with `torch.stack`",
        about_rank=True,
    )


def joined(call: Call, given: Sequence[Tensor | None], axis: int, name: str) -> Tensor:
    """``torch.cat`` of known tensors."""
    if not given:
        raise Complaint("ATN108", "there is nothing to join", arguments=(name,), about_rank=True, about_nothing=True)
    known = [(place, tensor) for place, tensor in enumerate(given) if tensor is not None]
    if not known:
        raise CannotTell("none of the tensors is known")
    dtype = result_dtype([tensor for _, tensor in known]) if len(known) == len(given) else None
    for place, tensor in known:
        if tensor.shape.rank == 0:
            raise _no_axes(place)
    solid = [(place, tensor) for place, tensor in known if not _is_skipped(tensor)]
    if not solid:
        return fresh(call, (0,), dtype, like=known[0][1])
    ranks = {tensor.shape.rank for _, tensor in solid if tensor.shape.rank is not None}
    if len(ranks) > 1:
        raise _rank_clash(solid, name)
    rank = next(iter(ranks), None)
    if rank is None:
        rank = _only_rank(call, [tensor for _, tensor in solid], axis)
    if rank is None:
        return _joined_unknown(call, [tensor for _, tensor in solid], axis, dtype, complete=len(known) == len(given))
    solid = [(place, _of_rank(call, tensor, rank, place, name)) for place, tensor in solid]
    at = call.axis(axis, rank)
    first_place, first = solid[0]
    dims = list(first.shape.dims)
    total: Dim = dims[at]
    for place, tensor in solid[1:]:
        for index, dim in enumerate(tensor.shape.dims):
            if index != at:
                dims[index] = _agree(call, dims[index], dim, index, (first_place, place), name, at)
        total = total + tensor.shape.dims[at]
    if len(known) < len(given):
        total = call.fresh("n")
    dims[at] = call.facts.normal(total)
    plain = all(is_plain(tensor) for _, tensor in solid)
    return fresh(call, dims, dtype, like=first, axes=_joined_axes([t for _, t in solid], at), contiguous=plain)


def _is_skipped(tensor: Tensor) -> bool:
    return tensor.shape.dims == (0,) and tensor.shape.rank == 1


def _of_rank(call: Call, tensor: Tensor, rank: int, place: int, name: str) -> Tensor:
    if tensor.shape.rank is not None:
        return tensor
    if len(tensor.shape.dims) > rank:
        raise Complaint(
            "ATN108",
            f"tensor {place} has at least {len(tensor.shape.dims)} dimensions, another has {rank}",
            arguments=(_item(name, place), name),
            about_rank=True,
        )
    return with_shape(tensor, call.facts.require_rank(tensor.shape, rank, because=call.because))


def _rank_clash(solid: Sequence[tuple[int, Tensor]], name: str) -> Complaint:
    first_place, first = next((place, tensor) for place, tensor in solid if tensor.shape.rank is not None)
    place, other = next((place, tensor) for place, tensor in solid if tensor.shape.rank not in (None, first.shape.rank))
    return Complaint(
        "ATN108",
        f"tensors {first_place} and {place} have {first.shape.rank} and {other.shape.rank} dimensions",
        arguments=(_item(name, first_place), _item(name, place), name),
        clash=(Clash(_item(name, first_place), None), Clash(_item(name, place), None)),
        advice="give all tensors as many dimensions, with `unsqueeze` or `expand`",
        about_rank=True,
    )


def _agree(call: Call, have: Dim, dim: Dim, index: int, places: tuple[int, int], name: str, at: int | None) -> Dim:
    clash = (Clash(_item(name, places[0]), index, have), Clash(_item(name, places[1]), index, dim))
    where = f"; only axis {at} may differ" if at is not None else ""
    return call.demand_equal(
        have,
        dim,
        lambda: Complaint(
            "ATN108",
            f"tensors {places[0]} and {places[1]} have sizes {have} and {dim} at axis {index}{where}",
            arguments=(_item(name, places[0]), _item(name, places[1]), name),
            clash=clash,
            advice="join along the axis that differs, or make the sizes equal"
            if at is not None
            else "stack needs equal shapes",
        ),
        clash,
    )


def _joined_axes(tensors: Sequence[Tensor], at: int) -> tuple[Axis, ...] | None:
    histories = [whole_axes(tensor) for tensor in tensors]
    if histories[0] is None or any(axes is None for axes in histories):
        return None
    parts = tuple(axes[at] for axes in histories if axes is not None)
    return (*histories[0][:at], Axis(source=("cat", parts)), *histories[0][at + 1 :])


def _only_rank(call: Call, tensors: list[Tensor], axis: int) -> int | None:
    """The rank that tensors of unknown rank must have to be joined along an axis counted from the front: where one of
    their last sizes differs, that is the axis. Not where that leaves no room for a batch: then other sizes were meant.
    """
    if axis < 0:
        return None
    count = min(len(tensor.shape.dims) for tensor in tensors)
    for back in range(max(1, count - axis + 1), count + 1):
        first, *others = (tensor.shape.dims[-back] for tensor in tensors)
        if any(call.facts.equal(first, other) is Answer.NO for other in others):
            return axis + back
    return None


def _joined_unknown(call: Call, tensors: list[Tensor], axis: int, dtype: str | None, *, complete: bool) -> Tensor:
    """All of unknown rank: the trailing dims are compared, when the axis is counted from the end."""
    if axis >= 0:
        return replace(of_unknown_rank(tensors[0]), dtype=dtype)
    count = max(-axis, *(len(tensor.shape.dims) for tensor in tensors))
    shapes = [call.facts.require_trailing(tensor.shape, count, because=call.because) for tensor in tensors]
    dims = list(shapes[0].dims)
    at = len(dims) + axis
    total: Dim = dims[at]
    for place, shape in enumerate(shapes[1:], start=1):
        for index, dim in enumerate(shape.dims):
            if index != at:
                dims[index] = _agree(call, dims[index], dim, index - len(dims), (0, place), "tensors", axis)
        total = total + shape.dims[at]
    dims[at] = total if complete else call.fresh("n")
    rest = shapes[0].rest if all(shape.rest == shapes[0].rest for shape in shapes) else Rest(object())
    return fresh(call, Shape(tuple(dims), rest), dtype, like=tensors[0])


@shape_rule("torch.stack", signature="(tensors: sequence, dim: int = 0, *, out=None)")
def stack(call: Call) -> Tensor:
    """A new axis; all tensors must have one shape."""
    given = tensors_of(call, "tensors")
    axis = call.integer("dim")
    if isinstance(given, Repeated):
        tensor, count = call.as_tensor(given.element), given.length
        size: Dim = call.fresh("n") if count is None else count
        return _stacked(call, tensor, axis, size, tensor.dtype)
    if not given:
        raise Complaint(
            "ATN108", "there is nothing to stack", arguments=("tensors",), about_rank=True, about_nothing=True
        )
    known = [(place, tensor) for place, tensor in enumerate(given) if tensor is not None]
    if not known:
        raise CannotTell("none of the tensors is known")
    ranks = {tensor.shape.rank for _, tensor in known if tensor.shape.rank is not None}
    if len(ranks) > 1:
        raise _rank_clash(known, "tensors")
    dtype = result_dtype([tensor for _, tensor in known]) if len(known) == len(given) else None
    if not ranks:
        return _stacked(call, known[0][1], axis, len(given), dtype)
    (rank,) = ranks
    known = [(place, _of_rank(call, tensor, rank, place, "tensors")) for place, tensor in known]
    first_place, first = known[0]
    dims = list(first.shape.dims)
    for place, tensor in known[1:]:
        for index, dim in enumerate(tensor.shape.dims):
            dims[index] = _agree(call, dims[index], dim, index, (first_place, place), "tensors", None)
    return _stacked(
        call,
        replace(first, shape=Shape(tuple(dims))),
        axis,
        len(given),
        dtype,
        plain=all(is_plain(t) for _, t in known),
    )


def _stacked(call: Call, tensor: Tensor, axis: int, count: Dim, dtype: str | None, *, plain: bool = False) -> Tensor:
    if tensor.shape.rank is None:
        behind = len(tensor.shape.dims) + axis + 1
        if axis >= 0 or behind < 0:
            return replace(of_unknown_rank(tensor), dtype=dtype)
        dims = (*tensor.shape.dims[:behind], count, *tensor.shape.dims[behind:])
        return fresh(call, Shape(dims, tensor.shape.rest), dtype, like=tensor)
    place = call.axis(axis, tensor.shape.rank, extra=1)
    wider = unsqueezed(replace(tensor, strides=None), place)
    return fresh(call, replaced(wider.shape.dims, place, count), dtype, like=tensor, axes=wider.axes, contiguous=plain)


# --- at least so many axes --------------------------------------------------------------------------------------------


def at_least(tensor: Tensor, rank: int) -> Tensor:
    """``torch.atleast_1d`` to ``atleast_3d``: a vector becomes a row, a matrix gets its third axis at the end."""
    while tensor.shape.rank is not None and tensor.shape.rank < rank:
        tensor = unsqueezed(tensor, 2 if tensor.shape.rank == 2 else 0)
    return tensor


def _at_least(rank: int) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        given = call["tensors"]
        single = isinstance(given, tuple) and len(given) == 1 and not isinstance(given[0], tuple | ListValue | Repeated)
        if single:
            return _one_at_least(call, given[0], rank)
        return tuple(_one_at_least(call, item, rank) for item in call.as_sequence(given, "tensors"))

    return rule


def _one_at_least(call: Call, value: Value, rank: int) -> Tensor:
    tensor = call.as_tensor(value)
    if tensor.shape.rank is None and len(tensor.shape.dims) < rank:
        return of_unknown_rank(tensor)
    return at_least(tensor, rank)


for _rank in (1, 2, 3):
    shape_rule(f"torch.atleast_{_rank}d", signature="(*tensors: Tensor)")(_at_least(_rank))


def _joined_along(rank: int, place: Callable[[int], int]) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        given = tensors_of(call, "tensors")
        if isinstance(given, Repeated):
            element = call.as_tensor(given.element)
            if element.shape.rank is None:
                return of_unknown_rank(element)
            wide = at_least(element, rank)
            return _cat_repeated(call, replace(given, element=wide), place(wide.shape.rank or 0))
        if any(tensor is None or tensor.shape.rank is None for tensor in given):
            return of_unknown_rank(next((tensor for tensor in given if tensor is not None), Tensor(Shape(()))))
        whole = [at_least(tensor, rank) for tensor in given if tensor is not None]
        first = next((t.shape.rank for t in whole if not _is_skipped(t)), 1) or 1
        return joined(call, whole, place(first), "tensors")

    return rule


shape_rule("torch.hstack", signature="(tensors: sequence, *, out=None)")(
    _joined_along(1, lambda rank: min(rank - 1, 1))
)
shape_rule("torch.vstack", "torch.row_stack", signature="(tensors: sequence, *, out=None)")(
    _joined_along(2, lambda rank: 0)
)
shape_rule("torch.dstack", signature="(tensors: sequence, *, out=None)")(_joined_along(3, lambda rank: 2))


@shape_rule("torch.column_stack", signature="(tensors: sequence, *, out=None)")
def column_stack(call: Call) -> Tensor:
    """Vectors become columns; matrices are joined side by side."""
    given = tensors_of(call, "tensors")
    if isinstance(given, Repeated) or any(tensor is None or tensor.shape.rank is None for tensor in given):
        raise CannotTell("the tensors are not all known")
    columns = []
    for tensor in given:
        assert tensor is not None
        while tensor.shape.rank is not None and tensor.shape.rank < 2:
            tensor = unsqueezed(tensor, tensor.shape.rank)
        columns.append(tensor)
    return joined(call, columns, 1, "tensors")
