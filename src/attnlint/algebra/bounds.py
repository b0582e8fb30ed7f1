"""Bounds that hold for every value: from the minima of symbols, and from what the operations are."""

from __future__ import annotations

from collections.abc import Callable

from attnlint.algebra.dim import Dim, terms_of
from attnlint.algebra.monomial import ONE, Atom, Monomial
from attnlint.algebra.opaque import Opaque
from attnlint.algebra.symbol import Symbol

MinimumOf = Callable[[Atom], "int | None"]

_MOST_TERMS = 200


def least(dim: Dim, minimum_of: MinimumOf | None = None) -> int | None:
    """An integer that ``dim`` is never below; ``None`` when there is none to be seen."""
    if isinstance(dim, int):
        return dim
    terms = shifted(dim, minimum_of or natural_minimum)
    if terms is None:
        return None
    constant = 0
    for monomial, coefficient in terms.items():
        if not monomial.powers:
            constant = coefficient
        elif coefficient < 0:
            return None
    return constant


def natural_minimum(atom: Atom) -> int | None:
    """The least value of an atom, without any facts."""
    return atom.minimum if isinstance(atom, Symbol) else opaque_minimum(atom, natural_minimum)


def opaque_minimum(atom: Opaque, minimum_of: MinimumOf) -> int | None:
    """The least value of an operation, from the least values of its arguments."""
    bounds = [least(argument, minimum_of) for argument in atom.arguments]
    if atom.operation == "max":
        return max((bound for bound in bounds if bound is not None), default=None)
    if atom.operation == "min":
        return None if None in bounds else min(bound for bound in bounds if bound is not None)
    dividend, divisor = bounds
    if divisor is None or divisor < 1:
        return None
    if atom.operation == "mod":
        return 0
    if dividend is None:
        return None
    if dividend >= 0 and not isinstance(atom.arguments[1], int):
        return 0
    return dividend // divisor  # for a negative dividend the least divisor gives the least quotient


def shifted(dim: Dim, minimum_of: MinimumOf) -> dict[Monomial, int] | None:
    """The terms of ``dim`` once every atom stands for its excess over its minimum, so that it is never negative.

    ``None`` when an atom has no minimum, or when there are too many terms.
    """
    if isinstance(dim, int):
        return terms_of(dim)
    terms = dim.terms
    minima: dict[Atom, int] = {}
    for atom in dim.atoms():
        minimum = minimum_of(atom)
        if minimum is None:
            return None
        minima[atom] = minimum
    if not any(minima.values()):
        return terms
    result: dict[Monomial, int] = {}
    for monomial, coefficient in terms.items():
        parts = _expanded(monomial, coefficient, minima)
        if parts is None:
            return None
        for part, value in parts.items():
            total = result.get(part, 0) + value
            if total:
                result[part] = total
            else:
                result.pop(part, None)
    return result


def _expanded(monomial: Monomial, coefficient: int, minima: dict[Atom, int]) -> dict[Monomial, int] | None:
    """The product of the ``(excess + minimum)`` of a monomial's atoms."""
    if monomial.degree == 1:
        ((atom, _),) = monomial.powers.items()
        return {monomial: coefficient, ONE: coefficient * minima[atom]} if minima[atom] else {monomial: coefficient}
    parts: dict[Monomial, int] = {ONE: coefficient}
    for atom, power in monomial.powers.items():
        single = Monomial({atom: 1})
        minimum = minima[atom]
        for _ in range(power):
            grown: dict[Monomial, int] = {}
            for part, value in parts.items():
                longer = part.times(single)
                grown[longer] = grown.get(longer, 0) + value
                if minimum:
                    grown[part] = grown.get(part, 0) + value * minimum
            parts = grown
            if len(parts) > _MOST_TERMS:
                return None
    return parts
