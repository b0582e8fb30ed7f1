"""Integers that respect all that is known: a claim that fails for some of them is not proved, whatever else is tried.

Most questions about sizes are open. A few dozen multiplications show that: one model in which two sizes are equal and
one in which they differ, and no proof of either need be looked for. What holds in every model must still be proved.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple

from attnlint.algebra.dim import Dim, Expression
from attnlint.algebra.evaluate import operated
from attnlint.algebra.monomial import Atom
from attnlint.algebra.opaque import Opaque
from attnlint.algebra.symbol import Symbol

_PRIMES = (7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103)
_FAR = 1009
# A multiple of all small numbers, so that of most of what is asked whether it divides something.
_ROUND = 720720

Choose = Callable[[int, "int | None"], int]
"""The integer of a symbol, from its number and its minimum."""

Kind = Literal["equal", "different", "at_least", "divides"]


class Relation(NamedTuple):
    """What a fact says of two dims: ``left`` is ``right``, or at least that, or divides it."""

    kind: Kind
    left: Dim
    right: Dim
    symbols: frozenset[Symbol]


class Model(dict["Atom | Expression", int]):
    """The integers of one model: those of the symbols met so far, and what is made of them.

    A symbol gets its integer when it is first met. So one model may serve many states: it is only ever added to.
    """

    __slots__ = ("_choose", "_count", "_symbols")

    def __init__(self, choose: Choose, count: int = 0) -> None:
        super().__init__()
        self._choose = choose
        self._count = count
        self._symbols: dict[Atom | Expression, int] = {}
        """Those of the symbols alone, from which all others follow."""

    def __missing__(self, dim: Atom | Expression) -> int:
        if isinstance(dim, Expression):
            value = 0
            for monomial, coefficient in dim.terms.items():
                for atom, power in monomial.powers.items():
                    coefficient *= self[atom] if power == 1 else self[atom] ** power
                value += coefficient
        elif isinstance(dim, Symbol):
            minimum = dim.minimum
            value = self._choose(self._count, minimum)
            self._count += 1
            if minimum is not None and value < minimum:
                value = minimum
            self._symbols[dim] = value
        else:
            value = operated(dim, [self.value(argument) for argument in dim.arguments])
        self[dim] = value
        return value

    def value(self, dim: Dim) -> int:
        """The integer that ``dim`` is; ZeroDivisionError where it is none."""
        return dim if isinstance(dim, int) else self[dim]

    def holds(self, relation: Relation) -> bool:
        """Whether it is so for these integers."""
        kind = relation.kind
        try:
            left, right = self.value(relation.left), self.value(relation.right)
        except ZeroDivisionError:
            return False
        if kind == "equal":
            return left == right
        if kind == "at_least":
            return left >= right
        if kind == "different":
            return left != right
        return right % left == 0 if left else right == 0

    def changed(self, values: dict[Symbol, int]) -> Model:
        """This model with other integers for some symbols."""
        result = Model(self._choose, self._count)
        symbols = self._symbols.copy()
        symbols.update(values.items())
        result._symbols = symbols
        result.update(symbols)
        return result


def _round(number: int, minimum: int | None) -> int:
    return -_ROUND if minimum is None else _ROUND


def _rounds(number: int, minimum: int | None) -> int:
    return _ROUND * _PRIMES[-1 - number % len(_PRIMES)]


def _far(parity: int, number: int, minimum: int | None) -> int:
    if number % 2 == parity:
        return minimum or 0
    return -_FAR if minimum is None else minimum + _FAR


_CHOICES: tuple[Choose, ...] = (
    lambda number, minimum: minimum or 0,
    lambda number, minimum: _PRIMES[number % len(_PRIMES)],
    _round,
    _rounds,
    partial(_far, 0),
    partial(_far, 1),
)


def fresh_models() -> tuple[Model, ...]:
    """Models of nothing: what is equal in one of them differs in others, what divides in one does not in others."""
    return tuple([Model(choose) for choose in _CHOICES])


def signs(models: tuple[Model, ...], dim: Expression) -> tuple[bool, bool, bool]:
    """Whether ``dim`` is below, is just, and is above zero in some model. One that is not may be so all the same."""
    below = zero = above = False
    for model in models:
        try:
            value = model[dim]
        except ZeroDivisionError:
            continue
        if not value:
            zero = True
        elif value < 0:
            below = True
        else:
            above = True
    return below, zero, above


def equality(models: tuple[Model, ...], a: Dim, b: Dim) -> tuple[bool, bool]:
    """Whether ``a`` is ``b`` in some model, and whether it is not in some."""
    same = other = False
    for model in models:
        try:
            if model.value(a) == model.value(b):
                same = True
            else:
                other = True
        except ZeroDivisionError:
            continue
        if same and other:
            break
    return same, other


def divisibility(models: tuple[Model, ...], divisor: Dim, dim: Dim) -> tuple[bool, bool]:
    """Whether ``dim`` is a multiple of the divisor in some model, and whether it is not in some."""
    multiple = other = False
    for model in models:
        try:
            if model.value(dim) % model.value(divisor):
                other = True
            else:
                multiple = True
        except ZeroDivisionError:
            continue
        if multiple and other:
            break
    return multiple, other


def may_be_plain(models: tuple[Model, ...], atom: Opaque) -> bool:
    """Whether an operation may be no more than one of its arguments, or zero: ``max(T, S)`` where S is at least T.

    So may be what holds such an operation.
    """
    if any(isinstance(argument, Expression) and _holds_plain(models, argument) for argument in atom.arguments):
        return True
    extreme = atom.operation in ("max", "min")
    candidates: list[Dim] = list(atom.arguments) if extreme else [0]
    for model in models:
        try:
            if extreme:
                candidates = [argument for argument in candidates if model.value(argument) == model[atom]]
            elif not 0 <= model.value(atom.arguments[0]) < model.value(atom.arguments[1]):
                return False
        except ZeroDivisionError:
            continue
        if not candidates:
            return False
    return True


def _holds_plain(models: tuple[Model, ...], dim: Expression) -> bool:
    return any(may_be_plain(models, atom) for atom in dim.operations())
