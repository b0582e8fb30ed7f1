"""Solving an equation for one of its symbols."""

from __future__ import annotations

from typing import NamedTuple

from attnlint.algebra.dim import Dim, Expression, dim_of
from attnlint.algebra.division import exact_quotient
from attnlint.algebra.monomial import Monomial
from attnlint.algebra.prove import certainly_nonzero
from attnlint.algebra.rewrite import expanded
from attnlint.algebra.state import State
from attnlint.algebra.symbol import Symbol


class Solution(NamedTuple):
    """``symbol`` is ``value``, which does not mention it."""

    symbol: Symbol
    value: Dim


def solution(state: State, zero: Expression) -> Solution | None:
    """The best way to solve ``zero == 0`` for a symbol, or ``None``.

    Sizes that an input happens to have are replaced by hyper-parameters, never the other way round; so messages speak
    in the names of the author's configuration.
    """
    candidates = _solutions(state, zero)
    if not candidates and state.divisions:
        # heads*head_dim == C, where heads divides C: head_dim is the quotient.
        longer = expanded(state.divisions, zero)
        if longer is not zero and isinstance(longer, Expression):
            candidates = _solutions(state, longer)
    return min(candidates, key=lambda found: _reluctance(state, found), default=None)


def _solutions(state: State, zero: Expression) -> list[Solution]:
    found: list[Solution] = []
    symbols = [atom for atom in zero.atoms() if isinstance(atom, Symbol)]
    for symbol in symbols:
        split = _linear_in(zero, symbol)
        if split is None:
            continue
        factor, rest = split
        if not certainly_nonzero(state, factor):
            continue
        value = exact_quotient(-rest, factor)
        if value is not None and not (isinstance(value, Expression) and symbol in value.symbols()):
            found.append(Solution(symbol, value))
    return found


def _linear_in(zero: Expression, symbol: Symbol) -> tuple[Dim, Dim] | None:
    """``(a, b)`` with ``zero == a*symbol + b`` and the symbol in neither."""
    single = Monomial({symbol: 1})
    factor: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    for monomial, coefficient in zero.terms.items():
        over = monomial.over(single)
        if over is None:
            rest[monomial] = coefficient
        else:
            factor[over] = coefficient
    a, b = dim_of(factor), dim_of(rest)
    if any(isinstance(part, Expression) and symbol in part.symbols() for part in (a, b)):
        return None
    return a, b


def _reluctance(state: State, found: Solution) -> tuple[int, ...]:
    """How little one wants to see ``symbol`` replaced by ``value``; what comes first in the equation wins a tie."""
    symbol, value = found
    named = state.names.get(symbol, symbol)
    key = symbol.key
    kind = key[0] if isinstance(key, tuple) and key else ""
    if isinstance(value, int):
        return (0,)
    # A symbol with a key is one that the author can see; a fresh one stands for something that was worked out.
    standing = {"axis": 0, "fresh": 1}.get(kind if isinstance(kind, str) else "", 2)
    if named.generic and standing < 2:
        standing = 1
    negative = sum(coefficient < 0 for coefficient in value.terms.values())
    return (1, standing, negative, int(named.generic), len(value.terms))
