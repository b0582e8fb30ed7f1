"""Symbolic floats: what becomes of a dim that meets a float, and how it becomes an int again.

A float that is not known is ``Unknown(kind="float", key=("float", operation, *operands))``: the same computation done
twice has the same key, so that ``int(dim * mult)`` in ``__init__`` and again in ``forward`` is one symbol. Quotients of
dims are kept apart, ``("float", "quotient", numerator, denominator)``: ``int(hidden / heads)`` is ``hidden // heads``,
and ``int(dim * 4.0)`` is ``dim * 4``. That is exact for all sizes below 2**53: the float nearest to a quotient that is
no integer never reaches the next integer. Once a quotient was rounded, further arithmetic on it is opaque.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Hashable
from fractions import Fraction
from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Dim, Expression, Symbol
from attnlint.ops.call import unknown_int
from attnlint.values import Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

_REAL = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
OPERATORS = frozenset(_REAL)
LARGEST_EXACT = 2**20
"""Numerators and denominators of float constants that are taken as exact fractions: ``0.5``, ``2.75``, not ``0.1``."""


def is_number(value: Value) -> bool:
    """Whether ``value`` is an int or float, known or symbolic."""
    return isinstance(value, bool | int | float | Expression) or (
        isinstance(value, Unknown) and value.kind in ("int", "float")
    )


def is_symbolic(value: Value) -> bool:
    """Whether ``value`` is a symbolic float that has a structure."""
    return isinstance(value, Unknown) and isinstance(value.key, tuple) and value.key[:1] == ("float",)


def as_dim(value: Value) -> Dim | None:
    """``value`` as an exact integer: an int, an expression, or the stable symbol of an unknown int."""
    if isinstance(value, int | Expression):
        return int(value) if isinstance(value, bool) else value
    if isinstance(value, Unknown) and value.kind == "int" and value.key is not None and not value.optional:
        return unknown_int(value.key, value.label or "n")
    return None


def binary(sign: str, left: Value, right: Value) -> Value:
    """``left sign right`` where at least one operand is symbolic and the result is a float."""
    if isinstance(left, int | float) and isinstance(right, int | float):
        return _REAL[sign](left, right)
    a, b = as_quotient(left), as_quotient(right)
    if a is not None and b is not None:
        exact = _exact(sign, a, b)
        if exact is not None:
            return exact
    return opaque(sign, left, right)


def opaque(operation: str, *operands: Value) -> Value:
    """The float that ``operation`` gives, of which only the way it is computed is known."""
    keys = [_key(operand) for operand in operands]
    if operation in ("+", "*"):
        keys.sort(key=lambda each: (isinstance(each, tuple) and each[:2] == ("number", "float"), str(each)))
    if any(key is None for key in keys):
        return Unknown("a float computed from what is not known", kind="float")
    key = ("float", operation, *keys)
    return Unknown("a float that depends on sizes", key=key, label=describe(key), kind="float")


def as_quotient(value: Value) -> tuple[Dim, Dim] | None:
    """Numerator and denominator of a number that is a quotient of dims."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        fraction = Fraction(value)
        small = max(abs(fraction.numerator), fraction.denominator) <= LARGEST_EXACT
        return (fraction.numerator, fraction.denominator) if small else None
    if isinstance(value, Unknown) and is_symbolic(value):
        key = value.key
        return (key[2], key[3]) if isinstance(key, tuple) and key[1] == "quotient" and len(key) == 4 else None
    dim = as_dim(value)
    return None if dim is None else (dim, 1)


def make_quotient(numerator: Dim, denominator: Dim) -> Value:
    """The float nearest to ``numerator / denominator``, in lowest terms as far as that can be seen."""
    if isinstance(numerator, int) and isinstance(denominator, int):
        return numerator / denominator
    if isinstance(denominator, int) and denominator < 0:
        numerator, denominator = -numerator, -denominator
    if denominator != 1:
        remainder = numerator % denominator
        if isinstance(remainder, int) and remainder == 0:
            whole = numerator // denominator
            if isinstance(whole, int):
                return float(whole)
            numerator, denominator = whole, 1
    key = ("float", "quotient", numerator, denominator)
    return Unknown("a float that depends on sizes", key=key, label=describe(key), kind="float")


def _exact(sign: str, a: tuple[Dim, Dim], b: tuple[Dim, Dim]) -> Value:
    """The result as a quotient; None when the operands were rounded already, or the operation has no quotient."""
    if not (_is_dyadic(a[1]) and _is_dyadic(b[1])):
        return None
    if sign == "*":
        return make_quotient(a[0] * b[0], a[1] * b[1])
    if sign == "/" and b[0] != 0:
        return make_quotient(a[0] * b[1], a[1] * b[0])
    if sign in "+-":
        right = b[0] * a[1]
        return make_quotient(a[0] * b[1] + (right if sign == "+" else -right), a[1] * b[1])
    if sign == "**" and b[1] == 1 and isinstance(b[0], int) and 0 <= b[0] <= 8:
        return make_quotient(a[0] ** b[0], a[1] ** b[0])
    if sign == "//" and b[0] != 0 and isinstance(b[0], int):
        return make_quotient((a[0] * b[1]) // (a[1] * b[0]), 1)
    return None


def _is_dyadic(denominator: Dim) -> bool:
    """Whether dividing by it is exact in binary floating point."""
    return isinstance(denominator, int) and denominator > 0 and denominator & (denominator - 1) == 0


def _key(operand: Value) -> Hashable:
    if isinstance(operand, float) and math.isnan(operand):
        return None
    if isinstance(operand, bool | int | float | Expression):
        return ("number", type(operand).__name__ if isinstance(operand, float) else "int", operand)
    if isinstance(operand, Unknown) and operand.key is not None:
        return operand.key if is_symbolic(operand) else ("unknown", operand.key, operand.label)
    return None


def describe(key: Hashable) -> str:
    """The computation as an author would write it: ``int(dim*2.67)``."""
    if not isinstance(key, tuple) or not key:
        return str(key)
    if key[0] == "number":
        return str(key[2])
    if key[0] == "unknown":
        return str(key[2]) or "x"
    operation, operands = "/" if key[1] == "quotient" else key[1], key[2:]
    texts = [describe(operand) if isinstance(operand, tuple) else str(operand) for operand in operands]
    if operation in OPERATORS and len(texts) == 2:
        left, right = (f"({text})" if " " in text or any(sign in text for sign in "+-*/") else text for text in texts)
        return left if (operation, right) == ("/", "1") else f"{left}{operation}{right}"
    return f"{operation}({', '.join(texts)})"


def truncate(run: Run, value: Value) -> Value:
    """``int(value)`` of a float: towards zero."""
    quotient = as_quotient(value)
    if quotient is not None:
        numerator, denominator = quotient
        if denominator == 1:
            return numerator
        if is_size(run, numerator) and is_size(run, denominator):
            return numerator // denominator
    return whole_number("int", value)


def floor(run: Run, value: Value) -> Value:
    """``math.floor(value)``."""
    quotient = as_quotient(value)
    if quotient is not None and (quotient[1] == 1 or is_size(run, quotient[1])):
        return quotient[0] if quotient[1] == 1 else quotient[0] // quotient[1]
    return whole_number("floor", value)


def ceil(run: Run, value: Value) -> Value:
    """``math.ceil(value)``: ``-(-a // b)``."""
    quotient = as_quotient(value)
    if quotient is not None and (quotient[1] == 1 or is_size(run, quotient[1])):
        return quotient[0] if quotient[1] == 1 else -((-quotient[0]) // quotient[1])
    return whole_number("ceil", value)


def round_(run: Run, value: Value) -> Value:
    """``round(value)``: to the nearest, ties to even."""
    quotient = as_quotient(value)
    if quotient is not None and quotient[1] == 1:
        return quotient[0]
    return whole_number("round", value)


def whole_number(operation: str, *operands: Value) -> Value:
    """The int that ``operation`` makes of numbers: a symbol that is the same for the same computation."""
    keys = [_key(operand) for operand in operands]
    if any(key is None for key in keys):
        return Unknown(f"{operation} of what is not known", kind="int")
    key = ("float", operation, *keys)
    # The key is the one that ops.call gives to the unknown int of the same key.
    return Expression.of(Symbol(describe(key), key=("int", ("int-of", *key[1:])), minimum=None))


def is_size(run: Run, dim: Dim) -> bool:
    """Whether ``dim`` is at least 0, or can be taken to be: a sum of products of sizes.

    An unknown hyper-parameter may be negative in principle, as in ``int(pad / 2)`` with ``pad = -1``; what is then
    computed for it is no size of a tensor that exists.
    """
    if isinstance(dim, int):
        return dim >= 0
    answer = run.facts.at_least(dim, 0)
    if answer is not Answer.OPEN:
        return answer is Answer.YES
    return _has_no_negative_part(dim)


def _has_no_negative_part(dim: Dim) -> bool:
    """Whether a dim is made of positive numbers, symbols, and operations on such dims, without any subtraction."""
    if isinstance(dim, int):
        return dim >= 0
    return all(
        coefficient > 0
        and all(isinstance(atom, Symbol) or all(map(_has_no_negative_part, atom.arguments)) for atom in monomial.powers)
        for monomial, coefficient in dim.terms.items()
    )
