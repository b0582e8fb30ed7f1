"""What a call that is not run to its end may have changed: its contents are not known any more.

Code that is not known is taken to change what it is handed. Of a function of the user's that is given up, for its cost
or its depth, more is known: it can change whatever it reaches, through its arguments, its receiver and the variables of
the functions around it; and what it was seen to write before it was given up, it does write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from attnlint.interpreter import classes, list_identity, modules
from attnlint.interpreter.library import numpy_arrays, numpy_contents
from attnlint.interpreter.objects import OPEN, UNBOUND, ClassValue, FunctionValue, LazyImport
from attnlint.interpreter.scopes import Scope, find_scope
from attnlint.interpreter.store import CONTENTS, Delta, Snapshot
from attnlint.syntax import nodes
from attnlint.syntax.mentions import Mentions, mentions
from attnlint.values import (
    BoundMethod,
    Choice,
    DictValue,
    Instance,
    ListValue,
    Repeated,
    SetValue,
    Tensor,
    TorchName,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

MOST_OBJECTS = 400
"""How many objects are looked at."""
MOST_FUNCTIONS = 40
"""How many functions are looked at for the attributes that they set."""
MEMBERS = "_modules"


def forget_arguments(run: Run, arguments: Iterable[Value]) -> None:
    """Code that is not known may have changed what it was given."""
    for value in arguments:
        if isinstance(value, ListValue | DictValue | SetValue):
            run.store.forget(value)
        elif isinstance(value, Repeated) and value.kind == "list":
            run.store.forget(list_identity.as_object(run, value))
        elif isinstance(value, Instance) and isinstance(value.cls, ClassValue) and OPEN not in value.attributes:
            run.store.set_attribute(value, OPEN, True)
        elif numpy_arrays.is_array(value):
            numpy_contents.forget(run, value)
        if isinstance(value, Instance) and classes.is_module(value):
            # It may have given the layers of a module other attributes.
            for _, module in modules.descendants(run, value):
                if isinstance(module.cls, TorchName) and OPEN not in module.attributes:
                    run.store.set_attribute(module, OPEN, True)


def forget_reached(run: Run, function: FunctionValue, arguments: Iterable[Value]) -> None:
    """A function of the user's was not run to its end: containers that it reaches hold what nobody knows, and so do the
    attributes that it, or what it calls, sets."""
    arguments = tuple(arguments)
    forget_arguments(run, arguments)
    instances: list[Instance] = []
    seen: set[int] = set()
    stack: list[Value] = [*arguments, *_captured(function)]
    while stack and len(seen) < MOST_OBJECTS:
        value = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, ListValue | DictValue | SetValue):
            stack += value.items.values() if isinstance(value, DictValue) else value.items
            if not is_registry(value):
                run.store.forget(value)
        elif isinstance(value, Repeated) and value.kind == "list":
            run.store.forget(list_identity.as_object(run, value))
        elif numpy_arrays.is_array(value):
            numpy_contents.forget(run, value)
        elif isinstance(value, Instance):
            instances.append(value)
            members = value.attributes.get(MEMBERS)
            stack += members.items.values() if isinstance(members, DictValue) else ()
            stack += (held for name, held in value.attributes.items() if name != MEMBERS)
        elif isinstance(value, BoundMethod):
            stack.append(value.receiver)
        elif isinstance(value, Choice):
            stack += value.values
        elif isinstance(value, tuple):
            stack += value
    _forget_declared(run, function)
    names, all_names = _attributes_set(function, instances)
    reason = "a call that was given up may set this"
    for instance in instances:
        if all_names and MEMBERS in instance.attributes:
            run.store.set_attribute(instance, OPEN, True)
        for name, held in list(instance.attributes.items()):
            if name in names or (all_names and isinstance(held, Instance | Tensor)):
                run.store.set_attribute(instance, name, run.fresh(reason, f"self.{name}"))


_SETTERS = frozenset(
    "setattr __setattr__ add_module register_module register_buffer register_parameter set_submodule __dict__ _modules "
    "_parameters _buffers".split()
)
"""What sets attributes, or members of containers, whose names are not written out."""


def _attributes_set(function: FunctionValue, instances: list[Instance]) -> tuple[frozenset[str], bool]:
    """The attributes that a function and what it calls may set; whether they may be any."""
    names: set[str] = set()
    any_name = False
    held = list({id(each.cls): each.cls for each in instances}.values())
    todo, seen = [function], {id(function.node)}
    while todo and len(seen) < MOST_FUNCTIONS:
        current = todo.pop()
        spoken = _mentions(current)
        names |= spoken.set_attributes
        any_name = any_name or not _SETTERS.isdisjoint(spoken.words)
        for called in _called(spoken, current, held):
            if id(called.node) not in seen:
                seen.add(id(called.node))
                todo.append(called)
    return frozenset(names), any_name


def sets_attributes(function: FunctionValue) -> bool:
    """Whether a function may set attributes other than the data of tensors."""
    names, any_name = _attributes_set(function, [])
    return any_name or bool(names - {"data", "grad", "requires_grad"})


def _called(spoken: Mentions, function: FunctionValue, held: list[Any]) -> Iterator[FunctionValue]:
    """The functions of the user's that a function calls by name, or as a method of an object of one of ``held``."""
    for name in spoken.called:
        variables = find_scope(function.scope, name)
        value = None if variables is None else variables[name]
        if isinstance(value, FunctionValue):
            yield value
    for name in spoken.called_attributes:
        for cls in held:
            found, _ = classes.find_in_class(cls, name)
            if isinstance(found, FunctionValue):
                yield found


def forget_written(run: Run, written: Delta) -> None:
    """What a call wrote before it was given up, and took back, is what it may write."""
    for owner, slot, value in written.values():
        if slot is CONTENTS:
            if not _only_adds(owner, value):
                run.store.forget(owner)
        elif owner is run.store.knowledge:
            run.store.remove(owner, slot)
        elif owner.get(slot, UNBOUND) is not UNBOUND and not isinstance(owner[slot], LazyImport | Unknown | Choice):
            # Of these the interpreter itself writes down what it has learnt.
            run.store.put(owner, slot, run.fresh("a call that was given up sets this"))


def _only_adds(container: Value, later: Snapshot) -> bool:
    """Whether a dict got new keys only. Of one that names functions and classes that is taken for granted: what is
    registered later, under a name that is not known, is mostly another one."""
    if not isinstance(container, DictValue):
        return False
    if is_registry(container):
        return True
    return later.cls is DictValue and all(
        later.items.get(key, UNBOUND) is value for key, value in container.items.items()
    )


def is_registry(container: Value) -> bool:
    """A dict that names functions or classes."""
    return isinstance(container, DictValue) and all(
        isinstance(value, FunctionValue | ClassValue) for value in container.items.values()
    )


def _captured(function: FunctionValue) -> Iterator[Value]:
    """The variables of the functions around a function that its body speaks of."""
    scope: Scope | None = function.scope
    if scope is None or scope.kind == "module":
        return
    named = _mentions(function).names
    while scope is not None and scope.kind != "module":
        if scope.kind != "class":
            yield from (value for name, value in scope.variables.items() if name in named)
        scope = scope.parent


def _forget_declared(run: Run, function: FunctionValue) -> None:
    """The variables of other scopes that a function says it sets, and global containers that it writes into."""
    if not isinstance(function.node, nodes.FunctionDef):
        return
    reason = "a call that was given up may set this"
    variables = function.module.scope.variables
    for name in function.node.scope.global_names:
        if name in variables:
            run.store.put(variables, name, run.fresh(reason))
    for name in function.node.scope.nonlocal_names:
        scope: Scope | None = function.scope
        while scope is not None and scope.kind != "module":
            if scope.kind != "class" and name in scope.variables:
                run.store.put(scope.variables, name, run.fresh(reason))
                break
            scope = scope.parent
    for name in function.node.mentions.written_into:
        value = variables.get(name)
        if name not in function.node.scope.local_names and isinstance(value, ListValue | DictValue | SetValue):
            run.store.forget(value)


def _mentions(function: FunctionValue) -> Mentions:
    node = function.node
    return node.mentions if isinstance(node, nodes.FunctionDef) else mentions((node.body,))
