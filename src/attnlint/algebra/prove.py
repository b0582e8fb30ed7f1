"""Proofs that something is never negative, from minima and from a few inequalities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attnlint.algebra.bounds import least, shifted
from attnlint.algebra.dim import Dim, Expression, dim_of, symbols_of
from attnlint.algebra.effort import ATTEMPT, EFFORT
from attnlint.algebra.minima import minimum_of
from attnlint.algebra.monomial import ONE, Atom, Monomial
from attnlint.algebra.samples import Values, samples, value_at
from attnlint.algebra.state import Ground, State

_MOST_ATTEMPTS = 40
_GREATEST_DEPTH = 4
_MOST_FACTS = 16

_MISSING: Any = object()

Terms = dict[Monomial, int]


def lower_bound(state: State, dim: Dim) -> int | None:
    """An integer that ``dim`` is never below, by the minima alone."""
    if isinstance(dim, int):
        return dim
    order = state.order()
    known: Any = order.least.get(dim, _MISSING)
    if known is _MISSING:
        known = order.least[dim] = least(dim, lambda atom: minimum_of(order.ground, atom))
    bound: int | None = known
    return bound


def certainly_positive(state: State, dim: Dim) -> bool:
    """Whether ``dim`` is at least 1, by the minima alone."""
    bound = lower_bound(state, dim)
    return bound is not None and bound >= 1


def certainly_nonzero(state: State, dim: Dim) -> bool:
    """Whether ``dim`` is not zero, by the minima and by what was learned to be different."""
    if isinstance(dim, int):
        return dim != 0
    return (
        certainly_positive(state, dim)
        or certainly_positive(state, -dim)
        or dim in state.different
        or -dim in state.different
    )


def proves_nonnegative(state: State, dim: Dim) -> bool:
    """Whether a proof of ``dim >= 0`` was found. ``dim`` is in normal form."""
    if isinstance(dim, int):
        return dim >= 0
    bound = lower_bound(state, dim)
    return (bound is not None and bound >= 0) or prover_of(state, dim).proves(dim)


def prover_of(state: State, *dims: Dim) -> Prover:
    """The prover for some dims; what it has proved is remembered as long as the order of things stays what it is."""
    order = state.order()
    known: Prover | None = order.provers.get(dims)
    if known is None:
        known = order.provers[dims] = Prover(order.ground, dims)
    return known


class Prover:
    """Proofs about the symbols of some dims, from the minima and the inequalities that concern them.

    What is to be proved, minus positive multiples of what is known to be nonnegative, has only nonnegative terms.
    """

    def __init__(self, ground: Ground, dims: tuple[Dim, ...]) -> None:
        self.ground = ground
        self.attempts = 0
        self.minima: dict[Atom, int | None] = {}
        self.dims = dims
        self._known: list[Expression] | None = None
        self._samples: list[Values] | None = None
        self._facts: list[Terms] | None = None
        self.answers: dict[tuple[Dim, int], bool] = {}

    def proves(self, goal: Dim, attempts: int = _MOST_ATTEMPTS) -> bool:
        """Whether a proof of ``goal >= 0`` was found."""
        known = self.answers.get((goal, attempts))
        if known is None:
            known = self.answers[goal, attempts] = self._looked(goal, attempts)
        return known

    def _looked(self, goal: Dim, attempts: int) -> bool:
        terms = self.shift(goal)
        if terms is None:
            return False
        if self.bad(terms) is None:
            return True
        self.attempts = attempts
        return not self._fails(goal) and self.reaches(terms, _GREATEST_DEPTH)

    @property
    def known(self) -> list[Expression]:
        """What is never negative, of what concerns the dims."""
        if self._known is None:
            self._known = self._inequalities(self.dims)
        return self._known

    @property
    def facts(self) -> list[Terms]:
        """What is known, with every atom as its excess over its minimum."""
        if self._facts is None:
            self._facts = [terms for fact in self.known if (terms := self.shift(fact)) is not None]
        return self._facts

    def _fails(self, goal: Dim) -> bool:
        if self._samples is None:
            self._samples = samples(self.dims, self.known, self.minimum)
        for values in self._samples:
            value = value_at(goal, values, self.minimum)
            if value is not None and value < 0:
                return True
        return False

    def _inequalities(self, dims: tuple[Dim, ...]) -> list[Expression]:
        symbols = symbols_of(*dims)
        nonnegative = self.ground.nonnegative
        known = [fact for fact in nonnegative if not fact.symbols().isdisjoint(symbols)] if nonnegative else []
        if known and len(known) < len(nonnegative):
            # One step further: T <= S, S <= 512.
            reached = symbols.union(*(fact.symbols() for fact in known))
            known = [fact for fact in nonnegative if not fact.symbols().isdisjoint(reached)]
        found = dict.fromkeys(known)
        for source in (*dims, *known):
            for consequence in self.of_operations(source) if isinstance(source, Expression) else ():
                if isinstance(consequence, Expression):
                    found[consequence] = None
        return list(found)[:_MOST_FACTS]

    def minimum(self, atom: Atom) -> int | None:
        if atom not in self.minima:
            self.minima[atom] = minimum_of(self.ground, atom)
        return self.minima[atom]

    def shift(self, dim: Dim) -> Terms | None:
        # An atom without a minimum stays as it is; `unsigned` knows that its sign is not known.
        return shifted(dim, lambda atom: self.minimum(atom) or 0)

    def unsigned(self, monomial: Monomial) -> bool:
        return any(power % 2 and self.minimum(atom) is None for atom, power in monomial.powers.items())

    def bad(self, terms: Terms) -> tuple[Monomial, int] | None:
        """A term that may be negative, the constant last."""
        for monomial, coefficient in terms.items():
            if monomial.powers and (coefficient < 0 or self.unsigned(monomial)):
                return monomial, coefficient
        constant = terms.get(ONE, 0)
        return (ONE, constant) if constant < 0 else None

    def reaches(self, terms: Terms, depth: int) -> bool:
        EFFORT.spent += ATTEMPT
        culprit = self.bad(terms)
        if culprit is None:
            return True
        if not depth:
            return False
        monomial, coefficient = culprit
        for fact in self.facts:
            for theirs, weight in fact.items():
                if (weight < 0) != (coefficient < 0) or (not theirs.powers and monomial.powers):
                    continue
                over = monomial.over(theirs)
                if over is None or self.unsigned(over):
                    continue
                self.attempts -= 1
                if self.attempts < 0:
                    return False
                if self.reaches(_without(terms, abs(weight), fact, abs(coefficient), over), depth - 1):
                    return True
        return False

    def of_operations(self, dim: Expression) -> Iterator[Dim]:
        """What is never negative about the operations in ``dim``, by their definition."""
        for atom in dim.operations():
            this = dim_of({Monomial({atom: 1}): 1})
            if atom.operation == "max":
                yield from (this - argument for argument in atom.arguments)
            elif atom.operation == "min":
                yield from (argument - this for argument in atom.arguments)
            else:
                dividend, divisor = atom.arguments
                bound = least(divisor, self.minimum)
                if bound is None or bound < 1:
                    continue
                if atom.operation == "floordiv":
                    yield dividend - divisor * this
                    yield divisor * this + divisor - 1 - dividend
                else:
                    yield divisor - 1 - this


def _without(terms: Terms, scale: int, fact: Terms, times: int, factor: Monomial) -> Terms:
    """``scale * terms - times * factor * fact``."""
    result = {monomial: coefficient * scale for monomial, coefficient in terms.items()}
    for monomial, coefficient in fact.items():
        key = monomial.times(factor)
        total = result.get(key, 0) - coefficient * times
        if total:
            result[key] = total
        else:
            result.pop(key, None)
    return result
