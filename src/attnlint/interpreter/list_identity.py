"""Lists of unknown length that code writes into.

``[0] * n`` and ``[f(x) for x in xs]`` are one value each as long as nobody changes them, however many hold them. The
first write makes an object of it, the same one for all that hold it: Python's lists have an identity.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from attnlint.interpreter.objects import ClassValue, Opened, OpenList
from attnlint.values import BoundMethod, Choice, DictValue, Instance, ListValue, Repeated, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

MOST_OBJECTS = 1000
"""How many objects are looked at for one that holds the list."""
_HOLDERS = (Instance, ListValue, DictValue, Choice, tuple, BoundMethod)


def as_object(run: Run, value: Repeated) -> OpenList:
    """The object that a list of unknown length is from now on, wherever it is held."""
    made = OpenList(Opened(value.element, value.first))
    run.store.born(made)
    for variables in _variables(run):
        for name, held in list(variables.items()):
            if (new := _replaced(held, value, made)) is not held:
                run.store.put(variables, name, new)
    stack: list[Value] = [held for variables in _variables(run) for held in variables.values()]
    seen: set[int] = set()
    while stack and len(seen) < MOST_OBJECTS:
        holder = stack.pop()
        if id(holder) in seen or not isinstance(
            holder, Instance | ListValue | DictValue | Choice | tuple | BoundMethod
        ):
            continue
        seen.add(id(holder))
        if isinstance(holder, Instance):
            if isinstance(holder.cls, ClassValue):
                for name, held in list(holder.attributes.items()):
                    if (new := _replaced(held, value, made)) is not held:
                        run.store.set_attribute(holder, name, new)
            stack += holder.attributes.values()
        elif isinstance(holder, ListValue):
            for index, held in enumerate(holder.items):
                if (new := _replaced(held, value, made)) is not held:
                    run.store.set_item(holder, index, new)
            stack += holder.items
        elif isinstance(holder, DictValue):
            for key, held in list(holder.items.items()):
                if (new := _replaced(held, value, made)) is not held:
                    run.store.set_key(holder, key, new)
            stack += holder.items.values()
        elif isinstance(holder, BoundMethod):
            stack.append(holder.receiver)
        else:
            stack += holder.values if isinstance(holder, Choice) else holder
    return made


def _variables(run: Run) -> Iterator[dict[str, Any]]:
    """The variables of everything that runs, and of the functions around it."""
    seen: set[int] = set()
    for frame in reversed(run.frames):
        scope = frame.scope
        while scope is not None and id(scope) not in seen:
            seen.add(id(scope))
            yield scope.variables
            scope = scope.parent if scope.parent is not None else scope.module.scope


def _replaced(held: Value, old: Repeated, new: OpenList) -> Value:
    if held is old:
        return new
    if type(held) is Choice and any(each is old for each in held.values):
        return held.only(tuple(new if each is old else each for each in held.values))
    return held
