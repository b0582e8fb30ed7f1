"""The value of a dim, given those of its symbols."""

from __future__ import annotations

from collections.abc import Mapping

from attnlint.algebra.dim import Dim
from attnlint.algebra.monomial import Atom
from attnlint.algebra.opaque import Opaque
from attnlint.algebra.symbol import Symbol


def evaluate(dim: Dim, values: Mapping[Symbol, int]) -> int:
    """The integer that ``dim`` is; KeyError for a symbol without a value, ZeroDivisionError as Python has it."""
    if isinstance(dim, int):
        return dim
    total = 0
    for monomial, coefficient in dim.terms.items():
        value = coefficient
        for atom, power in monomial.powers.items():
            value *= _atom_value(atom, values) ** power
        total += value
    return total


def _atom_value(atom: Atom, values: Mapping[Symbol, int]) -> int:
    if isinstance(atom, Symbol):
        return values[atom]
    return operated(atom, [evaluate(argument, values) for argument in atom.arguments])


def operated(atom: Opaque, arguments: list[int]) -> int:
    """The integer that an operation makes of integers."""
    match atom.operation:
        case "floordiv":
            return arguments[0] // arguments[1]
        case "mod":
            return arguments[0] % arguments[1]
        case "max":
            return max(arguments)
        case _:
            return min(arguments)
