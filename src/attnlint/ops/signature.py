"""Signatures of torch callables, and binding a call's arguments to them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from attnlint.algebra import Expression, Shape
from attnlint.values import ListValue, Value

REQUIRED: Any = object()

# torch accepts numpy's names for these parameters in most functions.
ALIASES = {"axis": "dim", "x": "input", "keepdims": "keepdim", "x1": "input", "x2": "other", "a": "input"}


@dataclass(frozen=True, slots=True)
class SignatureParameter:
    """One parameter.

    ``kind`` is ``plain``, ``keyword`` (keyword-only), ``star`` (``*size``: varargs, or one sequence) or ``double star``
    (``**options``: what is left).
    """

    name: str
    kind: str
    type: str
    """Overloads are told by it; empty for anything. ``dispatch.accepts`` lists the words; ``int | ints`` is either.

    A default of ``None`` also accepts ``None``. The type of a ``star`` parameter is that of one of its elements."""
    default: Value = REQUIRED


class Signature:
    """A declared signature, written as ``(input, dim: int, *, keepdim=False)``.

    It is parsed when it is first used: there are many.
    """

    __slots__ = ("_parameters", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._parameters: tuple[SignatureParameter, ...] | None = None

    def __repr__(self) -> str:
        return f"Signature({self.text!r})"

    @staticmethod
    def parse(text: str) -> Signature:
        """The signature that ``(input, *size: int, dim: int = -1, *, out=None)`` says."""
        return Signature(text)

    @property
    def parameters(self) -> tuple[SignatureParameter, ...]:
        """The parameters, in order."""
        if self._parameters is None:
            self._parameters = self._parsed()
        return self._parameters

    def _parsed(self) -> tuple[SignatureParameter, ...]:
        text = self.text
        arguments = ast.parse(f"def f{text}: pass").body[0].args  # type: ignore[attr-defined]
        plain = [*arguments.posonlyargs, *arguments.args]
        defaults = [REQUIRED] * (len(plain) - len(arguments.defaults)) + [_literal(node) for node in arguments.defaults]
        parameters = [SignatureParameter(a.arg, "plain", _type(a), d) for a, d in zip(plain, defaults, strict=True)]
        if arguments.vararg is not None:
            parameters.append(SignatureParameter(arguments.vararg.arg, "star", _type(arguments.vararg), ()))
        for node, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            parameters.append(
                SignatureParameter(node.arg, "keyword", _type(node), REQUIRED if default is None else _literal(default))
            )
        if arguments.kwarg is not None:
            parameters.append(SignatureParameter(arguments.kwarg.arg, "double star", "", ()))
        return tuple(parameters)

    def bind(
        self, arguments: tuple[Value, ...], keywords: Mapping[str, Value], accepts: Callable[[Value, str], bool]
    ) -> dict[str, Value] | str:
        """Bind a call; a ``star`` parameter gets a tuple. A text says why the call does not fit.

        ``accepts(value, type)`` says whether a value can be of a declared type (unknown values can be of any).
        """
        # A text, not an exception: most overloads do not fit, and the traceback of a kept exception would hold the
        # frames of the whole interpretation together.
        bound: dict[str, Value] = {}
        given, taken = len(arguments), 0
        left = dict(keywords) if keywords else {}
        for parameter in self.parameters:
            name, kind = parameter.name, parameter.kind
            value: Value
            if taken < given and kind == "plain":
                value = arguments[taken]
                taken += 1
                if name in left:
                    return f"got several values for {name!r}"
            elif taken < given and kind == "star":
                value = arguments[taken:]
                taken = given
            elif kind == "double star":
                bound[name] = left
                left = {}
                continue
            elif name in left:
                value = left.pop(name)
            else:
                other = self._alias_of(name, left) if left else None
                if other is not None:
                    value = left.pop(other)
                elif parameter.default is REQUIRED:
                    return f"missing the argument {name!r}"
                else:
                    bound[name] = parameter.default
                    continue
            wanted = parameter.type
            if wanted and not (value is None and parameter.default is None):
                if kind == "star":
                    fits = all(accepts(element, wanted) for element in _star_elements(value))
                else:
                    fits = accepts(value, wanted)
                if not fits:
                    return f"{name!r} has the wrong type"
            bound[name] = value
        if taken < given:
            return "takes fewer arguments"
        if left:
            return f"does not know {next(iter(left))!r}"
        return bound

    def _alias_of(self, name: str, given: Mapping[str, Value]) -> str | None:
        """The keyword among those given that is numpy's name of the parameter."""
        for key in given:
            if ALIASES.get(key) == name and all(parameter.name != key for parameter in self.parameters):
                return key
        return None


def star_items(value: Value) -> tuple[Value, ...]:
    """What ``*size`` stands for: the arguments, or the elements of the one sequence given."""
    if isinstance(value, tuple) and len(value) == 1 and not isinstance(value[0], Expression):
        value = value[0]
    if isinstance(value, ListValue):
        return tuple(value.items)
    return value if isinstance(value, tuple) else (value,)


def _star_elements(value: Value) -> tuple[Value, ...]:
    """The items of ``*size`` that have a type. Of axes that are not known, ``x.shape[:-1]`` in front of others, there
    is nothing to say."""
    elements = star_items(value)
    return (*elements[0].dims, *elements[1:]) if elements and isinstance(elements[0], Shape) else elements


def _literal(node: ast.expr) -> Value:
    if isinstance(node, ast.Constant):
        return node.value
    return ast.literal_eval(node)


def _type(node: ast.arg) -> str:
    return "" if node.annotation is None else ast.unparse(node.annotation)
