"""Functions that a decorator has put another one in the place of: who calls them gives what the function below takes.

``def wrapper(self, *args, **kwargs)`` under ``functools.wraps(function)`` says nothing about what it is called with.
"""

from __future__ import annotations

from collections.abc import Mapping

from attnlint.interpreter.objects import FunctionValue
from attnlint.values import Value

WRAPPED = "__wrapped__"
DEEPEST = 20


def seen_by_callers(function: FunctionValue) -> FunctionValue:
    """The function whose parameters a caller of ``function`` has in mind."""
    for _ in range(DEEPEST):
        wrapped = function.attributes.get(WRAPPED)
        if not isinstance(wrapped, FunctionValue) or not _takes_anything(function):
            break
        function = wrapped
    return function


def _takes_anything(function: FunctionValue) -> bool:
    return any(parameter.kind in ("star", "double_star") for parameter in function.node.parameters)


def as_arguments(function: FunctionValue, variables: Mapping[str, Value]) -> tuple[tuple[Value, ...], dict[str, Value]]:
    """The arguments of a call that gives the parameters of ``function`` these values: by position what has no
    default."""
    arguments: list[Value] = []
    keywords: dict[str, Value] = {}
    for parameter in function.node.parameters:
        if parameter.kind in ("star", "double_star") or parameter.name not in variables:
            continue
        by_position = parameter.kind == "positional" or parameter.name not in function.defaults
        if by_position and parameter.kind in ("positional", "plain"):
            arguments.append(variables[parameter.name])
        else:
            keywords[parameter.name] = variables[parameter.name]
    return tuple(arguments), keywords
