"""The least value of an atom under the facts."""

from __future__ import annotations

from attnlint.algebra.bounds import least, opaque_minimum
from attnlint.algebra.monomial import Atom
from attnlint.algebra.state import Ground, State
from attnlint.algebra.symbol import Symbol


def minimum_of(state: State | Ground, atom: Atom) -> int | None:
    """The least value of an atom; ``None`` when there is none to be seen."""
    if isinstance(atom, Symbol):
        known = state.minima.get(atom)
        return atom.minimum if known is None else known
    if atom in state.bounds:
        return state.bounds[atom]
    bound = opaque_minimum(atom, lambda inner: minimum_of(state, inner))
    # A positive multiple of something positive has a positive quotient.
    if bound == 0 and atom.operation == "floordiv" and any(division.quotient == atom for division in state.divisions):
        dividend = least(atom.arguments[0], lambda inner: minimum_of(state, inner))
        if dividend is not None and dividend >= 1:
            bound = 1
    state.bounds[atom] = bound
    return bound
