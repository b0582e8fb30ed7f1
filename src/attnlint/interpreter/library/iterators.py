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
from attnlint.interpreter.objects import OpenDict, Opened, OpenList, OpenSet
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


def make_iterator(run: Run, items: Sequence[Value]) -> Instance:
    """A fresh iterator over known elements."""
    made: Instance = run.store.born(Instance(ITERATOR, {"items": tuple(items), "position": 0}))
    return made


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


def spread(run: Run, value: Value, node: Node) -> Value:
    """What iterating an object of a library class goes through: what its ``__iter__`` gives; other values as they are.

    It may be a ``Repeated``, which ``run.iterate`` cannot give.
    """
    if isinstance(value, Instance) and isinstance(value.cls, PythonName) and value.cls != ITERATOR:
        method = find_method(value, "__iter__")
        model = find_python(method) if method else None
        if model is not None:
            made = model(run, (value,), {}, node)
            return value if made is value else spread(run, made, node)
    return value


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


def first_of(run: Run, value: Value, node: Node) -> Value:
    """The first element of an iterable of which not every element is known; ``None`` where it is not known either."""
    from attnlint.interpreter import iteration

    return iteration.first_of(run, value, node)


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
    firsts: list[Value] = []
    for items, each in zip(known, iterables, strict=True):
        members.append(common(run, items) if items else element_of(run, each, node))
        firsts.append(items[0] if items else first_of(run, each, node))
    sizes = {pair[1] for each in iterables if (pair := alike(run, each, node))}
    length = sizes.pop() if len(sizes) == 1 and len(iterables) == 1 else None
    return Repeated(
        "iterator", tuple(members), length, first=tuple(firsts) if all(each is not None for each in firsts) else None
    )


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


@python("iterator.__length_hint__")
def iterator_length_hint(run: Run, node: Node, receiver: Value, /) -> Value:
    return run.unknown("a length hint", kind="int")


def fresh_int(name: str, minimum: int | None = None) -> Value:
    """An int of which only the least value is known, and that is equal to nothing else for certain."""
    return Expression.of(Symbol(name, minimum=minimum))


def some_index(run: Run) -> Value:
    """One of an unknown number of indices: another one each time it is taken, hence without a key."""
    return run.unknown("an index of an unknown number", "i", "int")


def sequence_of(kind: str, element: Value, length: Dim | None, first: Value = None) -> Value:
    """A list or tuple of an unknown number of elements that are all alike."""
    # A list can be changed in place, which a Repeated cannot.
    return OpenList(Opened(element, first)) if kind == "list" else Repeated(kind, element, length, first=first)
