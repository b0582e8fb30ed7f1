"""Integers for symbols that respect all facts: the proof that a claim about sizes is about real sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import isqrt, lcm

from attnlint.algebra.dim import Dim, Expression, symbols_of
from attnlint.algebra.evaluate import evaluate
from attnlint.algebra.rewrite import normal
from attnlint.algebra.state import State
from attnlint.algebra.symbol import Symbol

_MOST_STEPS = 4000
_GREATEST_MODULUS = 5000
_PRIMES_TRIED = 6
_SMALL_TRIED = 12

Values = dict[Symbol, int]


def witness(state: State, dims: Iterable[Dim], broken: tuple[Dim, Dim] | None) -> Values | None:
    """See ``Facts.witness``."""
    dims = tuple(dims) + (broken or ())
    symbols = _connected(state, symbols_of(*dims))
    return _Search(state, symbols, broken).run()


def _connected(state: State, symbols: frozenset[Symbol]) -> dict[Symbol, None]:
    """The symbols, and all that some fact ties to them, in a fixed order."""
    groups = [fact.symbols for fact in state.log]
    groups += [symbols_of(Expression.of(symbol), value) for symbol, value in state.solved.items()]
    groups += [symbols_of(*(side for side in division[:2])) for division in state.divisions]
    groups += [dim.symbols() for dim in (*state.equations, *state.nonnegative, *state.different)]
    reached = set(symbols)
    grown = True
    while grown:
        grown = False
        for group in groups:
            if not reached.isdisjoint(group) and not reached.issuperset(group):
                reached |= group
                grown = True
    # Sets of symbols have no order of their own that would be the same in every process.
    return dict.fromkeys(sorted(reached, key=lambda symbol: (symbol.name, repr(symbol.key))))


class _Condition:
    """Something about a few symbols that must hold."""

    __slots__ = ("dim", "divisor", "kind", "symbols")

    def __init__(self, kind: str, dim: Dim, divisor: Dim = 1) -> None:
        self.kind = kind
        self.dim = dim
        self.divisor = divisor
        self.symbols = symbols_of(dim, divisor)

    def holds(self, values: Values) -> bool:
        try:
            value = evaluate(self.dim, values)
            if self.kind == "zero":
                return value == 0
            if self.kind == "nonnegative":
                return value >= 0
            if self.kind == "different":
                return value != 0
            return value % evaluate(self.divisor, values) == 0
        except ZeroDivisionError:
            return False


class _Search:
    """Backtracking over the symbols that are not solved, divisors before what they divide."""

    def __init__(self, state: State, symbols: dict[Symbol, None], broken: tuple[Dim, Dim] | None) -> None:
        self.state = state
        self.symbols = symbols
        self.broken = broken
        self.steps = _MOST_STEPS
        self.minima = {symbol: _minimum(state, symbol) for symbol in symbols}
        self.conditions = list(self._conditions())
        self.order = self._order([symbol for symbol in symbols if symbol not in state.solved])
        position = {symbol: index for index, symbol in enumerate(self.order)}
        self.due: list[list[_Condition]] = [[] for _ in self.order]
        self.impossible = False
        for condition in self.conditions:
            if condition.symbols:
                self.due[max(position[symbol] for symbol in condition.symbols)].append(condition)
            elif not condition.holds({}):
                self.impossible = True

    def run(self) -> Values | None:
        return None if self.impossible else self._assign(0, {})

    def _conditions(self) -> Iterator[_Condition]:
        state = self.state
        relevant = self.symbols.keys()
        for symbol, value in state.solved.items():
            minimum = self.minima.get(symbol)
            if symbol in relevant and minimum is not None:
                yield _Condition("nonnegative", normal(state, value - minimum))
        for dim in state.equations:
            if not relevant.isdisjoint(dim.symbols()):
                yield _Condition("zero", dim)
        for division in state.divisions:
            if not relevant.isdisjoint(symbols_of(*division[:2])):
                yield _Condition("divides", division.dividend, division.divisor)
        for dim in state.nonnegative:
            if not relevant.isdisjoint(dim.symbols()):
                yield _Condition("nonnegative", dim)
        for dim in state.different:
            if not relevant.isdisjoint(dim.symbols()):
                yield _Condition("different", dim)
        if self.broken is not None:
            yield _Condition("different", normal(state, self.broken[0] - self.broken[1]))

    def _order(self, free: list[Symbol]) -> list[Symbol]:
        """Divisors before what they divide, the lesser before the greater, then as they are."""
        depth = dict.fromkeys(free, 0)
        for _ in range(4):
            for condition in self.conditions:
                first, then = symbols_of(condition.divisor), symbols_of(condition.dim)
                if condition.kind == "nonnegative" and isinstance(condition.dim, Expression):
                    first = _with_sign(condition.dim, -1)
                    then = _with_sign(condition.dim, 1) - first
                least = max((depth[symbol] + 1 for symbol in first), default=0)
                for symbol in then:
                    depth[symbol] = max(depth[symbol], least)
        return sorted(free, key=lambda symbol: depth[symbol])

    def _assign(self, index: int, values: Values) -> Values | None:
        if index == len(self.order):
            return self._complete(values)
        symbol = self.order[index]
        due = self.due[index]
        for candidate in self._candidates(symbol, due, values):
            self.steps -= 1
            if self.steps < 0:
                return None
            values[symbol] = candidate
            if all(condition.holds(values) for condition in due):
                found = self._assign(index + 1, values)
                if found is not None:
                    return found
            del values[symbol]
        return None

    def _complete(self, values: Values) -> Values | None:
        """All symbols, if truly every fact holds: as it was said, not as it was rewritten."""
        result = dict(values)
        try:
            for symbol in self.symbols:
                if symbol in self.state.solved:
                    result[symbol] = evaluate(self.state.solved[symbol], values)
            for symbol, minimum in self.minima.items():
                if minimum is not None and result[symbol] < minimum:
                    return None
            for fact in self.state.log:
                if self.symbols.keys().isdisjoint(fact.symbols):
                    continue
                pairs = fact.pairs if fact.kind == "bind" else ((fact.left, fact.right),)
                if not all(_SAID[fact.kind](evaluate(a, result), evaluate(b, result)) for a, b in pairs):
                    return None
            if self.broken is not None and evaluate(self.broken[0], result) == evaluate(self.broken[1], result):
                return None
        except ZeroDivisionError:
            return None
        return result

    def _candidates(self, symbol: Symbol, due: list[_Condition], values: Values) -> Iterator[int]:
        minimum = self.minima[symbol]
        low, high = (-_SMALL_TRIED if minimum is None else minimum), None
        modulus, moduli = 1, []
        for condition in due:
            line = _line(condition.dim, symbol, values)
            if condition.kind == "divides":
                size = _value(condition.divisor, symbol, values)
                if size and lcm(modulus, size) <= _GREATEST_MODULUS:
                    modulus = lcm(modulus, size)
                    moduli.append(condition)
            elif line is not None and line[1] and condition.kind == "zero":
                offset, slope = line
                if offset % slope == 0 and -offset // slope >= low:
                    yield -offset // slope
                return
            elif line is not None and line[1] and condition.kind == "nonnegative":
                offset, slope = line
                if slope > 0:
                    low = max(low, -(offset // slope))
                else:
                    high = offset // -slope if high is None else min(high, offset // -slope)
        yield from _within(high, self._typical(symbol, max(low, 2), modulus, moduli, values))
        yield from _within(high, iter(range(low, low + _SMALL_TRIED)))
        if high is not None and high >= low + _SMALL_TRIED:
            yield from range(high, max(low + _SMALL_TRIED, high - _SMALL_TRIED), -1)
        if minimum is None:
            yield from range(2)
        concerned = [condition for condition in self.conditions if symbol in condition.symbols]
        constants = {abs(c) for condition in concerned for c in _constants(condition.dim)} - {0}
        for constant in sorted(constants):
            yield from _within(high, (d for d in _divisors(constant) if d >= low + _SMALL_TRIED))

    def _typical(
        self, symbol: Symbol, low: int, modulus: int, moduli: list[_Condition], values: Values
    ) -> Iterator[int]:
        """Primes that no other symbol has; multiples of the modulus where something must be divisible."""
        taken = set(values.values())
        if modulus > 1:
            for offset in range(modulus):
                values[symbol] = offset
                good = all(condition.holds(values) for condition in moduli)
                del values[symbol]
                if good:
                    first = offset if offset >= low else offset + -(-(low - offset) // modulus) * modulus
                    if not offset:
                        multiples = (prime * modulus for prime in _primes(2))
                        yield from _some(value for value in multiples if value >= low and value not in taken)
                    yield from (first + step * modulus for step in range(_PRIMES_TRIED))
            return
        yield from _some(prime for prime in _primes(low) if prime not in taken)


_SAID: dict[str, Callable[[int, int], bool]] = {
    "equal": lambda left, right: left == right,
    "bind": lambda left, right: left == right,
    "different": lambda left, right: left != right,
    "at_least": lambda left, right: left >= right,
    "divides": lambda left, right: right == 0 if left == 0 else right % left == 0,
}


def _minimum(state: State, symbol: Symbol) -> int | None:
    known = state.minima.get(symbol)
    return symbol.minimum if known is None else known


def _value(dim: Dim, unset: Symbol, values: Values) -> int | None:
    """The value of ``dim`` where it does not depend on ``unset``."""
    if unset in symbols_of(dim):
        return None
    try:
        return evaluate(dim, values)
    except ZeroDivisionError:
        return None


def _line(dim: Dim, unset: Symbol, values: Values) -> tuple[int, int] | None:
    """``(a, b)`` where ``dim`` is ``a + b*unset``; ``None`` where it is no line."""
    if not isinstance(dim, Expression):
        return None
    for monomial in dim.terms:
        for atom, power in monomial.powers.items():
            if (atom == unset and power > 1) or (not isinstance(atom, Symbol) and unset in atom.symbols()):
                return None
    try:
        offset = evaluate(dim, {**values, unset: 0})
        return offset, evaluate(dim, {**values, unset: 1}) - offset
    except ZeroDivisionError:
        return None


def _with_sign(dim: Expression, sign: int) -> frozenset[Symbol]:
    """The symbols of the terms that have that sign."""
    return frozenset().union(*(Expression({m: c}).symbols() for m, c in dim.terms.items() if c * sign > 0))


def _constants(dim: Dim) -> Iterable[int]:
    return dim.terms.values() if isinstance(dim, Expression) else (dim,)


def _divisors(number: int) -> Iterator[int]:
    if number > 10**8:
        return
    for small in range(1, min(isqrt(number), 2000) + 1):
        if number % small == 0:
            yield small
            if small * small != number:
                yield number // small


def _primes(low: int) -> Iterator[int]:
    number = max(low, 2)
    while True:
        if all(number % factor for factor in range(2, min(isqrt(number), 4000) + 1)):
            yield number
        number += 1


def _some(numbers: Iterable[int]) -> Iterator[int]:
    for number, _ in zip(numbers, range(_PRIMES_TRIED), strict=False):
        yield number


def _within(high: int | None, numbers: Iterator[int]) -> Iterator[int]:
    """The numbers up to ``high``; ends at the first that is greater where they rise without end."""
    for number in numbers:
        if high is None or number <= high:
            yield number
