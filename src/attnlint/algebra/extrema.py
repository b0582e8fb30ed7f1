"""The greater and the lesser of dims."""

from __future__ import annotations

from attnlint.algebra.bounds import least
from attnlint.algebra.dim import Dim, Expression, opaque_dim
from attnlint.algebra.monomial import Atom
from attnlint.algebra.opaque import Opaque


def maximum(*dims: Dim) -> Dim:
    """The greatest of the dims."""
    return _extreme("max", dims)


def minimum(*dims: Dim) -> Dim:
    """The least of the dims."""
    return _extreme("min", dims)


def _extreme(operation: str, dims: tuple[Dim, ...]) -> Dim:
    if not dims:
        raise ValueError(f"{operation} of nothing")
    candidates: list[Dim] = []
    for dim in dims:
        for part in _flattened(operation, dim):
            if any(_beats(operation, other, part) for other in candidates):
                continue
            candidates = [other for other in candidates if not _beats(operation, part, other)]
            candidates.append(part)
    if len(candidates) == 1:
        return candidates[0]
    return opaque_dim(operation, tuple(candidates))


def _flattened(operation: str, dim: Dim) -> tuple[Dim, ...]:
    atom = single_atom(dim)
    return atom.arguments if isinstance(atom, Opaque) and atom.operation == operation else (dim,)


def _beats(operation: str, one: Dim, other: Dim) -> bool:
    """Whether ``other`` never matters beside ``one``."""
    bound = least(one - other if operation == "max" else other - one)
    return bound is not None and bound >= 0


def single_atom(dim: Dim) -> Atom | None:
    """The atom that ``dim`` just is, or ``None``."""
    if isinstance(dim, Expression) and len(dim.terms) == 1:
        ((monomial, coefficient),) = dim.terms.items()
        if coefficient == 1 and monomial.degree == 1:
            return next(iter(monomial.powers))
    return None
