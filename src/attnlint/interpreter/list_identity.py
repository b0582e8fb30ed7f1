"""Lists of unknown length that code writes into.

``[0] * n`` and ``[f(x) for x in xs]`` are one value each as long as nobody changes them, however many hold them. The
first write makes an object of it, the same one for all that hold it: Python's lists have an identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from attnlint.interpreter.objects import ClassValue, Opened, OpenList
from attnlint.values import BoundMethod, Choice, DictValue, Instance, ListValue, Repeated, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

MOST_OBJECTS = 1000
"""How many objects are looked at for one that holds the list."""
_HOLDERS = frozenset((Instance, ListValue, DictValue, Choice, tuple, BoundMethod))
"""What holds other values. Most of what a program's dicts of settings hold does not."""


def as_object(run: Run, value: Repeated) -> OpenList:
    """The object that a list of unknown length is from now on, wherever it is held."""
    made = OpenList(Opened(value.element, value.first))
    run.store.born(made)
    replace_everywhere(run, value, made)
    return made


def replace_everywhere(run: Run, value: Value, made: Value) -> None:
    """Let all that hold ``value`` hold ``made`` instead."""
    for variables in _variables(run):
        for name, held in _changed(variables.items(), value, made):
            run.store.put(variables, name, held)
    stack = [held for variables in _variables(run) for held in variables.values() if type(held) in _HOLDERS]
    seen: set[int] = set()
    while stack and len(seen) < MOST_OBJECTS:
        holder = stack.pop()
        if id(holder) in seen:
            continue
        seen.add(id(holder))
        kind = type(holder)
        inside: Iterable[Value]
        if kind is Instance:
            inside = holder.attributes.values()
            if isinstance(holder.cls, ClassValue):
                for name, held in _changed(holder.attributes.items(), value, made):
                    run.store.set_attribute(holder, name, held)
        elif kind is ListValue:
            inside = holder.items
            for index, held in _changed(enumerate(holder.items), value, made):
                run.store.set_item(holder, index, held)
        elif kind is DictValue:
            inside = holder.items.values()
            for key, held in _changed(holder.items.items(), value, made):
                run.store.set_key(holder, key, held)
        elif kind is BoundMethod:
            inside = (holder.receiver,)
        else:
            inside = holder.values if kind is Choice else holder
        stack += [held for held in inside if type(held) in _HOLDERS]


def _changed(slots: Iterable[tuple[Any, Value]], old: Value, new: Value) -> list[tuple[Any, Value]]:
    """The slots that hold the list, and what they hold from now on."""
    return [
        (slot, _replaced(held, old, new))
        for slot, held in slots
        if held is old or (type(held) is Choice and any(each is old for each in held.values))
    ]


def _variables(run: Run) -> Iterator[dict[str, Any]]:
    """The variables of everything that runs, and of the functions around it."""
    seen: set[int] = set()
    for frame in reversed(run.frames):
        scope = frame.scope
        while scope is not None and id(scope) not in seen:
            seen.add(id(scope))
            yield scope.variables
            scope = scope.parent if scope.parent is not None else scope.module.scope


def _replaced(held: Value, old: Value, new: Value) -> Value:
    if held is old:
        return new
    if type(held) is Choice and any(each is old for each in held.values):
        return held.only(tuple(new if each is old else each for each in held.values))
    return held
