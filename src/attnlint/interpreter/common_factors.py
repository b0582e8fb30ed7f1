"""What two sizes that must be equal come to without the factors and terms that they have in common."""

from __future__ import annotations

from math import gcd

from attnlint.algebra import Dim, Expression
from attnlint.algebra.monomial import Atom, Monomial
from attnlint.algebra.opaque import Opaque


def without_common_factors(left: Dim, right: Dim) -> tuple[Dim, Dim]:
    """``heads * d_v`` and ``heads * d_k`` are equal where ``d_v`` and ``d_k`` are, ``2 * hidden`` and ``hidden +
    width`` where ``hidden`` and ``width`` are."""
    first, second = _without_common_terms(left, right)
    sides = [product_of(dim) for dim in (first, second)]
    if sides[0] is None or sides[1] is None:
        return left, right
    (many, ours), (more, theirs) = sides[0], sides[1]
    common = {atom: min(power, theirs[atom]) for atom, power in ours.items() if atom in theirs}
    number = gcd(many, more)
    if number < 2 and not common:
        return first, second
    parts: list[Dim] = []
    for factor, powers in ((many, ours), (more, theirs)):
        rest = {atom: power - common.get(atom, 0) for atom, power in powers.items() if power > common.get(atom, 0)}
        parts.append(Expression({Monomial(rest): factor // number}) if rest else factor // number)
    return parts[0], parts[1]


def _without_common_terms(left: Dim, right: Dim) -> tuple[Dim, Dim]:
    difference = left - right
    if not isinstance(difference, Expression) or len(difference.terms) != 2:
        return left, right
    more = {monomial: factor for monomial, factor in difference.terms.items() if factor > 0}
    less = {monomial: -factor for monomial, factor in difference.terms.items() if factor < 0}
    if len(more) != 1 or len(less) != 1 or not all(monomial.powers for monomial in (*more, *less)):
        return left, right
    return Expression(more), Expression(less)


def product_of(dim: Dim) -> tuple[int, dict[Atom, int]] | None:
    """A dim that is a number times powers of symbols."""
    if isinstance(dim, int):
        return (dim, {}) if dim > 0 else None
    if len(dim.terms) != 1:
        return None
    ((monomial, factor),) = dim.terms.items()
    return (factor, monomial.powers) if factor > 0 else None


def is_division(left: Dim, right: Dim) -> bool:
    """``width`` against ``heads * (width // heads)``: equal where the heads divide the width."""
    left, right = without_common_factors(left, right)
    for whole, share in ((left, right), (right, left)):
        for atom in share.atoms() if isinstance(share, Expression) else ():
            if isinstance(atom, Opaque) and atom.operation == "floordiv":
                over, divisor = atom.arguments
                if (whole - share) - (over - divisor * Expression({Monomial({atom: 1}): 1})) == 0:
                    return True
    return False
