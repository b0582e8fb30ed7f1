"""Builtins that iterate: ``iter``, ``next``, ``enumerate``, ``zip``, ``map``, ``filter``, ``reversed``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from attnlint.interpreter.library.iterators import (
    ITERATOR,
    LONGEST,
    alike,
    common,
    element_of,
    elements,
    first_of,
    in_some_order,
    is_endless,
    is_iterable,
    make_iterator,
    some_index,
    spread,
    together,
)
from attnlint.interpreter.library.registry import python
from attnlint.interpreter.objects import GeneratorValue
from attnlint.values import DictValue, Instance, ListValue, Repeated, SetValue, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node


@python("iter")
def iter_(run: Run, node: Node, value: Value, sentinel: Value = ..., /) -> Value:
    if sentinel is not ...:
        return Repeated("iterator", run.unknown("the result of a call until it is the sentinel"))
    value = spread(run, value, node)
    if isinstance(value, Instance) and (value.cls == ITERATOR or is_endless(value)):
        return value
    if isinstance(value, Repeated):
        if value.edges is not None and isinstance(value.length, int) and value.length <= LONGEST:
            return make_iterator(run, [value.edges[0]] * (value.length - 1) + [value.edges[1]])
        return Repeated("iterator", value.element, value.length, first=value.first)
    if isinstance(value, GeneratorValue):
        return value
    if is_iterable(value) is False:
        return run.raise_error("TypeError", "object is not iterable", node)
    items = elements(run, value, node)
    if items is None:
        return Repeated("iterator", element_of(run, value, node), first=first_of(run, value, node))
    return make_iterator(run, in_some_order(run, value, items))


@python("next")
def next_(run: Run, node: Node, iterator: Value, default: Value = ..., /) -> Value:
    if isinstance(iterator, Instance) and iterator.cls == ITERATOR and default is not ...:
        items, position = iterator.attributes.get("items"), iterator.attributes.get("position")
        if isinstance(items, tuple) and isinstance(position, int) and position >= len(items):
            return default
    if isinstance(iterator, Repeated):
        # Not even known to have one element, nor which one this is.
        return iterator.element if default is ... else _or_default(run, default)
    if isinstance(iterator, tuple | ListValue | DictValue | SetValue | str):
        return run.raise_error("TypeError", f"{type(iterator).__name__!r} object is not an iterator", node)
    if isinstance(iterator, Unknown):
        return run.unknown("the next element of an iterator that is not known")
    result = run.call(run.attribute(iterator, "__next__", node), (), {}, node)
    if default is not ... and not (isinstance(iterator, Instance) and iterator.cls == ITERATOR):
        return _or_default(run, default)
    return result


def _or_default(run: Run, default: Value) -> Value:
    return replace(run.unknown("the next element, or the default"), optional=default is None)


@python("enumerate")
def enumerate_(run: Run, node: Node, iterable: Value, start: Value = 0) -> Value:
    if is_endless(iterable):
        return run.unknown("an endless iterator, numbered")
    iterable = spread(run, iterable, node)
    items = elements(run, iterable, node)
    if items is not None:
        items = in_some_order(run, iterable, items)
        return make_iterator(
            run, [(run.binary("+", start, i, node) if start != 0 else i, item) for i, item in enumerate(items)]
        )
    pair = alike(run, iterable, node)
    element, length = pair if pair else (element_of(run, iterable, node), None)
    edges = None
    if isinstance(iterable, Repeated) and iterable.edges is not None and length is not None:
        last = run.binary("+", start, length - 1, node)
        edges = ((some_index(run), iterable.edges[0]), (last, iterable.edges[1]))
    first = first_of(run, iterable, node)
    numbered = None if first is None else (start, first)
    return Repeated("iterator", (some_index(run), element), length, edges, numbered)


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
    rows = together(run, [spread(run, each, node) for each in iterables], node)
    if rows is None:
        return run.unknown("zip of what is not known")
    return rows if isinstance(rows, Repeated) else make_iterator(run, rows)


@python("map")
def map_(run: Run, node: Node, function: Value, /, *iterables: Value) -> Value:
    rows = together(run, [spread(run, each, node) for each in iterables], node)
    if rows is None:
        return run.unknown("map over what is not known")
    if isinstance(rows, Repeated):
        first = None if rows.first is None else run.call(function, rows.first, {}, node)
        return Repeated("iterator", run.call(function, rows.element, {}, node), rows.length, first=first)
    return make_iterator(run, [run.call(function, row, {}, node) for row in rows])


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
    return make_iterator(run, kept)


@python("reversed")
def reversed_(run: Run, node: Node, sequence: Value, /) -> Value:
    if isinstance(sequence, SetValue) or is_iterable(sequence) is False:
        return run.raise_error("TypeError", "object is not reversible", node)
    if isinstance(sequence, Repeated):
        return Repeated("iterator", sequence.element, sequence.length)
    items = elements(run, sequence, node)
    return run.unknown("reversed of what is not known") if items is None else make_iterator(run, items[::-1])
