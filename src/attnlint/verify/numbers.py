"""Symbolic floats as source text and as numbers: ``head_dim ** -0.5`` with the sizes of a witness."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable

from attnlint.algebra import Dim, Expression
from attnlint.values import Unknown, Value

UNKNOWN = 0.1
"""What stands for a float of which nothing is known: a rate of dropout, a small weight."""

_SIGNS = ("+", "-", "*", "/", "//", "%", "**")


def float_text(value: Value, size: Callable[[Expression], str]) -> str:
    """An unknown float as an expression of sizes. ``size`` writes a symbolic size."""
    return _text(value.key, size) if isinstance(value, Unknown) else repr(value)


def _text(key: Hashable, size: Callable[[Expression], str]) -> str:
    if not isinstance(key, tuple) or not key or key[0] not in ("float", "number"):
        return repr(UNKNOWN)
    if key[0] == "number":
        return _number(key[2], size)
    operation, operands = key[1], key[2:]
    if operation == "quotient":
        numerator, denominator = (_number(each, size) for each in operands)
        return numerator if denominator == "1" else f"{_tight(numerator)} / {_tight(denominator)}"
    texts = [_text(each, size) for each in operands]
    if operation in _SIGNS and len(texts) == 2:
        return f"{_tight(texts[0])} {operation} {_tight(texts[1])}"
    if hasattr(math, str(operation)):
        return f"math.{operation}({', '.join(texts)})"
    return repr(UNKNOWN)


def _number(value: Dim | float, size: Callable[[Expression], str]) -> str:
    return size(value) if isinstance(value, Expression) else repr(value)


def _tight(text: str) -> str:
    return text if text.replace("_", "").replace(".", "").isalnum() else f"({text})"
