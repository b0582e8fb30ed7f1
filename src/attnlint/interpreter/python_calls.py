"""Builtins that need the interpreter itself: ``isinstance``, ``hasattr``, ``property``, ``next``, ..."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attnlint.interpreter import attribute_writes, attributes, classes, generators, library
from attnlint.interpreter.conditions import condition
from attnlint.interpreter.iteration import element_like
from attnlint.interpreter.objects import UNBOUND, ClassMethod, GeneratorValue, PropertyValue, StaticMethod
from attnlint.syntax import nodes
from attnlint.values import Choice, DictValue, Instance, Repeated, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

Arguments = tuple[Value, ...]
Keywords = dict[str, Value]


def _isinstance(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    if len(arguments) != 2:
        return run.fresh("isinstance", kind="bool")
    value, cls = arguments
    model = library.find_python("isinstance")

    def test(each: Value) -> bool | None:
        found = model(run, (each, cls), {}, node) if model is not None else classes.is_instance(run, each, cls)
        return found if isinstance(found, bool) else None

    if isinstance(value, Choice):
        answers = {test(each) for each in value.values if each is not UNBOUND}
        answer = answers.pop() if len(answers) == 1 else None
    else:
        answer = test(value)
    if answer is not None:
        return answer
    found = condition("isinstance", (value, cls), test)
    decided = run.truth(found)
    return found if decided is None else decided


def _hasattr(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    value, name = (*arguments, None, None)[:2]
    if isinstance(value, Instance) and isinstance(name, str):
        held = value.attributes.get(name, UNBOUND)
        if type(held) is Choice and UNBOUND in held.values:
            return condition("hasattr", (value, name))
    model = library.find_python("hasattr")

    def test(each: Value) -> bool | None:
        found = model(run, (each, name), {}, node) if model is not None else None
        return found if isinstance(found, bool) else None

    if isinstance(value, Choice):
        answers = {test(each) for each in value.values if each is not UNBOUND}
        answer = answers.pop() if len(answers) == 1 else None
    else:
        answer = test(value)
    if answer is not None:
        return answer
    found = condition("hasattr", (value, name), test)
    decided = run.truth(found)
    return found if decided is None else decided


def _bool(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    if not arguments:
        return False
    decided = run.truth(arguments[0], node)
    return condition("truth", (arguments[0],)) if decided is None else decided


def _property(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    return PropertyValue(
        arguments[0] if arguments else keywords.get("fget"), arguments[1] if len(arguments) > 1 else None
    )


def _cached_property(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    return PropertyValue(arguments[0], cached=True)


def _next(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    value = arguments[0] if arguments else None
    if isinstance(value, GeneratorValue):
        return generators.advance(run, value, node, arguments[1:2])
    if isinstance(value, Repeated):
        return element_like(run, value, node)
    model = library.find_python("next")
    from attnlint.interpreter import calls

    return run.fresh("next") if model is None else calls.run_model(run, "next", model, arguments, keywords, node)


def _setattr(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    if len(arguments) == 3:
        target, name, value = arguments
        if isinstance(name, str):
            attribute_writes.set_attribute(run, target, name, value, node)
        else:
            named = node.arguments[1].value if isinstance(node, nodes.Call) and len(node.arguments) == 3 else None
            attribute_writes.set_unknown_attribute(run, target, value, named)
    return None


def _vars(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    return attributes.get_attribute(run, arguments[0], "__dict__", node) if arguments else _locals(run, (), {}, node)


def _locals(run: Run, arguments: Arguments, keywords: Keywords, node: nodes.Node) -> Value:
    """The variables of the running function; which of the functions around it are among them is not worked out."""
    scope = run.scope
    if scope.kind != "function" or (scope.parent is not None and scope.parent.kind == "function"):
        return run.fresh("the local variables")
    found: dict[Value, Value] = {}
    for name, value in scope.variables.items():
        if type(value) is Choice and UNBOUND in value.values:
            return run.fresh("the local variables")
        if value is not UNBOUND:
            found[name] = value
    if scope.parent is not None and scope.parent.cls is not None:
        # Python's own cell, there in every method that says super().
        found["__class__"] = scope.parent.cls
    return run.store.born(DictValue(found))


OWN: dict[str, Callable[[Run, Arguments, Keywords, nodes.Node], Value]] = {
    "isinstance": _isinstance,
    "hasattr": _hasattr,
    "bool": _bool,
    "property": _property,
    "functools.cached_property": _cached_property,
    "abc.abstractproperty": _property,
    "staticmethod": lambda run, arguments, keywords, node: StaticMethod(arguments[0]),
    "classmethod": lambda run, arguments, keywords, node: ClassMethod(arguments[0]),
    "next": _next,
    "vars": _vars,
    "setattr": _setattr,
    "locals": _locals,
    "object.__init__": lambda run, arguments, keywords, node: None,
}
