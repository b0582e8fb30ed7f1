"""Iterator objects: what ``iter``, ``zip``, ``map``, ``enumerate`` and the like return.

Over known elements an iterator is an ``Instance`` of ``iterator`` with its items and a position; it is made eagerly, as
the functions that ``map`` and ``filter`` call hardly ever depend on when they are called. Endless ones
(``itertools.count``) are objects of their own class and are only ever taken from in bounded numbers. Over an unknown
number of elements it is ``Repeated("iterator", element)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attnlint.algebra import Dim, Expression, Shape, Symbol
from attnlint.interpreter.library.registry import class_, find_method, find_python, python
from attnlint.interpreter.objects import GeneratorValue, OpenDict, Opened, OpenList, OpenSet
from attnlint.values import DictValue, Instance, ListValue, PythonName, Repeated, SetValue, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

ABSENT: Value = ...
"""An argument that was not given (``...`` is never passed to the functions that use this)."""
LONGEST = 10_000
"""Elements of a sequence that are enumerated at most."""
ITERATOR = PythonName("iterator")
ENDLESS = ("itertools.count", "itertools.cycle", "itertools.repeat", "iterator.of_call")

class_("iterator")


def make_iterator(items: Sequence[Value]) -> Instance:
    """A fresh iterator over known elements."""
    return Instance(ITERATOR, {"items": tuple(items), "position": 0})


def is_endless(value: Value) -> bool:
    """Whether iterating ``value`` never ends (or ends only after a call says so)."""
    return isinstance(value, Instance) and isinstance(value.cls, PythonName) and value.cls.name in ENDLESS


def drain(run: Run, iterator: Instance, node: Node) -> list[Value] | None:
    """What is left of an iterator, which is exhausted afterwards; ``None`` when that is not known."""
    items, position = iterator.attributes.get("items"), iterator.attributes.get("position")
    if not isinstance(items, tuple) or not isinstance(position, int):
        return None
    run.store.set_attribute(iterator, "position", len(items))
    return list(items[position:])


def in_some_order(run: Run, value: Value, items: list[Value]) -> list[Value]:
    """The elements of ``value`` where their order matters: a set has none that can be relied on."""
    return [common(run, items)] * len(items) if isinstance(value, SetValue) and len(items) > 1 else items


def elements(run: Run, value: Value, node: Node) -> list[Value] | None:
    """The elements that iterating ``value`` yields, in order; ``None`` when they are not known or too many."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, ListValue):
        return list(value.items)
    if isinstance(value, str | bytes | range):
        return list(value) if len(value) <= LONGEST else None
    if isinstance(value, Repeated) or is_endless(value):
        return None
    if isinstance(value, Instance) and value.cls == ITERATOR:
        return drain(run, value, node)
    found = run.iterate(value, node)
    return None if found is None or len(found) > LONGEST else list(found)


def take(run: Run, value: Value, count: int, node: Node) -> list[Value] | None:
    """The first ``count`` elements of an endless iterator."""
    taken = []
    for _ in range(count):
        method = find_method(value, "__next__")
        model = find_python(method) if method else None
        if model is None:
            return None
        taken.append(model(run, (value,), {}, node))
    return taken


def alike(run: Run, value: Value, node: Node) -> tuple[Value, Dim | None] | None:
    """An element and the length of an iterable whose elements are not known one by one; ``None`` for anything else."""
    if isinstance(value, Repeated):
        return value.element, value.length
    if isinstance(value, range):
        return some_index(run), len(value)
    if isinstance(value, OpenList | OpenSet):
        return value.items.element, None
    if isinstance(value, Tensor | Shape):
        from attnlint.interpreter.iteration import element_like

        shape = run.facts.resolve(value.shape) if isinstance(value, Tensor) else None
        length = shape.dims[0] if shape is not None and shape.rest is None and shape.dims else None
        return common(run, [element_like(run, value, node)]), length
    return None


def element_of(run: Run, value: Value, node: Node) -> Value:
    """What stands for any element of an iterable of which nothing else is known."""
    from attnlint.interpreter.iteration import element_like

    pair = alike(run, value, node)
    return pair[0] if pair else common(run, [element_like(run, value, node)])


def together(run: Run, iterables: Sequence[Value], node: Node) -> list[tuple[Value, ...]] | Repeated | None:
    """The tuples that ``zip`` yields: known, or all alike, or not known at all."""
    if not iterables:
        return []
    known = _columns(run, iterables, node)
    lengths = [len(items) for items in known if items is not None]
    if lengths and all(items is not None or is_endless(each) for items, each in zip(known, iterables, strict=True)):
        shortest = min(lengths)
        columns = [
            items if items is not None else take(run, each, shortest, node)
            for items, each in zip(known, iterables, strict=True)
        ]
        if any(column is None for column in columns):
            return None
        return list(zip(*(column[:shortest] for column in columns if column is not None), strict=True))
    members: list[Value] = []
    for items, each in zip(known, iterables, strict=True):
        members.append(common(run, items) if items else element_of(run, each, node))
    sizes = {pair[1] for each in iterables if (pair := alike(run, each, node))}
    return Repeated("iterator", tuple(members), sizes.pop() if len(sizes) == 1 and len(iterables) == 1 else None)


def _columns(run: Run, iterables: Sequence[Value], node: Node) -> list[list[Value] | None]:
    """The elements that each iterable gives to ``zip``: one iterator passed several times is dealt out in turns."""
    drained: dict[int, list[Value] | None] = {}
    places: dict[int, list[int]] = {}
    for index, each in enumerate(iterables):
        places.setdefault(id(each), []).append(index)
        if id(each) not in drained:
            drained[id(each)] = None if is_endless(each) else elements(run, each, node)
    columns: list[list[Value] | None] = []
    for index, each in enumerate(iterables):
        items, turns = drained[id(each)], places[id(each)]
        is_dealt = isinstance(each, Instance) and each.cls == ITERATOR
        if items is not None:
            items = items[turns.index(index) :: len(turns)] if is_dealt else in_some_order(run, each, items)
        columns.append(items)
    return columns


def common(run: Run, items: Sequence[Value]) -> Value:
    """One value for any of ``items``."""
    from attnlint.interpreter.joins import common_element

    return common_element(run, list(items))


def is_iterable(value: Value) -> bool | None:
    """Whether ``value`` can be iterated; ``None`` when not known."""
    if isinstance(
        value, tuple | ListValue | DictValue | SetValue | OpenList | OpenDict | OpenSet | str | bytes | range | Repeated
    ):
        return True
    if value is None or isinstance(value, bool | int | float | complex | slice):
        return False
    if isinstance(value, Unknown) and value.kind in ("int", "float", "bool"):
        return False
    return None


@python("iterator.__iter__")
def iterator_iter(run: Run, node: Node, receiver: Value, /) -> Value:
    return receiver


@python("iterator.__next__")
def iterator_next(run: Run, node: Node, receiver: Value, /) -> Value:
    items, position = receiver.attributes.get("items"), receiver.attributes.get("position")
    if not isinstance(items, tuple) or not isinstance(position, int):
        return run.unknown("the next element of an iterator that was consumed in a branch")
    if position >= len(items):
        return run.raise_error("StopIteration", "", node)
    run.store.set_attribute(receiver, "position", position + 1)
    return items[position]


@python("generator.__next__", "generator.send")
def generator_next(run: Run, node: Node, receiver: Value, sent: Value = None, /) -> Value:
    from attnlint.interpreter.generators import advance

    if not isinstance(receiver, GeneratorValue) or sent is not None:
        return run.unknown("the next element of a generator")
    return advance(run, receiver, node)


@python("generator.__iter__")
def generator_iter(run: Run, node: Node, receiver: Value, /) -> Value:
    return receiver


@python("generator.close", "generator.throw")
def generator_close(run: Run, node: Node, receiver: Value, /, *arguments: Value) -> Value:
    return None


@python("iterator.__length_hint__")
def iterator_length_hint(run: Run, node: Node, receiver: Value, /) -> Value:
    return run.unknown("a length hint", kind="int")


@python("iter")
def iter_(run: Run, node: Node, value: Value, sentinel: Value = ..., /) -> Value:
    if sentinel is not ...:
        return Repeated("iterator", run.unknown("the result of a call until it is the sentinel"))
    if isinstance(value, Instance) and (value.cls == ITERATOR or is_endless(value)):
        return value
    if isinstance(value, Repeated):
        return Repeated("iterator", value.element, value.length)
    if isinstance(value, GeneratorValue):
        return value
    if is_iterable(value) is False:
        return run.raise_error("TypeError", "object is not iterable", node)
    items = elements(run, value, node)
    if items is None:
        return Repeated("iterator", element_of(run, value, node))
    return make_iterator(in_some_order(run, value, items))


@python("next")
def next_(run: Run, node: Node, iterator: Value, default: Value = ..., /) -> Value:
    if isinstance(iterator, Instance) and iterator.cls == ITERATOR and default is not ...:
        items, position = iterator.attributes.get("items"), iterator.attributes.get("position")
        if isinstance(items, tuple) and isinstance(position, int) and position >= len(items):
            return default
    if isinstance(iterator, GeneratorValue):
        from attnlint.interpreter.generators import advance

        return advance(run, iterator, node, () if default is ... else (default,))
    if isinstance(iterator, Repeated):
        # Not even known to have one element, nor which one this is.
        return iterator.element if default is ... else run.unknown("the next element, or the default")
    if isinstance(iterator, tuple | ListValue | DictValue | SetValue | str):
        return run.raise_error("TypeError", f"{type(iterator).__name__!r} object is not an iterator", node)
    if isinstance(iterator, Unknown):
        return run.unknown("the next element of an iterator that is not known")
    result = run.call(run.attribute(iterator, "__next__", node), (), {}, node)
    if default is not ... and not (isinstance(iterator, Instance) and iterator.cls == ITERATOR):
        return run.unknown("the next element, or the default")
    return result


@python("enumerate")
def enumerate_(run: Run, node: Node, iterable: Value, start: Value = 0) -> Value:
    if is_endless(iterable):
        return run.unknown("an endless iterator, numbered")
    items = elements(run, iterable, node)
    if items is not None:
        items = in_some_order(run, iterable, items)
        return make_iterator(
            [(run.binary("+", start, i, node) if start != 0 else i, item) for i, item in enumerate(items)]
        )
    pair = alike(run, iterable, node)
    element, length = pair if pair else (element_of(run, iterable, node), None)
    return Repeated("iterator", (some_index(run), element), length)


@python("zip")
def zip_(run: Run, node: Node, /, *iterables: Value, strict: Value = False) -> Value:
    if strict is True:
        sizes = [
            len(each.items) if isinstance(each, ListValue) else len(each)
            for each in iterables
            if isinstance(each, tuple | ListValue)
        ]
        if len(set(sizes)) > 1:
            return run.raise_error("ValueError", "zip() arguments have different lengths", node)
    rows = together(run, iterables, node)
    if rows is None:
        return run.unknown("zip of what is not known")
    return rows if isinstance(rows, Repeated) else make_iterator(rows)


@python("map")
def map_(run: Run, node: Node, function: Value, /, *iterables: Value) -> Value:
    rows = together(run, iterables, node)
    if rows is None:
        return run.unknown("map over what is not known")
    if isinstance(rows, Repeated):
        return Repeated("iterator", run.call(function, rows.element, {}, node), rows.length)
    return make_iterator([run.call(function, row, {}, node) for row in rows])


@python("filter")
def filter_(run: Run, node: Node, function: Value, iterable: Value, /) -> Value:
    items = elements(run, iterable, node)
    if items is None:
        pair = alike(run, iterable, node)
        return Repeated("iterator", pair[0]) if pair else run.unknown("filter of what is not known")
    kept: list[Value] = []
    for item in items:
        truth = run.truth(item if function is None else run.call(function, (item,), {}, node))
        if truth is None:
            return Repeated("iterator", common(run, items))
        if truth:
            kept.append(item)
    return make_iterator(kept)


@python("reversed")
def reversed_(run: Run, node: Node, sequence: Value, /) -> Value:
    if isinstance(sequence, SetValue) or is_iterable(sequence) is False:
        return run.raise_error("TypeError", "object is not reversible", node)
    if isinstance(sequence, Repeated):
        return Repeated("iterator", sequence.element, sequence.length)
    items = elements(run, sequence, node)
    return run.unknown("reversed of what is not known") if items is None else make_iterator(items[::-1])


def fresh_int(name: str, minimum: int | None = None) -> Value:
    """An int of which only the least value is known, and that is equal to nothing else for certain."""
    return Expression.of(Symbol(name, minimum=minimum))


def some_index(run: Run) -> Value:
    """One of an unknown number of indices: another one each time it is taken, hence without a key."""
    return run.unknown("an index of an unknown number", "i", "int")


def sequence_of(kind: str, element: Value, length: Dim | None) -> Value:
    """A list or tuple of an unknown number of elements that are all alike."""
    # A list can be changed in place, which a Repeated cannot.
    return OpenList(Opened(element)) if kind == "list" else Repeated(kind, element, length)
