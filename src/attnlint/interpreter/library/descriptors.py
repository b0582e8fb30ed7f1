"""``property``, ``staticmethod``, ``classmethod`` and ``functools.cached_property``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.library.registry import class_, python
from attnlint.interpreter.objects import ClassMethod, PropertyValue, StaticMethod
from attnlint.values import Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

class_("functools.cached_property", "object")


@python("property")
def property_(
    run: Run, node: Node, fget: Value = None, fset: Value = None, fdel: Value = None, doc: Value = None
) -> Value:
    return PropertyValue(fget, fset)


@python("property.setter")
def with_setter(run: Run, node: Node, receiver: Value, function: Value, /) -> Value:
    return PropertyValue(receiver.getter, function) if isinstance(receiver, PropertyValue) else receiver


@python("property.deleter")
def with_deleter(run: Run, node: Node, receiver: Value, function: Value, /) -> Value:
    return receiver


@python("property.getter")
def with_getter(run: Run, node: Node, receiver: Value, function: Value, /) -> Value:
    return PropertyValue(function, receiver.setter) if isinstance(receiver, PropertyValue) else receiver


@python("functools.cached_property")
def cached_property(run: Run, node: Node, function: Value, /) -> Value:
    return PropertyValue(function, cached=True)


@python("staticmethod")
def staticmethod_(run: Run, node: Node, function: Value, /) -> Value:
    return StaticMethod(function)


@python("classmethod")
def classmethod_(run: Run, node: Node, function: Value, /) -> Value:
    return ClassMethod(function)
