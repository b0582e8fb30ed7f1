"""Three-valued answers: yes and no are proved, everything else is open."""

from __future__ import annotations

from math import gcd

from attnlint.algebra.answer import Answer
from attnlint.algebra.bounds import least
from attnlint.algebra.dim import Dim, Expression, atom_dim, dim_of
from attnlint.algebra.division import content
from attnlint.algebra.extrema import single_atom
from attnlint.algebra.minima import minimum_of
from attnlint.algebra.models import signs
from attnlint.algebra.monomial import ONE, Atom, Monomial
from attnlint.algebra.opaque import Opaque
from attnlint.algebra.prove import certainly_nonzero, prover_of
from attnlint.algebra.rewrite import expanded, normal
from attnlint.algebra.state import State
from attnlint.algebra.symbol import Symbol


def is_zero(state: State, dim: Dim) -> Answer:
    """Whether ``dim`` is zero."""
    if isinstance(dim, int):
        return Answer.NO if dim else Answer.YES
    below, zero, above = signs(state.models, dim)
    if zero and (below or above):
        return Answer.OPEN
    dim = core(state, normal(state, dim))
    if isinstance(dim, int):
        return Answer.NO if dim else Answer.YES
    if dim.operations():
        # Operations are rewritten with what the state knows besides its order.
        return _is_zero(state, dim)
    zeros = state.order().zeros
    answer = zeros.get(dim)
    if answer is None:
        answer = zeros[dim] = _is_zero(state, dim)
    return answer


def _is_zero(state: State, dim: Expression) -> Answer:
    if never_zero(state, dim):
        return Answer.NO
    if state.divisions:
        longer = core(state, expanded(state.divisions, dim))
        if isinstance(longer, int):
            return Answer.NO if longer else Answer.YES
        if longer is not dim and never_zero(state, longer):
            return Answer.NO
    plain = without_mod(dim)
    if plain is not dim:
        plain = core(state, normal(state, plain))
        if isinstance(plain, int):
            return Answer.NO if plain else Answer.YES
    prover = prover_of(state, plain)
    if prover.proves(plain - 1) or prover.proves(-plain - 1):
        return Answer.NO
    if any(isinstance(atom, Opaque) and atom.operation == "floordiv" for atom in plain.atoms()):
        # Quotients are bounded by fractions: what is at least a half is at least 1. So n // 2 is not n.
        if prover.proves(2 * plain - 1) or prover.proves(-2 * plain - 1):
            return Answer.NO
    return Answer.YES if prover.facts and prover.proves(plain) and prover.proves(-plain) else Answer.OPEN


def is_nonnegative(state: State, dim: Dim) -> Answer:
    """Whether ``dim`` is at least zero."""
    if isinstance(dim, int):
        return Answer.YES if dim >= 0 else Answer.NO
    below, zero, above = signs(state.models, dim)
    if below and (zero or above):
        return Answer.OPEN
    dim = normal(state, dim)
    if isinstance(dim, int):
        return Answer.YES if dim >= 0 else Answer.NO
    prover = prover_of(state, dim)
    if prover.proves(dim):
        return Answer.YES
    return Answer.NO if prover.proves(-dim - 1) else Answer.OPEN


def is_one(state: State, dim: Dim) -> Answer:
    """Whether an axis of this size broadcasts; a generic size does not."""
    dim = normal(state, dim)
    if isinstance(dim, int):
        return Answer.YES if dim == 1 else Answer.NO
    answer = is_zero(state, dim - 1)
    if answer is not Answer.OPEN:
        return answer
    bound = least(dim, lambda atom: _generic_minimum(state, atom))
    return Answer.NO if bound is not None and bound >= 2 else Answer.OPEN


def single_symbol(dim: Dim) -> Symbol | None:
    """The symbol that ``dim`` just is, or ``None``."""
    atom = single_atom(dim)
    return atom if isinstance(atom, Symbol) else None


def core(state: State, dim: Dim) -> Dim:
    """``dim`` without the factors that are certainly not zero: zero exactly where ``dim`` is."""
    if isinstance(dim, int):
        return dim
    number, monomial = content(dim)
    kept = {atom: power for atom, power in monomial.powers.items() if not _atom_nonzero(state, atom)}
    if number == 1 and len(kept) == len(monomial.powers):
        return dim
    strip = monomial.over(Monomial(kept))
    assert strip is not None
    terms: dict[Monomial, int] = {}
    for m, c in dim.terms.items():
        over = m.over(strip)
        assert over is not None
        terms[over] = c // number
    return dim_of(terms)


def _atom_nonzero(state: State, atom: Atom) -> bool:
    minimum = minimum_of(state, atom)
    return (minimum is not None and minimum >= 1) or certainly_nonzero(state, atom_dim(atom))


def never_zero(state: State, dim: Expression) -> bool:
    """A quick proof that ``dim`` (without factors) is not zero."""
    constant = dim.terms.get(ONE, 0)
    if constant:
        common = gcd(*(coefficient for monomial, coefficient in dim.terms.items() if monomial.powers))
        if constant % common:
            return True  # 2*x + 1
    return certainly_nonzero(state, dim)


def without_mod(dim: Expression) -> Dim:
    """``dim`` with ``a % n`` written as ``a - n*(a // n)``, and constant divisors' dividends reduced."""

    def replacement(atom: Atom) -> Dim | None:
        if isinstance(atom, Symbol) or atom.operation in ("max", "min"):
            return None
        dividend, divisor = atom.arguments
        if isinstance(divisor, int) and not divisor:
            return None
        if atom.operation == "mod":
            return dividend - divisor * _reduced_floor(dividend, divisor)
        result = _reduced_floor(dividend, divisor)
        return None if result == atom_dim(atom) else result

    return dim.map_atoms(replacement)


def _reduced_floor(dividend: Dim, divisor: Dim) -> Dim:
    """``dividend // divisor`` with coefficients in ``[0, divisor)``: ``(T - 3) // 2`` is ``(T + 1) // 2 - 2``."""
    if isinstance(dividend, int) or not isinstance(divisor, int) or divisor < 1:
        return dividend // divisor
    outside: dict[Monomial, int] = {}
    inside: dict[Monomial, int] = {}
    for monomial, coefficient in dividend.terms.items():
        times, left = divmod(coefficient, divisor)
        if times:
            outside[monomial] = times
        if left:
            inside[monomial] = left
    if divisor == 2 and ONE in inside and len(inside) > 1:
        # The greater half of x is x less the lesser half.
        del inside[ONE]
        half = dim_of(inside)
        return dim_of(outside) + half - half // 2
    return dim_of(outside) + dim_of(inside) // divisor


def _generic_minimum(state: State, atom: Atom) -> int | None:
    minimum = minimum_of(state, atom)
    if minimum is not None and minimum >= 2:
        return minimum
    if isinstance(atom, Symbol):
        named = state.names.get(atom, atom)
        return 2 if (named.generic or atom.generic) and atom not in state.compared else minimum
    # The quotient of generic sizes that divide is as generic as they are: `hidden // heads`. How much of an axis falls
    # to each of nine parts, rounded up, is not: it is mostly cut into as many parts as it has elements.
    if isinstance(atom, Opaque) and minimum == 1 and atom.operation == "floordiv" and not _is_rounded_up(atom):
        bound = least(atom.arguments[0], lambda inner: _generic_minimum(state, inner))
        return 2 if bound is not None and bound >= 2 else minimum
    return minimum


def _is_rounded_up(quotient: Opaque) -> bool:
    """``(size + parts - 1) // parts``, of three parts or more."""
    dividend, parts = quotient.arguments
    return (
        isinstance(parts, int)
        and parts > 2
        and isinstance(dividend, Expression)
        and dividend.terms.get(ONE) == parts - 1
    )
