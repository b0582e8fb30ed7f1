"""``x[index]`` and ``x[index] = value`` exactly as torch does it.

First every int, slice, ``None`` and ``...`` is applied, which gives a view; tensors (and lists, which torch makes
tensors of) stay attached to their axes. Then the tensors are broadcast together, and their shape takes the place of the
axes that they index: where the first of them was, when they are neighbours, and in front otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

from attnlint.algebra import Answer, Dim, Expression, Rest, Shape
from attnlint.frozen import replace
from attnlint.ops.axes import new_axis
from attnlint.ops.broadcast import broadcast_shapes, expand_into
from attnlint.ops.call import Call
from attnlint.ops.complaint import CannotTell, Clash, Complaint
from attnlint.ops.creation_data import measured_data
from attnlint.ops.known_elements import picked
from attnlint.ops.promotion import is_floating, is_integral
from attnlint.ops.registry import shape_rule
from attnlint.ops.slicing import is_full, slice_length, step_of
from attnlint.ops.views import of_unknown_rank, trailing, viewed, whole_axes
from attnlint.values import Axis, ListValue, Repeated, Tensor, Unknown, Value


@dataclass(slots=True)
class _Entry:
    """One axis after slicing, and the index tensor attached to it."""

    dim: Dim
    stride: Dim | None
    axis: Axis | None
    index: Tensor | None = None


@dataclass(slots=True)
class _Sliced:
    """A tensor after the ints, slices, ``None`` and ``...`` of an index."""

    tensor: Tensor
    entries: list[_Entry]
    elements: Value


def items_of(index: Value) -> tuple[Value, ...]:
    """The items of an index.

    A short list that holds sequences, tensors, slices or ``None`` counts as a tuple, as in torch.
    """
    if isinstance(index, tuple):
        return index
    if isinstance(index, ListValue) and len(index.items) < 32:
        apart = (slice, tuple, ListValue, Repeated, range, Tensor)
        if any(isinstance(item, apart) or item is None or item is ... for item in index.items):
            return tuple(index.items)
    return (index,)


@shape_rule("torch.Tensor.__getitem__", "getitem", signature="(input: Tensor, index)")
def getitem(call: Call) -> Tensor:
    """``x[index]``."""
    return indexed(call, call.tensor("input"), items_of(call["index"]))


@shape_rule("torch.Tensor.__setitem__", "setitem", signature="(input: Tensor, index, value)")
def setitem(call: Call) -> Value:
    """``x[index] = value``: the value must broadcast to what the index picks. Returns ``None``."""
    tensor = call.tensor("input")
    items = tuple(_item(call, item) for item in items_of(call["index"]))
    target = indexed(call, tensor, items)
    value = call["value"]
    if call["index"] is False or not isinstance(value, Tensor):  # ``x[False] = ...`` assigns nothing
        return None
    value = call.as_tensor(value)
    _demand_assignable(call, value, target)
    _demand_put_dtype(call, tensor, value, [item for item in items if isinstance(item, Tensor)])
    return None


def _demand_put_dtype(call: Call, tensor: Tensor, value: Tensor, indices: list[Tensor]) -> None:
    """Assigning through index tensors converts nothing; only one number through one mask is filled in."""
    if not indices or tensor.dtype is None or value.dtype is None or tensor.dtype == value.dtype:
        return
    if is_floating(tensor.dtype) and is_floating(value.dtype) and not call.exact_dtypes:
        return
    one = value.shape.rank is not None and all(call.facts.is_one(dim) is not Answer.NO for dim in value.shape.dims)
    if one and len(indices) == 1 and indices[0].dtype == "bool":
        return
    raise Complaint(
        "ATN115",
        f"a {value.dtype} value is assigned to a {tensor.dtype} tensor through an index tensor",
        arguments=("value", "input"),
        advice=f"convert the value with `.to({tensor.dtype})`",
    )


def _demand_assignable(call: Call, value: Tensor, target: Tensor) -> None:
    dims = value.shape.dims
    if value.shape.rank is not None:  # torch drops leading axes of size 1 from the value
        while dims and call.facts.is_one(dims[0]) is Answer.YES:
            dims = dims[1:]
    extra = dims[: max(len(dims) - target.shape.rank, 0)] if target.shape.rank is not None else ()
    # `tiles[count] = x[:, :, a:b]` of batches of one: a size with a name may be 1, and then its axis is dropped.
    if extra and all(isinstance(dim, Expression) or call.facts.is_one(dim) is not Answer.NO for dim in extra):
        return
    expand_into(
        call,
        "value",
        Shape(dims, value.shape.rest),
        target.shape,
        code="ATN116",
        target_name="index",
        what=lambda size, wanted, axis: (
            f"a value of {value.shape} does not fit the {target.shape} that the index picks"
        ),
    )


def indexed(call: Call, tensor: Tensor, items: tuple[Value, ...]) -> Tensor:
    """What an index picks of a tensor."""
    items = tuple(_item(call, item) for item in items)
    if items.count(...) > 1:
        raise CannotTell("an index with more than one ellipsis")
    if any(isinstance(item, Unknown) for item in items):
        return of_unknown_rank(replace(tensor, strides=None))
    if tensor.shape.rank is None:
        return _of_unknown(call, tensor, items)
    sliced = _sliced(call, tensor, items)
    if any(entry.index is not None for entry in sliced.entries):
        result = _picked(call, tensor, sliced.entries)
        return picked(tensor, items[0], result) if len(items) == 1 and tensor.elements is not None else result
    entries = sliced.entries
    strides = [entry.stride for entry in entries if entry.stride is not None]
    axes = [entry.axis for entry in entries if entry.axis is not None]
    view = viewed(
        tensor,
        [entry.dim for entry in entries],
        strides if len(strides) == len(entries) else None,
        axes if len(axes) == len(entries) else None,
    )
    return replace(view, elements=sliced.elements)


def _item(call: Call, item: Value) -> Value:
    """An item as one of: an int or symbolic int, a slice, ``None``, ``...``, a bool, a tensor, or Unknown."""
    if item is None or item is ... or isinstance(item, bool | int | slice):
        return item
    if isinstance(item, Expression):
        return call.facts.normal(item)
    if isinstance(item, Tensor):
        item = call.as_tensor(item)
        _demand_index_dtype(item)
        if item.shape.rank == 0 and item.dtype in ("int64", "int32", "int16", "int8"):
            return item.elements if isinstance(item.elements, int | Expression) else call.fresh("i", minimum=None)
        if item.dtype is None or item.shape.rank is None:
            return Unknown("an index tensor of unknown dtype or rank")
        return item
    if isinstance(item, Unknown):
        return (
            call.fresh("i", minimum=None)
            if item.kind == "int"
            else slice(Unknown(""))
            if item.kind == "slice"
            else item
        )
    if isinstance(item, tuple | ListValue | range | Repeated):
        return _tensor_of(call, item)
    raise CannotTell("an index of an unknown kind")


def _tensor_of(call: Call, items: Value) -> Value:
    """The index tensor that torch makes of a list."""
    tensor = measured_data(call, items)
    if tensor is None or tensor.shape.rank is None:
        return Unknown("a list whose items are not known")
    if tensor.shape.dims == (0,):
        return replace(tensor, dtype="int64")
    if tensor.dtype is None:
        return Unknown("a list whose items are not known")
    if is_floating(tensor.dtype):  # torch cuts the numbers of a list to ints
        return replace(tensor, dtype="int64", elements=None)
    _demand_index_dtype(tensor)
    return tensor


def _demand_index_dtype(tensor: Tensor) -> None:
    if tensor.dtype is not None and tensor.dtype not in ("int64", "int32", "uint8", "bool"):
        if is_integral(tensor.dtype) and tensor.shape.rank == 0:
            return
        raise Complaint(
            "ATN115",
            f"an index tensor must be int64, int32, uint8 or bool, not {tensor.dtype}",
            arguments=("index",),
            advice="convert it with `.long()`" if is_floating(tensor.dtype) or is_integral(tensor.dtype) else "",
        )


def _consumed(item: Value) -> int:
    """How many axes an item speaks for."""
    if item is None or item is ... or isinstance(item, bool):
        return 0
    if isinstance(item, Tensor) and item.dtype in ("bool", "uint8"):
        return item.shape.rank or 0
    return 1


def _sliced(call: Call, tensor: Tensor, items: tuple[Value, ...]) -> _Sliced:
    """Apply every item from the left; ``...`` and the end leave axes as they are."""
    dims = tensor.shape.dims
    named = sum(_consumed(item) for item in items)
    if named > len(dims):
        raise Complaint(
            "ATN116",
            f"{named} indices for a tensor of {len(dims)} dimension{'s' * (len(dims) != 1)}",
            arguments=("index", "input"),
            clash=(Clash("input", None),),
            about_rank=True,
        )
    strides, axes = tensor.strides, whole_axes(tensor)
    source = [
        _Entry(dim, None if strides is None else strides[place], None if axes is None else axes[place])
        for place, dim in enumerate(dims)
    ]
    entries: list[_Entry] = []
    elements = tensor.elements
    at = 0
    for item in items:
        if item is ...:
            entries += source[at : at + len(dims) - named]
            at += len(dims) - named
            elements = None
        elif item is None:
            step = None if strides is None else (source[at].dim * source[at].stride if at < len(dims) else 1)  # type: ignore[operator]
            entries.append(_Entry(1, step, new_axis()))
            elements = None
        elif isinstance(item, bool):
            entries.append(_Entry(1, None, None, Tensor(Shape((int(item),)), "int64")))
            elements = None
        elif isinstance(item, int | Expression):
            _demand_inside(call, item, source[at].dim, at)
            elements = _element(elements, item) if not entries else None
            at += 1
        elif isinstance(item, slice):
            entries.append(_cut(call, source[at], item))
            elements = elements[item] if elements is not None and len(entries) == 1 and _plain(item) else None
            at += 1
        else:
            at += _attach(call, entries, source[at:], item, at)
            elements = None
    if entries and at < len(dims) and not (len(items) == 1 and isinstance(items[0], slice)):
        elements = elements if len(entries) == 1 else None
    entries += source[at:]
    return _Sliced(tensor, entries, elements)


def _element(elements: Value, place: Dim) -> Value:
    if isinstance(elements, tuple) and isinstance(place, int) and -len(elements) <= place < len(elements):
        return elements[place]
    return None


def _plain(item: slice) -> bool:
    return all(bound is None or isinstance(bound, int) for bound in (item.start, item.stop, item.step))


def _cut(call: Call, entry: _Entry, item: slice) -> _Entry:
    if is_full(item):
        return entry
    length = slice_length(call, entry.dim, item)
    stride = None if entry.stride is None else entry.stride * step_of(call, item)
    return _Entry(length, stride, entry.axis)


def _demand_inside(call: Call, place: Dim, size: Dim, axis: int) -> None:
    facts = call.facts
    if facts.at_least(place, size) is Answer.YES or facts.at_least(facts.normal(-place - 1), size) is Answer.YES:
        raise Complaint(
            "ATN116",
            f"index {place} is out of range for size {size} at axis {axis}",
            arguments=("index", "input"),
            clash=(Clash("input", axis, size),),
            advice=f"use an index in [-{size}, {size} - 1]" if not isinstance(size, int) else "",
        )


def _attach(call: Call, entries: list[_Entry], source: list[_Entry], index: Tensor, at: int) -> int:
    """Attach an index tensor to the next axis, or a mask to as many axes as it has."""
    if index.dtype not in ("bool", "uint8"):
        entries.append(_Entry(source[0].dim, None, source[0].axis, index))
        return 1
    rank = index.shape.rank or 0
    count = _count_of(call, index)
    if rank == 0:
        entries.append(_Entry(1, None, None, Tensor(Shape((count,)), "int64")))
        return 0
    for place, wanted in enumerate(index.shape.dims):
        have = source[place].dim
        clash = (Clash("index", place, wanted), Clash("input", at + place, have))

        def complain(clash: tuple[Clash, ...] = clash) -> Complaint:
            return Complaint(
                "ATN116",
                f"the mask has size {clash[0].dim} where the tensor has {clash[1].dim}, at axis {clash[1].axis}",
                arguments=("index", "input"),
                clash=clash,
            )

        call.demand_equal(wanted, have, complain, clash)
        entries.append(_Entry(have, None, source[place].axis, Tensor(Shape((count,)), "int64")))
    return rank


def _count_of(call: Call, mask: Tensor) -> Dim:
    """How many elements of a mask are true."""
    counted = _count(mask.elements) if mask.elements is not None else None
    return call.fresh("n") if counted is None else counted


def _count(contents: Value) -> int | None:
    if isinstance(contents, tuple):
        counts = [_count(item) for item in contents]
        return None if None in counts else sum(count for count in counts if count is not None)
    return int(bool(contents)) if isinstance(contents, int) else None


def _demand_elements_inside(index: Tensor, size: Dim, axis: int) -> None:
    if index.elements is None or not isinstance(size, int):
        return
    for number in _numbers(index.elements):
        if not -size <= number < size:
            raise Complaint(
                "ATN116",
                f"index {number} is out of range for size {size} at axis {axis}",
                arguments=("index", "input"),
                clash=(Clash("input", axis, size),),
            )


def _numbers(contents: Value) -> list[int]:
    if isinstance(contents, tuple):
        return [number for item in contents for number in _numbers(item)]
    return [contents] if isinstance(contents, int) else []


def _picked(call: Call, tensor: Tensor, entries: list[_Entry]) -> Tensor:
    """Broadcast the index tensors together and put their shape in its place."""
    places = [place for place, entry in enumerate(entries) if entry.index is not None]
    shapes = [("index", entry.index.shape) for entry in entries if entry.index is not None]
    try:
        shape = broadcast_shapes(call, shapes, code="ATN116")
    except Complaint as complaint:
        texts = ", ".join(str(shape) for _, shape in shapes)
        raise Complaint(
            "ATN116", f"index tensors of shapes {texts} do not broadcast", arguments=("index",), clash=complaint.clash
        ) from None
    neighbours = places[-1] - places[0] + 1 == len(places)
    front = entries[: places[0]] if neighbours else []
    behind = entries[places[-1] + 1 :] if neighbours else [entry for entry in entries if entry.index is None]
    dims = (*(entry.dim for entry in front), *shape.dims, *(entry.dim for entry in behind))
    if all(call.facts.at_least(dim, 1) is Answer.YES for dim in dims):  # with nothing to pick, torch checks no index
        for place in places:
            index = entries[place].index
            assert index is not None
            _demand_elements_inside(index, entries[place].dim, place)
    return viewed(tensor, dims)


# --- tensors of unknown rank ------------------------------------------------------------------------------------------


def _of_unknown(call: Call, tensor: Tensor, items: tuple[Value, ...]) -> Tensor:
    """With ``...``, the items behind it work on the known trailing axes; those before it change
    only what is unknown.
    """
    assert tensor.shape.rest is not None
    if items.count(...) != 1 or any(isinstance(item, Tensor | bool) for item in items):
        least = call.facts.least_rank(tensor.shape) - sum(_consumed(item) for item in items)
        if any(isinstance(item, bool) for item in items):
            least = 0
        kept = min(len(tensor.shape.dims), least)
        return of_unknown_rank(tensor, tensor.shape.dims[len(tensor.shape.dims) - kept :] if kept > 0 else ())
    place = items.index(...)
    front, behind = items[:place], items[place + 1 :]
    count = sum(_consumed(item) for item in behind)
    if count > len(tensor.shape.dims):
        tensor = trailing(call, tensor, count)
    known = tensor.shape.dims
    kept = len(known) - count
    end = indexed(call, Tensor(Shape(known[kept:]), tensor.dtype), behind)
    rest: Rest | None = tensor.shape.rest
    if not all(is_full(item) for item in front):
        in_front = sum(_consumed(item) for item in front)
        kept = min(kept, call.facts.least_rank(tensor.shape) - count - in_front)
        rest = Rest(object())
    middle = known[len(known) - count - kept : len(known) - count] if kept > 0 else ()
    return viewed(tensor, Shape((*middle, *end.shape.dims), rest))
