"""``def`` and ``class`` statements, and decorators."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from attnlint.interpreter import classes
from attnlint.interpreter.expressions import defaults_of
from attnlint.interpreter.objects import ClassMethod, ClassValue, FunctionValue, StaticMethod
from attnlint.interpreter.scopes import bind_name
from attnlint.syntax import nodes
from attnlint.values import BoundMethod, Choice, External, Instance, PythonName, TorchName, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

# Decorators that give another thing back, by the last part of their name: what they decorate is not what callers see.
REPLACING = frozenset(
    "fixture parametrize given vmap pmap jit_fn contextmanager asynccontextmanager overload singledispatch hook".split()
)

DECORATION = 300
"""Steps that one decorator may take: those that take more build documentation, and pass on what they decorate."""


def define_function(run: Run, node: nodes.FunctionDef) -> None:
    """Make a function and bind it to its name."""
    function = FunctionValue(node, run.scope, run.scope.module, node.name, defaults_of(run, node.parameters))
    run.store.born(function)
    run.scope.keep()
    if run.scope.module is run.main:
        run.functions.append(function)
    value: Value = function
    for decorator in reversed(node.decorators):
        value = decorate(run, decorator, value)
    if run.scope.kind == "class":
        # Called by Python with the class, without saying so.
        if node.name in ("__init_subclass__", "__class_getitem__") and isinstance(value, FunctionValue):
            value = ClassMethod(value)
        elif node.name == "__new__" and isinstance(value, FunctionValue):
            value = StaticMethod(value)
    bind_name(run, node.name, value)


def decorate(run: Run, node: nodes.Expression, value: Value) -> Value:
    """Apply a decorator."""
    decorator = run.evaluate(node)
    name = _name(decorator)
    last = name.rpartition(".")[2]
    if last == "contextmanager" and isinstance(value, FunctionValue):
        value.manages_context = True
        return value
    if last == "overload":
        return value
    if isinstance(decorator, External | Unknown):
        if last in REPLACING:
            return Unknown(f"a function under the decorator {name}", None, name)
        if isinstance(value, FunctionValue):
            value.unknown_decorator = name or "?"
        return value
    if isinstance(decorator, TorchName):
        return value
    outer, run.decorated = run.decorated, value.name if isinstance(value, FunctionValue | ClassValue) else ""
    try:
        result = run.within(DECORATION, lambda: run.call(decorator, (value,), {}, node))
    finally:
        run.decorated = outer
    if isinstance(result, Unknown) and isinstance(value, FunctionValue | ClassValue):
        # A decorator that runs through something unknown, mostly a registry: what it decorates is passed on.
        return value
    if type(result) is Choice and isinstance(value, FunctionValue | ClassValue):
        # The same on the path on which a package is installed that attnlint does not know.
        known = tuple(each for each in result.values if not isinstance(each, Unknown))
        result = result.only(known) if len(known) > 1 else known[0] if known else value
    return value if result is None else result


def _name(decorator: Value) -> str:
    if isinstance(decorator, External | PythonName | TorchName):
        return decorator.name
    if isinstance(decorator, Unknown):
        return decorator.label or decorator.reason.removeprefix("attnlint does not know ")
    if isinstance(decorator, FunctionValue):
        return ""
    if isinstance(decorator, BoundMethod):
        return _name(decorator.function)
    return ""


def bind_class(run: Run, node: nodes.ClassDef) -> None:
    """Make a class and bind it to its name."""
    value = classes.define_class(run, node)
    if run.scope.module is run.main and isinstance(value, ClassValue):
        run.classes.append(value)
    for decorator in reversed(node.decorators):
        value = decorate(run, decorator, value)
    bind_name(run, node.name, value)


__all__ = ["Instance", "bind_class", "define_function", "replace"]
