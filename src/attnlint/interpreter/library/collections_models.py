"""``collections.deque`` and ``collections.Counter``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.library.collections_builtins import len_
from attnlint.interpreter.library.iterators import elements, make_iterator
from attnlint.interpreter.library.keys import is_certain_key
from attnlint.interpreter.library.list_methods import append as list_append
from attnlint.interpreter.library.list_methods import pop as list_pop
from attnlint.interpreter.library.registry import class_, python
from attnlint.interpreter.objects import OpenList
from attnlint.values import DictValue, Instance, ListValue, PythonName, Repeated, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

class_("collections.deque", "object")


@python("collections.deque")
def deque(run: Run, node: Node, iterable: Value = (), maxlen: Value = None) -> Value:
    items = elements(run, iterable, node)
    if items is None or not (maxlen is None or isinstance(maxlen, int)):
        return run.unknown("a deque of what is not known")
    return Instance(
        PythonName("collections.deque"), {"_items": ListValue(items[-maxlen:] if maxlen else items), "maxlen": maxlen}
    )


def _change(run: Run, receiver: Value, items: list[Value] | None, *, from_left: bool = False) -> None:
    """Set the contents, dropping from the other end what is too much."""
    contents, most = receiver.attributes["_items"], receiver.attributes["maxlen"]
    if items is None or not isinstance(contents, ListValue):
        run.store.forget(contents)
        return
    if isinstance(most, int) and len(items) > most:
        items = items[:most] if from_left else items[len(items) - most :]
    run.store.set_items(contents, items)


def _known(receiver: Value) -> list[Value] | None:
    contents = receiver.attributes["_items"]
    return list(contents.items) if isinstance(contents, ListValue) else None


@python("collections.deque.append")
def append(run: Run, node: Node, receiver: Value, item: Value, /) -> Value:
    known = _known(receiver)
    if known is None:
        return list_append(run, node, receiver.attributes["_items"], item)
    _change(run, receiver, [*known, item])
    return None


@python("collections.deque.appendleft")
def appendleft(run: Run, node: Node, receiver: Value, item: Value, /) -> Value:
    known = _known(receiver)
    _change(run, receiver, None if known is None else [item, *known], from_left=True)
    return None


@python("collections.deque.extend")
def extend(run: Run, node: Node, receiver: Value, iterable: Value, /) -> Value:
    known, added = _known(receiver), elements(run, iterable, node)
    _change(run, receiver, None if known is None or added is None else known + added)
    return None


@python("collections.deque.extendleft")
def extendleft(run: Run, node: Node, receiver: Value, iterable: Value, /) -> Value:
    known, added = _known(receiver), elements(run, iterable, node)
    _change(run, receiver, None if known is None or added is None else added[::-1] + known, from_left=True)
    return None


@python("collections.deque.pop")
def pop(run: Run, node: Node, receiver: Value, /) -> Value:
    return list_pop(run, node, receiver.attributes["_items"])


@python("collections.deque.popleft")
def popleft(run: Run, node: Node, receiver: Value, /) -> Value:
    return list_pop(run, node, receiver.attributes["_items"], 0)


@python("collections.deque.rotate")
def rotate(run: Run, node: Node, receiver: Value, n: Value = 1, /) -> Value:
    known = _known(receiver)
    if known and isinstance(n, int):
        shift = n % len(known)
        _change(run, receiver, known[len(known) - shift :] + known[: len(known) - shift])
    elif known != []:
        _change(run, receiver, None)
    return None


@python("collections.deque.clear")
def clear(run: Run, node: Node, receiver: Value, /) -> Value:
    _change(run, receiver, [])
    return None


@python("collections.deque.__len__")
def length(run: Run, node: Node, receiver: Value, /) -> Value:
    return len_(run, node, receiver.attributes["_items"])


@python("collections.deque.__bool__")
def is_true(run: Run, node: Node, receiver: Value, /) -> Value:
    truth = run.truth(receiver.attributes["_items"])
    return run.unknown("whether a deque is empty", kind="bool") if truth is None else truth


@python("collections.deque.__iter__")
def iterate(run: Run, node: Node, receiver: Value, /) -> Value:
    known = _known(receiver)
    if known is not None:
        return make_iterator(run, known)
    contents = receiver.attributes["_items"]
    if isinstance(contents, OpenList):
        return Repeated("iterator", contents.items.element)
    return run.unknown("the elements of a deque that is not known")


@python("collections.deque.__getitem__")
def getitem(run: Run, node: Node, receiver: Value, index: Value, /) -> Value:
    return run.item(receiver.attributes["_items"], index, node)


@python("collections.deque.__contains__")
def contains(run: Run, node: Node, receiver: Value, item: Value, /) -> Value:
    return run.compare("in", item, receiver.attributes["_items"], node)


@python("collections.Counter")
def counter(run: Run, node: Node, iterable: Value = (), /, **keywords: Value) -> Value:
    items = elements(run, iterable, node)
    if isinstance(iterable, DictValue) or items is None or keywords or not all(is_certain_key(item) for item in items):
        return run.unknown("counts of what is not known")
    counts: dict[Value, Value] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    return DictValue(counts, PythonName("int"))
