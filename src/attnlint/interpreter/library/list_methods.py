"""Methods of ``list``, ``tuple`` and ``range``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter import list_identity
from attnlint.interpreter.library.collections_builtins import in_order
from attnlint.interpreter.library.iterators import alike, common, elements, fresh_int, make_iterator
from attnlint.interpreter.library.registry import Model, python, register
from attnlint.interpreter.objects import OpenList
from attnlint.values import ListValue, Repeated, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node


def widen(run: Run, receiver: Value, item: Value) -> None:
    """A list of unknown length gets one more element."""
    receiver = _as_object(run, receiver)
    if isinstance(receiver, OpenList):
        run.store.open(receiver, common(run, [receiver.items.element, item]), receiver.items.first)


def _as_object(run: Run, receiver: Value) -> Value:
    """A list of unknown length is one object for all that hold it, once somebody changes it."""
    is_list = isinstance(receiver, Repeated) and receiver.kind == "list"
    return list_identity.as_object(run, receiver) if is_list else receiver


def _reorder(run: Run, receiver: Value) -> None:
    """Which one is the first is not known any more."""
    receiver = _as_object(run, receiver)
    if isinstance(receiver, OpenList):
        run.store.open(receiver, receiver.items.element)


@python("list.append")
def append(run: Run, node: Node, receiver: Value, item: Value, /) -> Value:
    if isinstance(receiver, ListValue):
        run.store.append(receiver, item)
    else:
        widen(run, receiver, item)
    return None


@python("list.extend", "list.__iadd__")
def extend(run: Run, node: Node, receiver: Value, iterable: Value, /) -> Value:
    if isinstance(receiver, ListValue):
        items = elements(run, iterable, node)
        if items is None:
            run.store.forget(receiver)
        else:
            run.store.set_items(receiver, [*receiver.items, *items])
    else:
        receiver = _as_object(run, receiver)
        for item in elements(run, iterable, node) or (run.unknown("an element of what is not known"),):
            widen(run, receiver, item)
    return None


@python("list.insert")
def insert(run: Run, node: Node, receiver: Value, index: Value, item: Value, /) -> Value:
    if isinstance(receiver, ListValue):
        if isinstance(index, int):
            items = list(receiver.items)
            items.insert(index, item)
            run.store.set_items(receiver, items)
        else:
            run.store.forget(receiver)
    else:
        widen(run, receiver, item)
    return None


@python("list.pop")
def pop(run: Run, node: Node, receiver: Value, index: Value = -1, /) -> Value:
    if not isinstance(receiver, ListValue):
        pair = alike(run, receiver, node)
        _as_object(run, receiver)
        return pair[0] if pair else run.unknown("an element of a list that is not known")
    if not isinstance(index, int):
        run.store.forget(receiver)
        return run.unknown("an element at an index that is not known")
    size = len(receiver.items)
    if not -size <= index < size:
        return run.raise_error("IndexError", "pop from empty list" if not size else "pop index out of range", node)
    items = list(receiver.items)
    taken = items.pop(index)
    run.store.set_items(receiver, items)
    return taken


@python("list.remove")
def remove(run: Run, node: Node, receiver: Value, item: Value, /) -> Value:
    if isinstance(receiver, ListValue):
        position = _find(run, receiver.items, item)
        if position is None:
            run.store.forget(receiver)
        elif position < 0:
            return run.raise_error("ValueError", "list.remove(x): x not in list", node)
        else:
            run.store.set_items(receiver, receiver.items[:position] + receiver.items[position + 1 :])
    return None


@python("list.clear")
def clear(run: Run, node: Node, receiver: Value, /) -> Value:
    if isinstance(receiver, ListValue):
        run.store.set_items(receiver, [])
    elif isinstance(receiver, OpenList | Repeated):
        run.store.forget(_as_object(run, receiver))
    return None


@python("list.reverse")
def reverse_(run: Run, node: Node, receiver: Value, /) -> Value:
    if isinstance(receiver, ListValue):
        run.store.set_items(receiver, receiver.items[::-1])
    else:
        _reorder(run, receiver)
    return None


@python("list.sort")
def sort(run: Run, node: Node, receiver: Value, /, *, key: Value = None, reverse: Value = False) -> Value:
    if isinstance(receiver, ListValue):
        ordered = in_order(run, list(receiver.items), key, reverse, node)
        if ordered is None:
            run.store.forget(receiver)
        else:
            run.store.set_items(receiver, ordered)
    else:
        _reorder(run, receiver)
    return None


@python("list.copy")
def copy(run: Run, node: Node, receiver: Value, /) -> Value:
    if isinstance(receiver, ListValue):
        return ListValue(list(receiver.items))
    return OpenList(receiver.items) if isinstance(receiver, OpenList) else receiver


@python("list.__init__")
def init(run: Run, node: Node, receiver: Value, iterable: Value = (), /) -> Value:
    clear(run, node, receiver)
    return extend(run, node, receiver, iterable)


@python("list.__iter__")
def iterate(run: Run, node: Node, receiver: Value, /) -> Value:
    items = elements(run, receiver, node)
    return run.unknown("elements that are not known") if items is None else make_iterator(run, items)


@python("list.__setitem__")
def setitem(run: Run, node: Node, receiver: Value, index: Value, value: Value, /) -> Value:
    if isinstance(receiver, ListValue) and isinstance(index, int):
        if not -len(receiver.items) <= index < len(receiver.items):
            return run.raise_error("IndexError", "list assignment index out of range", node)
        run.store.set_item(receiver, index, value)
    else:
        run.store.forget(_as_object(run, receiver))
    return None


@python("list.__contains__", "tuple.__contains__", "range.__contains__", "str.__contains__")
def contains(run: Run, node: Node, receiver: Value, item: Value, /) -> Value:
    return run.compare("in", item, receiver, node)


@python("list.__len__", "tuple.__len__", "range.__len__", "str.__len__", "dict.__len__", "set.__len__")
def length(run: Run, node: Node, receiver: Value, /) -> Value:
    from attnlint.interpreter.library.collections_builtins import len_

    return len_(run, node, receiver)


@python("list.__getitem__", "tuple.__getitem__", "range.__getitem__", "str.__getitem__", "dict.__getitem__")
def getitem(run: Run, node: Node, receiver: Value, index: Value, /) -> Value:
    return run.item(receiver, index, node)


def _index(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
    receiver, item, *bounds = arguments
    items = None if isinstance(receiver, Repeated) else elements(run, receiver, node)
    if items is None or not all(isinstance(bound, int) for bound in bounds):
        return fresh_int("i", 0)
    first, last, _ = slice(bounds[0] if bounds else 0, bounds[1] if len(bounds) > 1 else None).indices(len(items))
    position = _find(run, items[first:last], item)
    if position is None:
        return fresh_int("i", 0)
    if position < 0:
        return run.raise_error("ValueError", "the value is not in the list", node)
    return first + position


def _count(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
    receiver, item = arguments
    items = None if isinstance(receiver, Repeated) else elements(run, receiver, node)
    answers = [run.equal(each, item) for each in items or ()]
    return fresh_int("n", 0) if items is None or None in answers else answers.count(True)


_MODELS: dict[str, Model] = {"index": _index, "count": _count}
for _kind in ("list", "tuple", "range"):
    for _name, _model in _MODELS.items():
        register(f"{_kind}.{_name}", _model)


def _find(run: Run, items: list[Value], item: Value) -> int | None:
    """The first position of ``item``, -1 when it is not there; ``None`` when that is not known."""
    for position, each in enumerate(items):
        answer = True if each is item else run.equal(each, item)
        if answer is None:
            return None
        if answer:
            return position
    return -1
