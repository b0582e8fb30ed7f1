"""Joining values: what is known where two paths meet."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Dim, Expression, Rest, Shape, Symbol
from attnlint.interpreter.objects import UNBOUND, ClassValue, OpenDict, Opened, OpenList, OpenSet
from attnlint.interpreter.store import Snapshot
from attnlint.values import (
    Axis,
    Choice,
    DictValue,
    Instance,
    ListValue,
    NamedTuple,
    PythonName,
    Repeated,
    SetValue,
    Tensor,
    TorchName,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

MOST_ALTERNATIVES = 4
MOST_TENSORS = 2
_PLAIN = frozenset(
    {bool, int, float, complex, str, bytes, type(None), range, slice, type(...), Expression, TorchName, PythonName}
)


def join(run: Run, left: Value, right: Value) -> Value:
    """A value that stands for either."""
    if left is right:
        return left
    return join_all(run, (left, right))


def join_all(run: Run, values: Iterable[Value]) -> Value:
    """A value that stands for any of ``values``."""
    values = tuple(values)
    first = values[0] if values else None
    if type(first) is Choice and all(type(value) is Choice and _same_choice(value, first) for value in values[1:]):
        return first
    kept: list[Value] = []
    for value in values:
        for each in value.values if type(value) is Choice else (value,):
            for index, known in enumerate(kept):
                merged = _merge(run, known, each)
                if merged is not None:
                    kept[index] = merged[0]
                    break
            else:
                kept.append(each)
    if len(kept) == 1:
        return kept[0]
    if len(kept) <= MOST_ALTERNATIVES:
        return _few(run, kept)
    bound = [value for value in kept if value is not UNBOUND]
    general = bound[0] if len(bound) == 1 else generalise(run, bound)
    return general if len(bound) == len(kept) else Choice((general, UNBOUND))


def _same_choice(choice: Choice, other: Choice) -> bool:
    """Whether two choices are between the same objects, under the same conditions."""
    return (
        len(choice.values) == len(other.values)
        and all(a is b for a, b in zip(choice.values, other.values, strict=True))
        and choice.guards == other.guards
    )


def _few(run: Run, kept: list[Value]) -> Value:
    """A choice; more than two tensors, which every operation would have to try, are one tensor that stands for all."""
    tensors = [value for value in kept if type(value) is Tensor]
    if len(tensors) > MOST_TENSORS:
        kept = [generalise_tensors(run, tensors), *(value for value in kept if type(value) is not Tensor)]
    return kept[0] if len(kept) == 1 else Choice(tuple(kept))


def _merge(run: Run, left: Value, right: Value) -> tuple[Value] | None:
    """One value for both where that loses little, in a 1-tuple; ``None`` to keep them apart."""
    if left is right:
        return (left,)
    kind = type(left)
    if kind is not type(right):
        return None
    if kind in _PLAIN:
        return (left,) if left == right else None
    if kind is tuple:
        if len(left) == len(right) and len(left) <= 64:
            return (tuple(join(run, a, b) for a, b in zip(left, right, strict=True)),)
        return None
    if kind is Tensor:
        merged = merge_tensors(left, right)
        return None if merged is None else (merged,)
    if kind is NamedTuple:
        if left.fields == right.fields:
            return (
                NamedTuple(
                    left.name,
                    left.fields,
                    tuple(join(run, a, b) for a, b in zip(left.values, right.values, strict=True)),
                ),
            )
        return None
    if kind is Repeated:
        if left.kind != right.kind:
            return None
        length = left.length if left.length == right.length else None
        return (Repeated(left.kind, common_element(run, [left.element, right.element]), length),)
    if isinstance(left, Unknown):
        if left.key is not None and left.key == right.key:
            either = left if left.optional else right
            return (either if left.kind == right.kind else replace(either, kind=""),)
        same_kind = left.kind if left.kind == right.kind else ""
        return (
            run.fresh(
                "one of several unknown objects", left.label or right.label, same_kind, left.optional or right.optional
            ),
        )
    if kind is Instance and _is_record(left, right) and not alike(left, right):
        return (
            Instance(
                left.cls,
                {name: join(run, value, right.attributes[name]) for name, value in left.attributes.items()},
                origin=left.origin,
            ),
        )
    if kind is Instance or kind is ListValue or kind is DictValue or kind is SetValue:
        if alike(left, right):
            return (left,)
        return _merge_arrays(left, right) if kind is Instance and left.cls == ARRAY == right.cls else None
    if kind is OpenList or kind is OpenDict or kind is OpenSet:
        return None
    return (left,) if left == right else None


ARRAY = PythonName("numpy.ndarray")


def _merge_arrays(left: Instance, right: Instance) -> tuple[Value] | None:
    """numpy's arrays of one shape that hold different numbers: what is written into the one that stands for both may
    be written into either."""
    merged = merge_tensors(left.attributes["_tensor"], right.attributes["_tensor"])
    return None if merged is None else (Instance(ARRAY, {"_tensor": merged, "_bases": (left, right)}),)


def _is_record(left: Instance, right: Instance) -> bool:
    """Whether two objects are named tuples of one class: they do not change, so field by field is enough."""
    cls = left.cls
    return (
        isinstance(cls, ClassValue)
        and cls is right.cls
        and isinstance(cls.attributes.get("_fields"), tuple)
        and PythonName("tuple") in cls.bases
        and left.attributes.keys() == right.attributes.keys()
    )


def merge_tensors(left: Tensor, right: Tensor) -> Tensor | None:
    """One tensor for two of the same shape, with what both know."""
    if left.shape != right.shape:
        return None
    if left.axes != right.axes:
        axes = _common_axes(left, right)
        left, right = replace(left, axes=axes), replace(right, axes=axes)
    if left == right:
        return left
    return Tensor(
        left.shape,
        left.dtype if left.dtype == right.dtype else None,
        left.device if left.device == right.device else None,
        left.strides if left.strides == right.strides else None,
        left.axes,
        left.label if left.label == right.label else "",
        left.origin if left.origin == right.origin else None,
        left.elements if left.elements is not None and same_plain(left.elements, right.elements) else None,
        left.assumed or right.assumed,
        left.is_parameter and right.is_parameter,
    )


_MEETINGS = itertools.count()


def _common_axes(left: Tensor, right: Tensor) -> tuple[Axis, ...] | None:
    """The histories that two tensors have in common; an axis that came from elsewhere in each begins anew."""
    if left.axes is None or right.axes is None or len(left.axes) != len(right.axes):
        return None
    source = ("join", next(_MEETINGS))
    return tuple(
        one if one == other else Axis(source=source, index=index)
        for index, (one, other) in enumerate(zip(left.axes, right.axes, strict=True))
    )


def same_plain(left: Any, right: Any) -> bool:
    """Equality that tells ``True`` from ``1`` and ``1`` from ``1.0``."""
    if type(left) is not type(right):
        return False
    if isinstance(left, tuple):
        return len(left) == len(right) and all(map(same_plain, left, right))
    return bool(left == right)


def alike(
    left: Value, right: Value, depth: int = 24, *, loose: bool = False, numbers: tuple[Dim, Dim] | None = None
) -> bool:
    """Whether two objects are made alike, so that one can stand for the other where a path ends.

    ``loose``: floats do not count; they are rates and scales, which no shape depends on. ``numbers``: the numbers of
    the rounds that the two were made in, which they may keep.
    """
    if left is right:
        return True
    kind = type(left)
    if numbers is not None and kind is not bool and left == numbers[0] and right == numbers[1]:
        return True
    if kind is not type(right):
        return False
    if kind in _PLAIN:
        return bool(left == right) or (loose and kind is float)
    if kind is Tensor:
        return bool(
            left.shape == right.shape and left.dtype == right.dtype and same_plain(left.elements, right.elements)
        )
    if depth == 0:
        return False
    if kind is tuple:
        return len(left) == len(right) and all(
            alike(a, b, depth, loose=loose, numbers=numbers) for a, b in zip(left, right, strict=True)
        )
    if kind is ListValue:
        return len(left.items) == len(right.items) and all(
            alike(a, b, depth - 1, loose=loose, numbers=numbers) for a, b in zip(left.items, right.items, strict=True)
        )
    if kind is DictValue:
        return left.default_factory == right.default_factory and _alike_dicts(
            left.items, right.items, depth - 1, loose, numbers
        )
    if kind is SetValue:
        return bool(left.items == right.items)
    if kind is Instance:
        return (
            left.cls == right.cls
            and left.key == right.key
            and _alike_dicts(left.attributes, right.attributes, depth - 1, loose, numbers)
        )
    if isinstance(left, Unknown):
        if left.key is None or right.key is None:
            return bool(left == right)
        # Two results of one unknown call, held by two objects that are made alike.
        return bool(
            left.key == right.key
            or (depth < 24 and is_fresh(left.key) and is_fresh(right.key) and left.reason == right.reason)
        )
    if kind is Choice:
        return len(left.values) == len(right.values) and all(
            alike(a, b, depth, loose=loose, numbers=numbers) for a, b in zip(left.values, right.values, strict=True)
        )
    try:
        return bool(left == right)
    except TypeError:
        return False


def _alike_dicts(
    left: dict[Any, Value], right: dict[Any, Value], depth: int, loose: bool, numbers: tuple[Dim, Dim] | None
) -> bool:
    return left.keys() == right.keys() and all(
        alike(value, right[key], depth, loose=loose, numbers=numbers) for key, value in left.items()
    )


def is_fresh(key: Any) -> bool:
    """Whether a key is that of something that is not known and was not met before."""
    return isinstance(key, tuple) and key[:1] == ("fresh",)


def generalise(run: Run, values: list[Value]) -> Value:
    """One value that stands for all of many, and says only what all have in common."""
    first = values[0]
    if all(isinstance(value, Tensor) for value in values):
        return generalise_tensors(run, values)
    if all(isinstance(value, int | Expression) and not isinstance(value, bool) for value in values):
        return Expression.of(Symbol("n", ("join", run.next_serial()), None))
    if all(type(value) is type(first) and isinstance(value, bool | str | float) for value in values):
        return run.fresh("one of several values", kind=type(first).__name__)
    if all(
        isinstance(value, tuple) and len(value) == len(first) for value in values if isinstance(first, tuple)
    ) and isinstance(first, tuple):
        return tuple(join_all(run, column) for column in zip(*values, strict=True))
    return run.fresh("one of several values", optional=any(value is None for value in values))


def generalise_tensors(run: Run, tensors: list[Tensor]) -> Tensor:
    """A tensor that stands for any of several: fresh sizes where theirs differ."""
    first = tensors[0]
    dtype = first.dtype if all(tensor.dtype == first.dtype for tensor in tensors) else None
    assumed = any(tensor.assumed for tensor in tensors)
    shapes = [tensor.shape for tensor in tensors]
    if any(shape.rank is None or shape.rank != shapes[0].rank for shape in shapes):
        trailing: list[Dim] = []
        for column in zip(*(reversed(shape.dims) for shape in shapes)):  # noqa: B905 (as far as all go)
            if any(dim != column[0] for dim in column):
                break
            trailing.insert(0, column[0])
        return Tensor(Shape(tuple(trailing), Rest(("join", run.next_serial()))), dtype, assumed=assumed)
    dims = tuple(
        column[0] if all(dim == column[0] for dim in column) else fresh_dim(run)
        for column in zip(*(shape.dims for shape in shapes), strict=True)
    )
    return Tensor(Shape(dims), dtype, assumed=assumed)


def fresh_dim(run: Run, name: str = "n", minimum: int | None = 0) -> Expression:
    """A size of which nothing is known."""
    return Expression.of(Symbol(name, ("join", run.next_serial()), minimum))


def common_element(run: Run, values: list[Value]) -> Value:
    """What stands for every element of a sequence of unknown length. It may be another object each time it is taken."""
    if not values:
        return Unknown("an element of an empty sequence")
    from attnlint.interpreter.block_rows import any_of_a_row

    element = values[0]
    for value in values[1:]:
        element = any_of_a_row(run, element, value) or join(run, element, value)
    if isinstance(element, Unknown) and is_fresh(element.key):
        return Unknown(element.reason, None, element.label, element.kind, element.optional)
    return element


def join_slots(run: Run, owner: Any, values: list[Any]) -> Any:
    """Join what several paths left in one location."""
    first = values[0]
    if all(value is first for value in values):
        return first
    if owner is run.store.knowledge:
        return first if all(_knows_same(value, first) for value in values) else UNBOUND
    if isinstance(first, Snapshot):
        return join_snapshots(run, values)
    return join_all(run, values)


def _knows_same(left: Value, right: Value) -> bool:
    return type(left) is type(right) and bool(left == right)


def join_snapshots(run: Run, snapshots: list[Snapshot]) -> Snapshot:
    """The contents of a container after one of several paths."""
    first = snapshots[0]
    if all(each.cls is ListValue for each in snapshots):
        if all(len(each.items) == len(first.items) for each in snapshots):
            return Snapshot(
                ListValue,
                tuple(join_all(run, column) for column in zip(*(each.items for each in snapshots), strict=True)),
            )
        element = common_element(run, [item for each in snapshots for item in each.items])
        return Snapshot(OpenList, Opened(element, _first(snapshots)))
    if all(each.cls is DictValue or each.cls is OpenDict for each in snapshots):
        return _join_dicts(run, snapshots)
    if all(each.cls is SetValue for each in snapshots) and all(each.items == first.items for each in snapshots):
        return first
    elements: list[Value] = []
    for each in snapshots:
        elements += [each.items.element] if isinstance(each.items, Opened) else list(each.items)
    cls = OpenList if first.cls in (ListValue, OpenList) else OpenSet
    return Snapshot(cls, Opened(common_element(run, elements), _first(snapshots)))


def _first(snapshots: list[Snapshot]) -> Value:
    """The first element that every list has that is not empty; ``None`` where they differ."""
    firsts = []
    for each in snapshots:
        if isinstance(each.items, Opened):
            firsts.append(each.items.first)
        elif isinstance(each.items, tuple) and each.items:
            firsts.append(each.items[0])
    return firsts[0] if firsts and all(first is firsts[0] for first in firsts) else None


def _join_dicts(run: Run, snapshots: list[Snapshot]) -> Snapshot:
    keys: dict[Any, None] = {}
    for each in snapshots:
        keys.update(dict.fromkeys(each.items))
    items = {key: join_all(run, [each.items.get(key, UNBOUND) for each in snapshots]) for key in keys}
    if all(each.cls is DictValue and each.items.keys() == keys.keys() for each in snapshots):
        return Snapshot(DictValue, items, snapshots[0].extra)
    others = [each.extra for each in snapshots if each.cls is OpenDict and each.extra is not UNBOUND]
    if not others:
        return Snapshot(OpenDict, items, UNBOUND)
    # Keys that only some paths know are among the others.
    for key, value in list(items.items()):
        if type(value) is Choice and UNBOUND in value.values:
            others += [each for each in value.values if each is not UNBOUND]
            del items[key]
    return Snapshot(OpenDict, items, common_element(run, others))


def replaced(tensor: Tensor, **changes: Any) -> Tensor:
    """A tensor with some fields changed."""
    return replace(tensor, **changes)
