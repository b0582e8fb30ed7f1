"""Products of powers of atoms, the keys of a polynomial's terms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from attnlint.algebra.opaque import Opaque
    from attnlint.algebra.symbol import Symbol

Atom: TypeAlias = "Symbol | Opaque"
"""What a polynomial is made of: a symbol, or an operation that polynomials cannot express."""


_new = frozenset.__new__


class Monomial(frozenset[Any]):
    """``heads * head_dim``, ``T**2``, ``1``. Equality ignores the order of the atoms, which is kept for display.

    A frozen set of (atom, power): the keys of every polynomial are hashed and compared without a line of Python.
    """

    __slots__ = ("degree", "powers")
    degree: int
    powers: dict[Atom, int]

    def __new__(cls, powers: dict[Atom, int]) -> Monomial:
        self = _new(cls, powers.items())
        self.powers = powers
        self.degree = sum(powers.values())
        return self

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
        theirs = other.powers
        if not theirs:
            return self
        left = self.degree - other.degree
        if left < 0:
            return None
        mine = self.powers
        for atom, power in theirs.items():
            if mine.get(atom, 0) < power:
                return None
        if not left:
            return ONE
        return Monomial(
            {atom: power - theirs.get(atom, 0) for atom, power in mine.items() if power != theirs.get(atom, 0)}
        )

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
