"""Attributes: assigning and deleting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter import attribute_hooks, attributes, classes
from attnlint.interpreter.objects import (
    BUFFERS,
    OPEN,
    UNBOUND,
    ClassValue,
    FunctionValue,
    ModuleValue,
    PropertyValue,
    SuperValue,
)
from attnlint.syntax import nodes
from attnlint.syntax.nodes import Node
from attnlint.values import BoundMethod, Choice, DictValue, Instance, PythonName, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run


def set_attribute(run: Run, target: Value, name: str, value: Value, node: Node) -> None:
    """``target.name = value``"""
    value = run.keyed(value)
    if isinstance(target, Instance) and name == "__dict__":
        items = value.items if isinstance(value, DictValue) else {}
        if not isinstance(value, DictValue) or not all(isinstance(key, str) for key in items):
            open_object(run, target)
        for key, held in items.items():
            if isinstance(key, str):
                run.store.set_attribute(target, key, held)
        return
    if isinstance(target, Instance):
        if isinstance(target.cls, ClassValue):
            hook, holder = classes.find_in_class(target.cls, attribute_hooks.SET)
            if isinstance(hook, FunctionValue) and run.frame.function is not hook:
                plain = (
                    attribute_hooks.name_written(run, target, (hook, holder), name)
                    if isinstance(holder, ClassValue)
                    else None
                )
                if plain is None:
                    run.call(BoundMethod(target, hook), (name, value), {}, node)
                    return
                name = plain
            elif isinstance(hook, PythonName) and not hook.name.startswith("object."):
                # ``__setattr__ = dict.__setitem__``: attributes are the items.
                run.call(BoundMethod(target, hook), (name, value), {}, node)
                return
        set_plain_attribute(run, target, name, value, node)
    elif isinstance(target, Tensor):
        if name == "requires_grad":
            run.differentiable[id(target.maker)] = target.maker
    elif isinstance(target, ClassValue | FunctionValue):
        run.store.put(target.attributes, name, value)
    elif isinstance(target, ModuleValue):
        run.store.put(target.scope.variables, name, value)
    elif isinstance(target, Unknown) and target.key is not None:
        # Not what is known of the attribute as it was: who has read it before still holds that.
        run.store.know(("written", target.key, name, *attributes.version_of(run, target)), value)
    elif isinstance(target, Choice):
        for each in target.values:
            if isinstance(each, Instance):
                old = each.attributes.get(name, UNBOUND)
                from attnlint.interpreter.joins import join

                run.store.set_attribute(each, name, join(run, old, value))
    elif isinstance(target, SuperValue):
        set_attribute(run, target.receiver, name, value, node)


def set_plain_attribute(run: Run, target: Instance, name: Value, value: Value, node: Node) -> None:
    """What ``object.__setattr__`` does, and torch's for a module."""
    if not isinstance(name, str):
        open_object(run, target)
        return
    if isinstance(target.cls, ClassValue):
        found, _ = classes.find_in_class(target.cls, name)
        if isinstance(found, PropertyValue) and not found.cached:
            if found.setter is not None:
                run.call(found.setter, (target, value), {}, node)
            return
    if type(value) is Unknown and not value.label:
        value = Unknown(value.reason, value.key, f"self.{name}", value.kind, value.optional)
    members = target.attributes.get("_modules", UNBOUND)
    if isinstance(members, DictValue) and classes.is_module(value):
        # A container counts what is assigned to its attributes among its members.
        run.store.set_key(members, name, value)
        return
    if id(value) in run.buffers:
        run.store.set_attribute(target, BUFFERS, (*target.attributes.get(BUFFERS, ()), name))
    run.store.set_attribute(target, name, value)


def open_object(run: Run, target: Value) -> None:
    """An object may have attributes that we do not see."""
    if isinstance(target, Instance) and OPEN not in target.attributes:
        run.store.set_attribute(target, OPEN, True)


def set_unknown_attribute(run: Run, target: Value, value: Value, name: nodes.Node | None) -> None:
    """``setattr(target, name, value)``, ``target.__dict__[name] = value`` of a name that is not known.

    What is read from a file so takes the place of the numbers and words that the object was made with. A name that is
    put together, ``f"layer{index}"``, is one of its own.
    """
    open_object(run, target)
    if not isinstance(target, Instance) or isinstance(value, Instance | Tensor):
        return
    if isinstance(name, nodes.FormattedString | nodes.Binary):
        return
    for each, held in list(target.attributes.items()):
        if type(held) in _CONSTANTS and each != OPEN:
            reason = "an attribute that may have been overwritten"
            run.store.set_attribute(target, each, run.fresh(reason, each))


_CONSTANTS = frozenset([int, float, bool, str, type(None)])
_TABLES = frozenset(["__dict__", "_modules", "_parameters", "_buffers"])


def owner_of_dict(run: Run, node: nodes.Expression) -> Instance | None:
    """The object whose ``__dict__`` an expression names: ``self.__dict__``, ``vars(self)``; or whose ``_modules``,
    ``_parameters`` or ``_buffers``, which hold attributes of a module that is no container."""
    holder: nodes.Expression | None = None
    if isinstance(node, nodes.Attribute) and node.name in _TABLES:
        holder = node.value
    elif (
        isinstance(node, nodes.Call)
        and isinstance(node.function, nodes.Name)
        and node.function.name == "vars"
        and node.arguments
    ):
        holder = node.arguments[0].value
    if not isinstance(holder, nodes.Name | nodes.Attribute):
        return None
    value = run.evaluate(holder)
    return value if isinstance(value, Instance) and "_modules" not in value.attributes else None


def change_dict(run: Run, owner: Instance, method: str, node: nodes.Call) -> Value:
    """``owner.__dict__.update(...)``"""
    values: list[tuple[str | None, Value]] = [
        (argument.keyword, run.evaluate(argument.value)) for argument in node.arguments
    ]
    for keyword, value in values:
        if method == "update" and keyword is not None:
            set_attribute(run, owner, keyword, value, node)
        elif method == "update" and isinstance(value, DictValue) and all(isinstance(key, str) for key in value.items):
            for key, held in value.items.items():
                set_attribute(run, owner, key, held, node)
        elif method == "update":
            set_unknown_attribute(run, owner, value, None)
        else:
            open_object(run, owner)
    return None if method == "update" else run.fresh("an attribute of an object")


def delete_attribute(run: Run, target: Value, name: str, node: Node) -> None:
    """``del target.name``"""
    if isinstance(target, Instance) and isinstance(target.cls, ClassValue):
        hook, _ = classes.find_in_class(target.cls, "__delattr__")
        own = isinstance(hook, FunctionValue) and run.frame.function is not hook
        if own or (isinstance(hook, PythonName) and not hook.name.startswith("object.")):
            run.call(BoundMethod(target, hook), (name,), {}, node)
            return
    if isinstance(target, Instance | ClassValue | FunctionValue):
        run.store.remove(target.attributes, name)
    elif isinstance(target, Unknown) and target.key is not None:
        run.store.know(
            ("written", target.key, name, *attributes.version_of(run, target)), run.fresh("a deleted attribute")
        )
