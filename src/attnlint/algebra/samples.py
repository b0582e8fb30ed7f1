"""A few integers that respect what proofs start from: where a claim fails for them, no proof need be looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from attnlint.algebra.dim import Dim, Expression
from attnlint.algebra.monomial import Atom
from attnlint.algebra.opaque import Opaque
from attnlint.algebra.symbol import Symbol

Values = dict[Atom, int]
MinimumOf = Callable[[Atom], "int | None"]

_PRIMES = (7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103)
_FAR = 1009


def samples(dims: Iterable[Dim], facts: list[Expression], minimum_of: MinimumOf) -> list[Values]:
    """Values for the symbols of ``dims`` and ``facts`` under which no fact is below zero."""
    symbols = list(dict.fromkeys(symbol for dim in (*dims, *facts) for symbol in _symbols(dim)))
    found: list[Values] = []
    for values in _candidates(symbols, minimum_of):
        for fact in facts:
            value = value_at(fact, values, minimum_of)
            if value is None or value < 0:
                break
        else:
            found.append(values)
    return found


def value_at(dim: Dim, values: Values, minimum_of: MinimumOf) -> int | None:
    """The integer that ``dim`` is. ``None`` where a symbol has no value, or an operation one that it never has."""
    if isinstance(dim, int):
        return dim
    total = 0
    for monomial, coefficient in dim.terms.items():
        for atom, power in monomial.powers.items():
            value = values.get(atom)
            if value is None:
                value = None if isinstance(atom, Symbol) else _operated(atom, values, minimum_of)
                if value is None:
                    return None
                values[atom] = value
            coefficient *= value if power == 1 else value**power
        total += coefficient
    return total


def _operated(atom: Opaque, values: Values, minimum_of: MinimumOf) -> int | None:
    arguments: list[int] = []
    for argument in atom.arguments:
        value = value_at(argument, values, minimum_of)
        if value is None:
            return None
        arguments.append(value)
    if atom.operation == "max":
        result = max(arguments)
    elif atom.operation == "min":
        result = min(arguments)
    elif not arguments[1]:
        return None
    else:
        result = arguments[0] // arguments[1] if atom.operation == "floordiv" else arguments[0] % arguments[1]
    minimum = minimum_of(atom)
    return None if minimum is not None and result < minimum else result


def _symbols(dim: Dim) -> Iterator[Symbol]:
    """In the order of the terms: a set has another order in every process."""
    if isinstance(dim, int):
        return
    for atom in dim.atoms():
        if isinstance(atom, Symbol):
            yield atom
        else:
            for argument in atom.arguments:
                yield from _symbols(argument)


def _candidates(symbols: list[Symbol], minimum_of: MinimumOf) -> Iterator[Values]:
    least = {symbol: minimum_of(symbol) for symbol in symbols}
    low: Values = {symbol: minimum or 0 for symbol, minimum in least.items()}
    yield low
    count = len(symbols)
    primes = [_PRIMES[index % len(_PRIMES)] for index in range(count)]
    yield {symbol: low[symbol] + prime for symbol, prime in zip(symbols, primes, strict=True)}
    yield {symbol: low[symbol] + prime for symbol, prime in zip(symbols, reversed(primes), strict=True)}
    # Every other one far out; downwards where nothing is known of its sign.
    far = {symbol: -_FAR if minimum is None else minimum + _FAR for symbol, minimum in least.items()}
    yield {symbol: far[symbol] if index % 2 else low[symbol] for index, symbol in enumerate(symbols)}
    yield {symbol: low[symbol] if index % 2 else far[symbol] for index, symbol in enumerate(symbols)}
    if count > 2:
        yield {symbol: far[symbol] if index % 3 else low[symbol] for index, symbol in enumerate(symbols)}
