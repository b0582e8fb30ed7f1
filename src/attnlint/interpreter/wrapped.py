"""Methods behind decorators: who enters a method enters its decorators, with what the method itself takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.objects import FunctionValue
from attnlint.values import Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

WRAPPED = "__wrapped__"
DEEPEST = 16
"""So many decorators may stand one around the other."""


def note_wrapped(run: Run, wrapper: Value, wrapped: Value) -> None:
    """``functools.update_wrapper(wrapper, wrapped)``"""
    if isinstance(wrapper, FunctionValue) and isinstance(wrapped, FunctionValue) and wrapper is not wrapped:
        run.store.put(wrapper.attributes, WRAPPED, wrapped)
        run.store.put(wrapper.attributes, "__name__", wrapped.attributes.get("__name__", wrapped.name))


def innermost(function: FunctionValue) -> FunctionValue:
    """The function that decorators pass all of their arguments on to."""
    for _ in range(DEEPEST):
        inside = function.attributes.get(WRAPPED)
        kinds = {parameter.kind for parameter in function.node.parameters}
        if type(inside) is not FunctionValue or not kinds >= {"star", "double_star"}:
            break
        function = inside
    return function


def arguments_around(
    run: Run, outer: FunctionValue, inner: FunctionValue, variables: dict[str, Value], *, options: bool
) -> dict[str, Value] | None:
    """The parameters of a decorated function for a call that gives the function inside the values ``variables``.

    What has no default is passed by its place, as callers do. ``options``: there may be more arguments by name.
    ``None`` where the outer function does not take them.
    """
    from attnlint.interpreter.binding import REST_KEYWORDS, StarArguments, bind

    arguments: list[Value] = []
    keywords: dict[str, Value] = {}
    for parameter in inner.node.parameters:
        name = parameter.name
        if parameter.kind == "double_star":
            if options:
                keywords[REST_KEYWORDS] = StarArguments(run.fresh(f"the arguments **{name}", name))
        elif parameter.kind == "star" or name not in variables:
            continue
        elif parameter.kind == "positional" or (parameter.kind == "plain" and name not in inner.defaults):
            arguments.append(variables[name])
        else:
            keywords[name] = variables[name]
    bound = bind(run, outer, tuple(arguments), keywords)
    return None if isinstance(bound, str) else bound
