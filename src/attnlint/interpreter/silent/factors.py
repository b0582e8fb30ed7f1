"""Factors of scores: numbers that are products of powers of sizes, ``8 ** -0.5``, ``1 / math.sqrt(width)``."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Dim, Expression
from attnlint.interpreter import operations
from attnlint.interpreter.numbers import may_be_int, symbol_of
from attnlint.interpreter.silent.flow import CASTS, maker_of, operands, short_name
from attnlint.values import ListValue, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Factor:
    """``number * size ** power * ...``"""

    number: float
    powers: Mapping[Expression, Fraction]

    @staticmethod
    def one() -> Factor:
        """The factor that changes nothing."""
        return Factor(1.0, {})

    @staticmethod
    def root(size: Dim) -> Factor:
        """``1 / sqrt(size)``"""
        return _power(size, -_HALF)

    def times(self, other: Factor) -> Factor:
        """The product of both."""
        powers = dict(self.powers)
        for size, power in other.powers.items():
            powers[size] = powers.get(size, Fraction(0)) + power
        return Factor(self.number * other.number, {size: power for size, power in powers.items() if power})

    def raised(self, power: Fraction) -> Factor | None:
        """This factor to a power."""
        if self.number <= 0 and power.denominator != 1:
            return None
        if self.number == 0:
            return None
        return Factor(self.number ** float(power), {size: each * power for size, each in self.powers.items()})

    def inverse(self) -> Factor:
        """``1 / factor``"""
        return Factor(1 / self.number, {size: -power for size, power in self.powers.items()})

    def is_power(self, run: Run, size: Dim, halves: int) -> bool:
        """Whether the factor is ``size ** (halves / 2)``, provably."""
        rest = self.times(_power(size, Fraction(-halves, 2)))
        if not rest.powers:
            return abs(abs(rest.number) - 1) < 1e-3
        above, below = _squared(rest)
        if above is None or below is None:
            return False
        return run.facts.equal(above, below) is Answer.YES


def _squared(factor: Factor) -> tuple[Dim | None, Dim | None]:
    """Numerator and denominator of the factor's square, where they are products of sizes."""
    square = Fraction(factor.number**2).limit_denominator(10**6)
    if abs(float(square) - factor.number**2) > 1e-9 * factor.number**2:
        return None, None
    above: Dim = square.numerator
    below: Dim = square.denominator
    for size, power in factor.powers.items():
        twice = power * 2
        if twice.denominator != 1 or abs(twice) > 8:
            return None, None
        if twice > 0:
            above = above * size ** int(twice)
        else:
            below = below * size ** int(-twice)
    return above, below


def _power(size: Dim, power: Fraction) -> Factor:
    if isinstance(size, Expression):
        return Factor(1.0, {size: power})
    return Factor(float(size) ** float(power) if size > 0 else 1.0, {})


def factor_of(run: Run, value: Value) -> Factor | None:
    """A number, a symbolic float, or a tensor that holds one; ``None`` when it is not known."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return Factor(float(value), {}) if value and math.isfinite(value) else None
    if isinstance(value, Expression):
        size = run.facts.normal(value)
        return Factor(1.0, {size: Fraction(1)}) if isinstance(size, Expression) else factor_of(run, size)
    if isinstance(value, Unknown):
        if value.kind == "float" and isinstance(value.key, tuple) and value.key[:1] == ("float",):
            return _of_key(run, value.key)
        return factor_of(run, symbol_of(value)) if may_be_int(value) and operations.is_hyper(value) else None
    return _of_tensor(run, value) if isinstance(value, Tensor) and not value.is_parameter else None


def _of_tensor(run: Run, tensor: Tensor) -> Factor | None:
    elements = tensor.elements
    while isinstance(elements, tuple) and len(elements) == 1:
        elements = elements[0]
    if elements is not None and not isinstance(elements, tuple | Tensor):
        return factor_of(run, elements)
    call = maker_of(tensor)
    if call is None:
        return None
    name = short_name(call.operation)
    given = list(operands(run, call))
    if name in CASTS and len(given) == 1:
        return _of_tensor(run, given[0])
    if name in ("sqrt", "rsqrt") and len(given) == 1:
        inner = _of_tensor(run, given[0])
        return None if inner is None else inner.raised(_HALF if name == "sqrt" else -_HALF)
    if name in ("tensor", "as_tensor", "FloatTensor", "Tensor") and len(call.arguments) == 1:
        held = call.arguments[0]
        if isinstance(held, ListValue) and len(held.items) == 1:
            held = held.items[0]
        return factor_of(run, held)
    return None


def _of_key(run: Run, key: Hashable) -> Factor | None:
    """A symbolic float by the way it is computed (see ``interpreter.library.floats``)."""
    if not isinstance(key, tuple):
        return None
    if key[0] == "number":
        return factor_of(run, key[2])
    if key[0] == "unknown":
        unknown = Unknown("", key[1], str(key[2]))
        return factor_of(run, symbol_of(unknown)) if may_be_int(unknown) else None
    if key[0] != "float":
        return None
    operation, parts = key[1], key[2:]
    if operation == "quotient":
        above, below = factor_of(run, parts[0]), factor_of(run, parts[1])
        return None if above is None or below is None else above.times(below.inverse())
    if len(parts) != 2:
        return None
    first, second = _of_key(run, parts[0]), _of_key(run, parts[1])
    if first is None or second is None:
        return None
    if operation == "*":
        return first.times(second)
    if operation == "/":
        return first.times(second.inverse())
    if operation == "**" and not second.powers:
        return first.raised(Fraction(second.number).limit_denominator(16))
    return None
