"""Methods of ``set`` and ``frozenset``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attnlint.interpreter.library.iterators import elements
from attnlint.interpreter.library.keys import is_certain_key
from attnlint.interpreter.library.registry import Model, python, register
from attnlint.values import SetValue, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node


def _members(run: Run, value: Value, node: Node) -> set[Any] | None:
    items = list(value.items) if isinstance(value, SetValue) else elements(run, value, node)
    return set(items) if items is not None and all(is_certain_key(item) for item in items) else None


@python("set.add")
def add(run: Run, node: Node, receiver: Value, item: Value, /) -> Value:
    if isinstance(receiver, SetValue):
        if is_certain_key(item):
            run.store.set_add(receiver, item)
        else:
            run.store.forget(receiver)
    return None


@python("set.copy", "frozenset.copy")
def copy(run: Run, node: Node, receiver: Value, /) -> Value:
    return SetValue(set(receiver.items)) if isinstance(receiver, SetValue) else receiver


def _replace(run: Run, receiver: SetValue, items: set[Any] | None) -> None:
    if items is None:
        run.store.forget(receiver)
    else:
        run.store.set_elements(receiver, items)


@python("set.discard")
def discard(run: Run, node: Node, receiver: Value, item: Value, /) -> Value:
    if isinstance(receiver, SetValue):
        _replace(run, receiver, receiver.items - {item} if is_certain_key(item) else None)
    return None


@python("set.remove")
def remove(run: Run, node: Node, receiver: Value, item: Value, /) -> Value:
    if isinstance(receiver, SetValue) and is_certain_key(item) and item not in receiver.items:
        return run.raise_error("KeyError", repr(item), node)
    return discard(run, node, receiver, item)


@python("set.clear")
def clear(run: Run, node: Node, receiver: Value, /) -> Value:
    if isinstance(receiver, SetValue):
        run.store.set_elements(receiver, set())
    return None


@python("set.pop")
def pop(run: Run, node: Node, receiver: Value, /) -> Value:
    if isinstance(receiver, SetValue) and len(receiver.items) == 1:
        item = next(iter(receiver.items))
        run.store.set_elements(receiver, set())
        return item
    if isinstance(receiver, SetValue):
        if not receiver.items:
            return run.raise_error("KeyError", "pop from an empty set", node)
        run.store.forget(receiver)
    return run.unknown("some element of a set")


_COMBINATIONS: dict[str, Callable[..., set[Any]]] = {
    "union": set.union,
    "intersection": set.intersection,
    "difference": set.difference,
    "symmetric_difference": set.symmetric_difference,
}
_RELATIONS: dict[str, Callable[[set[Any], set[Any]], bool]] = {
    "issubset": set.issubset,
    "issuperset": set.issuperset,
    "isdisjoint": set.isdisjoint,
}
_UPDATES: dict[str, Callable[..., set[Any]]] = {
    "update": set.union,
    "intersection_update": set.intersection,
    "difference_update": set.difference,
    "symmetric_difference_update": set.symmetric_difference,
}


def _combination(combine: Callable[..., set[Any]]) -> Model:
    def model(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
        parts = [_members(run, argument, node) for argument in arguments]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return run.unknown("a set that is not known", kind="set")
        return SetValue(combine(*known))

    return model


def _relation(relate: Callable[[set[Any], set[Any]], bool]) -> Model:
    def model(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
        left, right = (_members(run, argument, node) for argument in arguments)
        if left is None or right is None:
            return run.unknown("how two sets compare", kind="bool")
        return relate(left, right)

    return model


def _update(combine: Callable[..., set[Any]]) -> Model:
    def model(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
        if isinstance(arguments[0], SetValue):
            parts = [_members(run, argument, node) for argument in arguments]
            known = [part for part in parts if part is not None]
            _replace(run, arguments[0], combine(*known) if len(known) == len(parts) else None)
        return None

    return model


for _name, _combine in _COMBINATIONS.items():
    register(f"set.{_name}", _combination(_combine))
for _name, _relate in _RELATIONS.items():
    register(f"set.{_name}", _relation(_relate))
for _name, _change in _UPDATES.items():
    register(f"set.{_name}", _update(_change))


@python("set.__contains__")
def contains(run: Run, node: Node, receiver: Value, item: Value, /) -> Value:
    if isinstance(receiver, SetValue) and is_certain_key(item):
        return item in receiver.items
    return run.unknown("whether an element is there", kind="bool")
