"""``itertools``."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from attnlint.interpreter.library.iterators import (
    ABSENT,
    LONGEST,
    alike,
    common,
    drain,
    elements,
    is_endless,
    make_iterator,
    take,
    together,
)
from attnlint.interpreter.library.registry import class_, python
from attnlint.values import Instance, PythonName, Repeated, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

for _name in ("count", "cycle", "repeat"):
    class_(f"itertools.{_name}", "iterator")


@python("itertools.count")
def count(run: Run, node: Node, start: Value = 0, step: Value = 1) -> Value:
    return Instance(PythonName("itertools.count"), {"next": start, "step": step})


@python("itertools.count.__next__")
def count_next(run: Run, node: Node, receiver: Value, /) -> Value:
    current = receiver.attributes["next"]
    run.store.set_attribute(receiver, "next", run.binary("+", current, receiver.attributes["step"], node))
    return current


@python("itertools.repeat")
def repeat(run: Run, node: Node, element: Value, times: Value = ABSENT) -> Value:
    if isinstance(times, int) and times <= LONGEST:
        return make_iterator(run, [element] * times)
    if times is not ABSENT:
        return Repeated("iterator", element, None if isinstance(times, int) else times)
    return Instance(PythonName("itertools.repeat"), {"element": element})


@python("itertools.repeat.__next__")
def repeat_next(run: Run, node: Node, receiver: Value, /) -> Value:
    return receiver.attributes["element"]


@python("itertools.cycle")
def cycle(run: Run, node: Node, iterable: Value, /) -> Value:
    items = elements(run, iterable, node)
    if items is None:
        pair = alike(run, iterable, node)
        return (
            Instance(PythonName("itertools.repeat"), {"element": pair[0]})
            if pair
            else run.unknown("a cycle of what is not known")
        )
    return (
        Instance(PythonName("itertools.cycle"), {"items": tuple(items), "position": 0})
        if items
        else make_iterator(run, ())
    )


@python("itertools.cycle.__next__")
def cycle_next(run: Run, node: Node, receiver: Value, /) -> Value:
    items, position = receiver.attributes["items"], receiver.attributes["position"]
    if not isinstance(position, int) or not isinstance(items, tuple):
        return run.unknown("the next element of a cycle that was consumed in a branch")
    run.store.set_attribute(receiver, "position", (position + 1) % len(items))
    return items[position]


@python("itertools.count.__iter__", "itertools.repeat.__iter__", "itertools.cycle.__iter__")
def endless_iter(run: Run, node: Node, receiver: Value, /) -> Value:
    return receiver


def _combined(
    run: Run, node: Node, iterables: tuple[Value, ...], combine: Callable[..., Iterable[Any]], what: str
) -> Value:
    """``combine`` of the known elements of iterables, at most LONGEST."""
    columns = [elements(run, each, node) for each in iterables]
    if any(column is None for column in columns):
        return run.unknown(f"{what} of what is not known")
    found = list(itertools.islice(combine(*columns), LONGEST + 1))
    return make_iterator(run, found) if len(found) <= LONGEST else run.unknown(f"{what} of too many elements")


@python("itertools.chain")
def chain(run: Run, node: Node, /, *iterables: Value) -> Value:
    columns = [elements(run, each, node) for each in iterables]
    known = [column for column in columns if column is not None]
    if len(known) == len(columns):
        return make_iterator(run, [item for column in known for item in column])
    members = []
    for column, each in zip(columns, iterables, strict=True):
        pair = alike(run, each, node)
        if column is None and pair is None:
            return run.unknown("a chain of what is not known")
        members += column if column is not None else [pair[0]] if pair else []
    return Repeated("iterator", common(run, members))


@python("itertools.chain.from_iterable")
def chain_from_iterable(run: Run, node: Node, iterables: Value, /) -> Value:
    outer = elements(run, iterables, node)
    if outer is None:
        pair = alike(run, iterables, node)
        inner = elements(run, pair[0], node) if pair else None
        return Repeated("iterator", common(run, inner)) if inner else run.unknown("a chain of what is not known")
    return chain(run, node, *outer)


@python("itertools.product")
def product(run: Run, node: Node, /, *iterables: Value, repeat: Value = 1) -> Value:
    if not isinstance(repeat, int) or repeat > 12:
        return run.unknown("a product of what is not known")
    return _combined(run, node, iterables, lambda *columns: itertools.product(*columns, repeat=repeat), "a product")


@python("itertools.permutations")
def permutations(run: Run, node: Node, iterable: Value, r: Value = None) -> Value:
    return _combined(run, node, (iterable,), lambda column: itertools.permutations(column, r), "permutations")


@python("itertools.combinations")
def combinations(run: Run, node: Node, iterable: Value, r: Value) -> Value:
    if not isinstance(r, int):
        return run.unknown("combinations of a number of elements that is not known")
    return _combined(run, node, (iterable,), lambda column: itertools.combinations(column, r), "combinations")


@python("itertools.combinations_with_replacement")
def combinations_with_replacement(run: Run, node: Node, iterable: Value, r: Value) -> Value:
    if not isinstance(r, int):
        return run.unknown("combinations of a number of elements that is not known")
    return _combined(
        run, node, (iterable,), lambda column: itertools.combinations_with_replacement(column, r), "combinations"
    )


@python("itertools.pairwise")
def pairwise(run: Run, node: Node, iterable: Value, /) -> Value:
    pair = alike(run, iterable, node)
    if pair:
        return Repeated("iterator", (pair[0], pair[0]))
    return _combined(run, node, (iterable,), itertools.pairwise, "pairs")


@python("itertools.zip_longest")
def zip_longest(run: Run, node: Node, /, *iterables: Value, fillvalue: Value = None) -> Value:
    return _combined(
        run, node, iterables, lambda *columns: itertools.zip_longest(*columns, fillvalue=fillvalue), "zip_longest"
    )


@python("itertools.islice")
def islice(run: Run, node: Node, iterable: Value, /, *bounds: Value) -> Value:
    if not all(bound is None or isinstance(bound, int) for bound in bounds):
        pair = alike(run, iterable, node)
        return Repeated("iterator", pair[0]) if pair else run.unknown("a slice of what is not known")
    window = slice(*bounds)
    if is_endless(iterable):
        items = take(run, iterable, window.stop, node) if window.stop is not None and window.stop <= LONGEST else None
    elif isinstance(iterable, Instance) and iterable.cls == PythonName("iterator") and window.stop is not None:
        rest = drain(run, iterable, node)
        items = None if rest is None else rest[: window.stop]
        if rest is not None:
            run.store.set_attribute(
                iterable, "position", iterable.attributes["position"] - max(len(rest) - window.stop, 0)
            )
    else:
        items = elements(run, iterable, node)
    return run.unknown("a slice of what is not known") if items is None else make_iterator(run, items[window])


@python("itertools.accumulate")
def accumulate(run: Run, node: Node, iterable: Value, func: Value = None, *, initial: Value = None) -> Value:
    items = elements(run, iterable, node)
    if items is None:
        return run.unknown("an accumulation of what is not known")
    if initial is not None:
        items = [initial, *items]
    totals = items[:1]
    for item in items[1:]:
        last = totals[-1]
        totals.append(run.binary("+", last, item, node) if func is None else run.call(func, (last, item), {}, node))
    return make_iterator(run, totals)


@python("itertools.starmap")
def starmap(run: Run, node: Node, function: Value, iterable: Value, /) -> Value:
    items = elements(run, iterable, node)
    rows = [elements(run, item, node) for item in items or ()]
    if items is None or any(row is None for row in rows):
        return run.unknown("starmap over what is not known")
    return make_iterator(run, [run.call(function, tuple(row), {}, node) for row in rows if row is not None])


@python("itertools.takewhile", "itertools.dropwhile", "itertools.filterfalse")
def by_predicate(run: Run, node: Node, predicate: Value, iterable: Value, /) -> Value:
    items = elements(run, iterable, node)
    return Repeated("iterator", common(run, items)) if items else run.unknown("elements chosen by a predicate")


@python("itertools.compress")
def compress(run: Run, node: Node, data: Value, selectors: Value) -> Value:
    rows = together(run, (data, selectors), node)
    if not isinstance(rows, list):
        return run.unknown("elements chosen by selectors")
    truths = [run.truth(selector) for _, selector in rows]
    if None in truths:
        return run.unknown("elements chosen by selectors")
    return make_iterator(run, [item for (item, _), truth in zip(rows, truths, strict=True) if truth])


@python("itertools.groupby")
def groupby(run: Run, node: Node, iterable: Value, key: Value = None) -> Value:
    items = elements(run, iterable, node)
    if items is None:
        return run.unknown("groups of what is not known")
    groups: list[tuple[Value, list[Value]]] = []
    for item in items:
        rank = item if key is None else run.call(key, (item,), {}, node)
        same = run.equal(groups[-1][0], rank) if groups else False
        if same is None:
            return run.unknown("groups by a key that is not known")
        if same:
            groups[-1][1].append(item)
        else:
            groups.append((rank, [item]))
    return make_iterator(run, [(rank, make_iterator(run, members)) for rank, members in groups])


@python("itertools.tee")
def tee(run: Run, node: Node, iterable: Value, n: Value = 2, /) -> Value:
    items = elements(run, iterable, node)
    if items is None or not isinstance(n, int):
        return run.unknown("copies of an iterator over what is not known")
    return tuple(make_iterator(run, items) for _ in range(n))
