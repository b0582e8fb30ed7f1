"""Taking in what holds: equations are solved where they can be, and kept for rewriting where they cannot."""

from __future__ import annotations

from collections.abc import Callable
from math import gcd

from attnlint.algebra.answer import Answer
from attnlint.algebra.decide import core, is_zero, never_zero, without_mod
from attnlint.algebra.dim import Dim, Expression, atom_dim, dim_of
from attnlint.algebra.division import modulo
from attnlint.algebra.effort import EFFORT, LEARN
from attnlint.algebra.extrema import single_atom
from attnlint.algebra.models import may_be_plain, signs
from attnlint.algebra.monomial import ONE
from attnlint.algebra.opaque import Opaque
from attnlint.algebra.prove import certainly_positive, prover_of, proves_nonnegative
from attnlint.algebra.rewrite import normal, simpler
from attnlint.algebra.rules import rule_of, rule_of_division, rule_symbols, shortens, sides, zero_of
from attnlint.algebra.solve import Solution, solution
from attnlint.algebra.state import Division, Rule, State
from attnlint.algebra.symbol import Symbol

# One fact may settle others, and those again others. What is left after so many steps is not known, which is no error.
_MOST_STEPS = 60


class Contradiction(Exception):
    """What was to be learned cannot hold together with what is known."""


class Learner:
    """Takes facts into a state that nobody else has seen yet. After a Contradiction the state is to be thrown away."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.zeros: list[Dim] = []
        self.divisions: list[tuple[Dim, Dim]] = []
        self.inequalities: list[Dim] = []
        self.differences: list[Dim] = []
        self.steps = 0
        self.possible = bool(state.models)
        """Whether all that is known and learned holds for some integers: no contradiction need be looked for."""

    def run(self) -> None:
        """Work until nothing is waiting, or for long enough."""
        while self.steps < _MOST_STEPS:
            self.steps += 1
            EFFORT.spent += LEARN
            if self.zeros:
                self._zero(self.zeros.pop(0))
            elif self.divisions:
                self._divides(*self.divisions.pop(0))
            elif self.differences:
                self._different(self.differences.pop(0))
            elif self.inequalities:
                self._nonnegative(self.inequalities.pop(0))
            else:
                return

    # --- one fact of each kind --------------------------------------------------------------------------------------

    def _zero(self, dim: Dim) -> None:
        state = self.state
        dim = core(state, normal(state, dim))
        if isinstance(dim, int):
            if dim:
                raise Contradiction
            return
        if not self.possible and never_zero(state, dim):
            raise Contradiction
        plain = without_mod(dim)
        if self._divisibility(dim) or (isinstance(plain, Expression) and self._divisibility(plain)):
            return
        found = solution(state, dim)
        if found is not None:
            self._eliminate(found)
            return
        if not self.possible and is_zero(state, dim) is Answer.NO:
            raise Contradiction
        state.equations.append(dim)
        self._rewrite_with(rule_of(dim))

    def _divisibility(self, dim: Expression) -> bool:
        """Whether ``dim`` being zero says just that something is divisible: ``C % h``, ``C - h*(C // h)``.

        So does ``(C + 1) // 2 - C // 2``, once the greater half is written with the lesser one.
        """
        for atom in dim.atoms():
            if isinstance(atom, Symbol) or atom.operation not in ("floordiv", "mod"):
                continue
            dividend, divisor = atom.arguments
            if isinstance(divisor, int) and not divisor:
                continue
            says = atom_dim(atom) if atom.operation == "mod" else dividend - divisor * atom_dim(atom)
            if dim in (says, -says):
                self.divisions.append((divisor, dividend))
                return True
        return False

    def _divides(self, divisor: Dim, dividend: Dim) -> None:
        state = self.state
        divisor, dividend = normal(state, divisor), normal(state, dividend)
        if isinstance(divisor, int) and divisor == 0:
            self.zeros.append(dividend)
            return
        rest = normal(state, modulo(dividend, divisor))
        if isinstance(rest, int):
            if rest:
                raise Contradiction
            return
        if not self.possible and self._never_divides(rest):
            raise Contradiction
        atom = single_atom(core(state, rest))
        if not isinstance(atom, Opaque) or atom.operation != "mod":
            self.zeros.append(rest)
            return
        dividend, divisor = atom.arguments
        if isinstance(divisor, int) and not divisor:
            return
        quotient = single_atom(dividend // divisor)
        # (a // b) // c is written a // (b*c), of which b*c need not be a divisor.
        if not isinstance(quotient, Opaque) or quotient.arguments != (dividend, divisor):
            self.zeros.append(dividend - divisor * (dividend // divisor))
            return
        known = normal(state, atom_dim(quotient))
        if known != atom_dim(quotient):
            self.zeros.append(dividend - divisor * known)
            return
        division = Division(dividend, divisor, quotient)
        if division in state.divisions:
            return
        state.divisions.append(division)
        state.reorder()
        if certainly_positive(state, division.dividend) and certainly_positive(state, division.divisor):
            self.inequalities.append(division.dividend - division.divisor)
        self._rewrite_with(rule_of_division(division))

    def _never_divides(self, rest: Expression) -> bool:
        state = self.state
        bounded = any(not dim.symbols().isdisjoint(rest.symbols()) for dim in state.nonnegative)
        return is_zero(state, rest) is Answer.NO if bounded else never_zero(state, rest)

    def _different(self, dim: Dim) -> None:
        state = self.state
        dim = core(state, normal(state, dim))
        if isinstance(dim, int):
            if not dim:
                raise Contradiction
            return
        if never_zero(state, dim):
            return
        if not self.possible and is_zero(state, dim) is Answer.YES:
            raise Contradiction
        if any(coefficient < 0 for coefficient in dim.terms.values()) and next(iter(dim.terms.values())) < 0:
            dim = -dim
        state.different.append(dim)
        state.reorder()
        # Not the least, so at least one more.
        for side in (dim, -dim):
            if proves_nonnegative(state, side):
                self.inequalities.append(side - 1)

    def _nonnegative(self, dim: Dim) -> None:
        state = self.state
        dim = _tightened(normal(state, dim))
        if isinstance(dim, int):
            if dim < 0:
                raise Contradiction
            return
        prover = prover_of(state, dim)
        if prover.proves(dim):
            return
        _, _, above = signs(state.models, dim)
        if not self.possible and prover.proves(-dim - 1):
            raise Contradiction
        if not above and prover.proves(-dim):
            self.zeros.append(dim)
        elif -dim in state.different or dim in state.different:
            dim = dim - 1
        if isinstance(dim, int):
            raise Contradiction
        symbol = single_atom(dim - dim.terms.get(ONE, 0))
        if isinstance(symbol, Symbol):
            state.minima[symbol] = -dim.terms.get(ONE, 0)
        else:
            state.nonnegative.append(dim)
        state.reorder()
        state.forget()
        symbols = dim.symbols()
        if not self.possible:
            self._check(symbols)
        # An operation may have become plain by the new bound: `max(T, S)`, `T // 512`.
        plain = [p for p in state.equations if self._has_plain_operation(p, symbols)]
        if plain:
            self._unlearn(plain, [])

    # --- consequences -----------------------------------------------------------------------------------------------

    def _eliminate(self, found: Solution) -> None:
        state = self.state
        symbol, value = found
        if symbol in state.minima:
            state.reorder()
        minimum = state.minima.pop(symbol, symbol.minimum)
        state.forget()
        state.solved[symbol] = value
        values = {symbol: value}
        for other, old in state.solved.items():
            if isinstance(old, Expression) and symbol in old.symbols():
                state.solved[other] = normal(state, old.substitute(values))
        if minimum is not None:
            self.inequalities.append(value - minimum)
        self._revisit(lambda dim: isinstance(dim, Expression) and symbol in dim.symbols())

    def _rewrite_with(self, rule: Rule) -> None:
        state = self.state
        symbols = rule_symbols(rule)
        state.forget()
        state.rules.append(rule)

        def touched(dim: Dim) -> bool:
            if not isinstance(dim, Expression) or symbols.isdisjoint(dim.symbols()):
                return False
            return shortens(rule, dim) or bool(dim.operations())

        for other, old in state.solved.items():
            if touched(old):
                state.solved[other] = normal(state, old)
        self._revisit(touched, but=rule)

    def _revisit(self, touched: Callable[[Dim], bool], but: Rule | None = None) -> None:
        """Learn again what the new knowledge touches."""
        state = self.state
        zeros = [p for p in state.equations if touched(p)]
        divisions = [d for d in state.divisions if any(touched(side) for side in sides(d))]
        if but is not None:
            # A rule touches another only where it shortens what that says; else both would be learned for ever.
            zeros = [p for p in zeros if rule_of(p) != but and shortens(but, p)]
            divisions = [
                d for d in divisions if rule_of_division(d) != but and any(shortens(but, side) for side in sides(d))
            ]
        if zeros or divisions:
            self._unlearn(zeros, divisions)
        waiting = [p for p in state.nonnegative if touched(p)]
        if waiting:
            state.nonnegative = [p for p in state.nonnegative if p not in waiting]
            state.reorder()
            self.inequalities += waiting
        waiting = [p for p in state.different if touched(p)]
        if waiting:
            state.different = [p for p in state.different if p not in waiting]
            state.reorder()
            self.differences += waiting

    def _unlearn(self, zeros: list[Expression], divisions: list[Division]) -> None:
        """Take these out of the state and into the queues."""
        state = self.state
        state.equations = [p for p in state.equations if p not in zeros]
        self.zeros += zeros
        if divisions:
            state.divisions = [d for d in state.divisions if d not in divisions]
            state.reorder()
        for division in divisions:
            self.divisions.append((division.divisor, division.dividend))
            # The quotient may have become something by the new rule.
            self.zeros.append(zero_of(division))
        state.rules = [rule_of(p) for p in state.equations] + [rule_of_division(d) for d in state.divisions]
        state.forget()

    def _has_plain_operation(self, dim: Expression, symbols: frozenset[Symbol]) -> bool:
        return any(
            not symbols.isdisjoint(atom.symbols())
            and may_be_plain(self.state.models, atom)
            and simpler(self.state, atom) is not None
            for atom in dim.operations()
        )

    def _check(self, symbols: frozenset[Symbol]) -> None:
        """Raise Contradiction where a new bound refutes what is kept."""
        state = self.state
        for dim in state.nonnegative:
            if not symbols.isdisjoint(dim.symbols()) and certainly_positive(state, -dim):
                raise Contradiction
        for dim in state.equations:
            if not symbols.isdisjoint(dim.symbols()) and never_zero(state, dim):
                raise Contradiction


def _tightened(dim: Dim) -> Dim:
    """The strongest inequality over the integers: ``2*x - 1 >= 0`` says that ``x - 1 >= 0``."""
    if isinstance(dim, int):
        return dim
    common = gcd(*(coefficient for monomial, coefficient in dim.terms.items() if monomial.powers))
    if common == 1:
        return dim
    terms = {monomial: coefficient // common for monomial, coefficient in dim.terms.items()}
    return dim_of({monomial: coefficient for monomial, coefficient in terms.items() if coefficient})
