"""Products of powers of atoms, the keys of a polynomial's terms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from attnlint.algebra.opaque import Opaque
    from attnlint.algebra.symbol import Symbol

Atom: TypeAlias = "Symbol | Opaque"
"""What a polynomial is made of: a symbol, or an operation that polynomials cannot express."""


class Monomial:
    """``heads * head_dim``, ``T**2``, ``1``. Equality ignores the order of the atoms, which is kept for display."""

    __slots__ = ("_hash", "degree", "powers")

    def __init__(self, powers: dict[Atom, int]) -> None:
        self.powers = powers
        self.degree = sum(powers.values())
        self._hash = hash(frozenset(powers.items()))

    def times(self, other: Monomial) -> Monomial:
        """The product."""
        if not other.powers:
            return self
        if not self.powers:
            return other
        powers = self.powers.copy()
        for atom, power in other.powers.items():
            powers[atom] = powers.get(atom, 0) + power
        return Monomial(powers)

    def over(self, other: Monomial) -> Monomial | None:
        """The quotient, or ``None`` when ``other`` is not a factor."""
        if not other.powers:
            return self
        if other.degree > self.degree:
            return None
        powers = self.powers.copy()
        for atom, power in other.powers.items():
            left = powers.get(atom, 0) - power
            if left < 0:
                return None
            if left:
                powers[atom] = left
            else:
                del powers[atom]
        return Monomial(powers)

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Monomial) and self._hash == other._hash and self.powers == other.powers
        )

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type[Monomial], tuple[dict[Atom, int]]]:
        return (Monomial, (self.powers,))

    def __repr__(self) -> str:
        return "*".join(f"{atom}**{power}" for atom, power in self.powers.items()) or "1"


ONE = Monomial({})


def common_factor(monomials: Iterable[Monomial]) -> Monomial:
    """The greatest monomial that divides all of them."""
    powers: dict[Atom, int] | None = None
    for monomial in monomials:
        if powers is None:
            powers = monomial.powers
            continue
        theirs = monomial.powers
        powers = {atom: min(power, theirs[atom]) for atom, power in powers.items() if atom in theirs}
        if not powers:
            return ONE
    return Monomial(powers) if powers else ONE
