"""Objects belong to the file that made them: what running one file writes into the objects of another does not last.

Python would keep it, in the order in which a program imports its files, and that order nobody knows: a registry that
other files fill must not hold more or less by what was checked before. So it is what its own file makes of it; and
where functions of that file change it, it may hold more than that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attnlint.interpreter.objects import (
    ClassMethod,
    ClassValue,
    FunctionValue,
    ModuleValue,
    OpenDict,
    Opened,
    OpenList,
    OpenSet,
    PropertyValue,
    StaticMethod,
)
from attnlint.interpreter.store import CONTENTS
from attnlint.values import BoundMethod, Choice, DictValue, Instance, ListValue, SetValue, Unknown

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

Homes = dict[int, tuple[str, Any]]
"""By the identity of an object that can be written to: the file that it belongs to, and the object, kept alive."""


def settle(run: Run, module: ModuleValue) -> None:
    """When a statement of an imported file has run: take back what it wrote elsewhere, and note what it made."""
    homes = run.project.homes
    path = module.path
    homes[id(module.scope.variables)] = (path, module.scope.variables)

    def is_foreign(owner: Any) -> bool:
        known = homes.get(id(owner))
        return known is not None and known[0] != path

    for owner, slot in run.store.undo_where(is_foreign):
        if owner is not module.scope.variables:
            homes[id(owner)] = (path, owner)
        _note(homes, path, [owner] if slot is CONTENTS else [owner.get(slot)], again=True)


def _note(homes: Homes, path: str, values: list[Any], again: bool = False) -> None:
    stack = list(values)
    while stack:
        value = stack.pop()
        kind = type(value)
        if kind is tuple:
            stack += value
            continue
        parts = _parts(value, kind)
        if parts is None:
            continue
        owner, inside = parts
        if owner is not None:
            # Once: what was written to may hold itself.
            is_again, again = again and value is values[0], again and value is not values[0]
            if id(owner) in homes and not is_again:
                continue
            homes.setdefault(id(owner), (path, owner))
        stack += inside


def _parts(value: Any, kind: type) -> tuple[Any, Any] | None:
    """What is written to when a value is changed, and the values inside."""
    if kind is DictValue or kind is OpenDict:
        return value, value.items.values()
    if kind is ListValue:
        return value, value.items
    if kind is SetValue or kind is OpenList or kind is OpenSet:
        return value, ()
    if kind is Instance or kind is ClassValue:
        return value.attributes, value.attributes.values()
    if kind is FunctionValue:
        return value.attributes, [*value.attributes.values(), *value.defaults.values()]
    if kind is Choice:
        return None, value.values
    if kind is BoundMethod:
        return None, (value.receiver, value.function)
    if kind is StaticMethod or kind is ClassMethod:
        return None, (value.function,)
    if kind is PropertyValue:
        return None, (value.getter, value.setter)
    return None


def open_exposed(module: ModuleValue) -> None:
    """Of the containers that functions of the file change, nobody knows what else they hold."""
    for name in module.source.plan.exposed - module.opened:
        value: Any = module.scope.variables.get(name)
        kind = type(value)
        more = Unknown(f"what functions of {module.name} may add to {name}")
        if kind is DictValue:
            items = value.items
            value.__class__ = OpenDict
            value.items, value.default_factory = items, more
        elif kind is ListValue:
            value.__class__ = OpenList
            value.items = Opened(more)
        elif kind is SetValue:
            value.__class__ = OpenSet
            value.items = Opened(more)
        else:
            continue
        module.opened.add(name)
