"""Builtins that make or measure collections: ``len``, ``range``, ``list``, ``dict``, ``set``, ``sorted``, ``slice``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra import Dim, Expression, Rest, Shape
from attnlint.interpreter.library import floats
from attnlint.interpreter.library.concrete import NotConcrete, call_real, concrete, is_concrete
from attnlint.interpreter.library.iterators import (
    ABSENT,
    alike,
    elements,
    first_of,
    fresh_int,
    in_some_order,
    is_iterable,
    sequence_of,
    some_index,
)
from attnlint.interpreter.library.keys import is_certain_key
from attnlint.interpreter.library.registry import class_, find_python, python
from attnlint.interpreter.numbers import may_be_int, symbol_of
from attnlint.interpreter.objects import ClassValue
from attnlint.values import (
    DictValue,
    Instance,
    ListValue,
    NamedTuple,
    PythonName,
    Repeated,
    SetValue,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

for _name in ("list", "tuple", "dict", "set", "frozenset", "range", "slice", "str", "bytes", "bytearray", "memoryview"):
    class_(_name, "object")


@python("len")
def len_(run: Run, node: Node, value: Value, /) -> Value:
    if isinstance(value, str | bytes | tuple | range):
        return len(value)
    if isinstance(value, ListValue | DictValue | SetValue):
        return len(value.items)
    if isinstance(value, Repeated) and value.kind != "iterator":
        return fresh_int("n", 0) if value.length is None else value.length
    if isinstance(value, Tensor):
        return _tensor_length(run, value, node)
    if isinstance(value, NamedTuple):
        return len(value.values)
    if isinstance(value, Shape):
        from attnlint.interpreter.numbers import rank_symbol

        shape = run.facts.resolve(value)
        return len(shape.dims) if shape.rest is None else rank_symbol(shape.rest, len(shape.dims))
    if isinstance(value, ClassValue):
        return _class_length(run, value, node)
    if isinstance(value, Unknown):
        return fresh_int(f"len({value.label})" if value.label else "n", 0)
    if is_iterable(value) is False or isinstance(value, Repeated):
        return run.raise_error("TypeError", f"object of type {type(value).__name__!r} has no len()", node)
    if isinstance(value, Instance):
        length = run.call(run.attribute(value, "__len__", node), (), {}, node)
        return fresh_int("n", 0) if isinstance(length, Unknown) else length
    return fresh_int("n", 0)


def _class_length(run: Run, cls: ClassValue, node: Node) -> Value:
    """The number of members of an enumeration."""
    for base in run.mro(cls):
        model = find_python(f"{base.name}.__class_len__") if isinstance(base, PythonName) else None
        if model is not None:
            return model(run, (cls,), {}, node)
    return fresh_int("n", 0)


def _tensor_length(run: Run, tensor: Tensor, node: Node) -> Value:
    """The size of the first axis."""
    shape = run.facts.resolve(tensor.shape)
    if shape.rank == 0:
        return run.raise_error("TypeError", "len() of a 0-d tensor", node)
    if isinstance(shape.rest, Rest):
        return run.facts.leading(shape, 0)
    return shape.dims[0]


@python("range")
def range_(run: Run, node: Node, first: Value, second: Value = ABSENT, step: Value = 1, /) -> Value:
    start, stop = (0, first) if second is ABSENT else (first, second)
    dims = [_whole(value) for value in (start, stop, step)]
    if all(isinstance(dim, int) for dim in dims):
        return range(*dims) if dims[2] != 0 else run.raise_error("ValueError", "range() arg 3 must not be zero", node)  # type: ignore[arg-type]
    if any(isinstance(value, float | str | tuple | ListValue) or value is None for value in (start, stop, step)):
        return run.raise_error("TypeError", "object cannot be interpreted as an integer", node)
    return Repeated("range", some_index(run), _range_length(run, *dims), first=dims[0])


def _range_length(run: Run, start: Dim | None, stop: Dim | None, step: Dim | None) -> Dim | None:
    if start is None or stop is None or not isinstance(step, int) or step <= 0:
        return None
    span = stop - start
    if not floats.is_size(run, span):
        return None
    return span if step == 1 else -((-span) // step)


def _whole(value: Value) -> Dim | None:
    if isinstance(value, Tensor):
        return value.elements if isinstance(value.elements, int | Expression) else None
    if isinstance(value, Unknown) and may_be_int(value):
        return symbol_of(value)  # ``range`` takes nothing but whole numbers
    return floats.as_dim(value)


@python("list")
def list_(run: Run, node: Node, iterable: Value = (), /) -> Value:
    return collect(run, "list", iterable, node)


@python("tuple")
def tuple_(run: Run, node: Node, iterable: Value = (), /) -> Value:
    return collect(run, "tuple", iterable, node)


def collect(run: Run, kind: str, iterable: Value, node: Node) -> Value:
    """A new list or tuple of the elements of ``iterable``."""
    if is_iterable(iterable) is False:
        return run.raise_error("TypeError", f"{type(iterable).__name__!r} object is not iterable", node)
    if isinstance(iterable, Shape) and kind == "tuple":
        return iterable
    items = elements(run, iterable, node)
    if items is not None:
        items = in_some_order(run, iterable, items)
        return tuple(items) if kind == "tuple" else ListValue(items)
    pair = alike(run, iterable, node)
    if pair is not None:
        return sequence_of(kind, pair[0], pair[1], first_of(run, iterable, node))
    if kind == "tuple" and isinstance(iterable, Unknown) and iterable.key is not None:
        # The same contents each time: config.sizes stays itself when it is frozen.
        return Unknown(iterable.reason, key=("tuple", iterable.key), label=iterable.label, kind="tuple")
    return run.unknown(f"a {kind} of what is not known", kind=kind)


@python("set", "frozenset")
def set_(run: Run, node: Node, iterable: Value = (), /) -> Value:
    items = elements(run, iterable, node)
    if items is None or not all(is_certain_key(item) for item in items):
        return run.unknown("a set of what is not known", kind="set")
    return SetValue(set(items))


@python("dict", "collections.OrderedDict")
def dict_(run: Run, node: Node, mapping: Value = (), /, **keywords: Value) -> Value:
    items = pairs(run, mapping, node)
    if items is None:
        return run.unknown("a dict of what is not known", kind="dict")
    return DictValue({**items, **keywords})


def pairs(run: Run, mapping: Value, node: Node) -> dict[Value, Value] | None:
    """Keys and values of a mapping, or of an iterable of pairs; ``None`` when not known."""
    if isinstance(mapping, DictValue):
        return dict(mapping.items)
    if isinstance(mapping, Unknown | Repeated):
        return None
    if isinstance(mapping, Instance) and mapping.cls != PythonName("iterator"):
        return mapping_of_instance(run, mapping, node)
    rows = elements(run, mapping, node)
    found: dict[Value, Value] = {}
    for row in rows or ():
        pair = elements(run, row, node)
        if pair is None or len(pair) != 2 or not is_certain_key(pair[0]):
            return None
        found[pair[0]] = pair[1]
    return None if rows is None else found


def mapping_of_instance(run: Run, mapping: Instance, node: Node) -> dict[Value, Value] | None:
    """What ``dict(instance)`` copies from an object that has ``keys`` and ``__getitem__``."""
    keys = elements(run, run.call(run.attribute(mapping, "keys", node), (), {}, node), node)
    if keys is None or not all(is_certain_key(key) for key in keys):
        return None
    return {key: run.item(mapping, key, node) for key in keys}


@python("sorted")
def sorted_(run: Run, node: Node, iterable: Value, /, *, key: Value = None, reverse: Value = False) -> Value:
    items = elements(run, iterable, node)
    if items is None:
        pair = alike(run, iterable, node)
        if pair is not None:
            return sequence_of("list", pair[0], pair[1])
        return run.unknown("a sorted list of what is not known", kind="list")
    ordered = in_order(run, items, key, reverse, node)
    if ordered is None:
        return run.unknown("elements in an order that is not known", kind="list")
    return ListValue(ordered)


def in_order(run: Run, items: list[Value], key: Value, reverse: Value, node: Node) -> list[Value] | None:
    """``items`` sorted; ``None`` when their order is not known."""
    if len(items) < 2:
        return items
    if not isinstance(reverse, bool | int):
        return None
    try:
        ranks = [concrete(item if key is None else run.call(key, (item,), {}, node)) for item in items]
        order = sorted(range(len(items)), key=ranks.__getitem__, reverse=bool(reverse))
    except NotConcrete:
        return None
    except TypeError as error:
        return run.raise_error("TypeError", str(error), node)
    return [items[index] for index in order]


@python("slice")
def slice_(run: Run, node: Node, first: Value, second: Value = ABSENT, step: Value = None, /) -> Value:
    return slice(first) if second is ABSENT else slice(first, second, step)


@python("bytes", "bytearray")
def bytes_(run: Run, node: Node, /, *arguments: Value, **keywords: Value) -> Value:
    if arguments and isinstance(arguments[0], str) and is_concrete(arguments):
        return call_real(run, bytes, arguments, keywords, node, "bytes")
    return run.unknown("bytes")
