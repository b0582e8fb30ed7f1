"""Symbolic integers: polynomials with integer coefficients over symbols and opaque atoms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from attnlint.algebra.monomial import ONE, Atom, Monomial
from attnlint.algebra.opaque import Opaque
from attnlint.algebra.symbol import Symbol

# A polynomial past these bounds becomes a symbol of which nothing is known: recall is lost, never time or truth.
_MOST_TERMS = 120
_GREATEST_DEGREE = 48
_DEEPEST_NESTING = 16
_GREATEST_WEIGHT = 256
_MOST_ARGUMENTS = 16


_new = frozenset.__new__


class Expression(frozenset[Any]):
    """A symbolic integer in canonical form: expressions that are equal as polynomials compare and hash equal.

    The order of the terms and factors plays no part in that; it is kept so that an expression reads as its author
    wrote it. An expression is never a plain int: the operators return a ``Dim``, which is an ``int`` where all cancels.

    A frozen set of (monomial, coefficient): it keeps its hash, and is compared, without a line of Python.
    """

    __slots__ = ("_atoms", "_negated", "_operations", "_symbols", "terms")
    terms: dict[Monomial, int]
    _symbols: frozenset[Symbol] | None
    _atoms: tuple[Atom, ...] | None
    _operations: tuple[Opaque, ...] | None
    _negated: Expression | None

    def __new__(cls, terms: dict[Monomial, int]) -> Expression:
        self = _new(cls, terms.items())
        self.terms = terms
        self._symbols = self._atoms = self._operations = self._negated = None
        return self

    @staticmethod
    def of(symbol: Symbol) -> Expression:
        """The expression that is just ``symbol``."""
        return Expression({Monomial({symbol: 1}): 1})

    def symbols(self) -> frozenset[Symbol]:
        """All symbols, those inside opaque atoms included."""
        if self._symbols is None:
            found: set[Symbol] = set()
            for monomial in self.terms:
                for atom in monomial.powers:
                    if isinstance(atom, Symbol):
                        found.add(atom)
                    else:
                        found |= atom.symbols()
            self._symbols = frozenset(found)
        return self._symbols

    def atoms(self) -> tuple[Atom, ...]:
        """The symbols and operations that the terms are made of, in order."""
        found = self._atoms
        if found is None:
            found = self._atoms = tuple({atom: None for monomial in self.terms for atom in monomial.powers})
        return found

    def operations(self) -> tuple[Opaque, ...]:
        """Those of the atoms that are operations."""
        found = self._operations
        if found is None:
            found = self._operations = tuple([atom for atom in self.atoms() if isinstance(atom, Opaque)])
        return found

    def substitute(self, values: Mapping[Symbol, Dim]) -> Dim:
        """This expression with symbols replaced, those inside opaque atoms included."""
        if self.symbols().isdisjoint(values):
            return self

        def replacement(atom: Atom) -> Dim | None:
            if isinstance(atom, Symbol):
                return values.get(atom)
            if atom.symbols().isdisjoint(values):
                return None
            return _rebuild.rebuilt(atom, [substitute(argument, values) for argument in atom.arguments])

        return self.map_atoms(replacement)

    def map_atoms(self, replacement: Callable[[Atom], Dim | None]) -> Dim:
        """This expression with each atom replaced by what ``replacement`` returns; ``None`` leaves the atom."""
        replaced: dict[Atom, Dim] = {}
        for atom in self.atoms():
            if (new := replacement(atom)) is not None:
                replaced[atom] = new
        if not replaced:
            return self
        total: Dim = 0
        for monomial, coefficient in self.terms.items():
            value: Dim = coefficient
            if replaced.keys().isdisjoint(monomial.powers):
                value = dim_of({monomial: coefficient})
            else:
                for atom, power in monomial.powers.items():
                    factor = replaced.get(atom)
                    if factor is None:
                        factor = Expression({Monomial({atom: 1}): 1})
                    value = value * factor**power
            total = total + value
        return total

    # --- arithmetic -------------------------------------------------------------------------------------------------

    def __add__(self, other: Dim) -> Dim:
        if isinstance(other, Expression):
            terms = self.terms.copy()
            for monomial, coefficient in other.terms.items():
                total = terms.get(monomial, 0) + coefficient
                if total:
                    terms[monomial] = total
                else:
                    del terms[monomial]
            return dim_of(terms) if len(terms) <= _MOST_TERMS else _too_large()
        if isinstance(other, int):
            if not other:
                return self
            terms = self.terms.copy()
            total = terms.get(ONE, 0) + other
            if total:
                terms[ONE] = total
            else:
                del terms[ONE]
            return Expression(terms)
        return NotImplemented

    def __radd__(self, other: int) -> Dim:
        return self + other

    def __neg__(self) -> Expression:
        negated = self._negated
        if negated is None:
            negated = Expression({monomial: -coefficient for monomial, coefficient in self.terms.items()})
            self._negated = negated
        return negated

    def __pos__(self) -> Expression:
        return self

    def __sub__(self, other: Dim) -> Dim:  # type: ignore[override]  # a set only within
        if isinstance(other, int | Expression):
            return self + -other
        return NotImplemented

    def __rsub__(self, other: int) -> Dim:
        if not isinstance(other, int):
            return NotImplemented
        return dim_of({ONE: other, **(-self).terms}) if other and ONE not in self.terms else -self + other

    def __mul__(self, other: Dim) -> Dim:
        if isinstance(other, Expression):
            return _multiplied(self, other)
        if isinstance(other, int):
            if other == 1:
                return self
            if not other:
                return 0
            return Expression({monomial: coefficient * other for monomial, coefficient in self.terms.items()})
        return NotImplemented

    def __rmul__(self, other: int) -> Dim:
        return self * other

    def __pow__(self, exponent: int) -> Dim:
        if not isinstance(exponent, int) or exponent < 0:
            return NotImplemented
        if exponent > _GREATEST_DEGREE:
            return _too_large()
        result: Dim = 1
        for _ in range(exponent):
            result = result * self
        return result

    def __floordiv__(self, other: Dim) -> Dim:
        return _division.floor_divide(self, other) if isinstance(other, int | Expression) else NotImplemented

    def __rfloordiv__(self, other: int) -> Dim:
        return _division.floor_divide(other, self) if isinstance(other, int) else NotImplemented

    def __mod__(self, other: Dim) -> Dim:
        return _division.modulo(self, other) if isinstance(other, int | Expression) else NotImplemented

    def __rmod__(self, other: int) -> Dim:
        return _division.modulo(other, self) if isinstance(other, int) else NotImplemented

    def _undefined(self, other: object) -> Any:
        return NotImplemented

    __and__ = __or__ = __xor__ = __rand__ = __ror__ = __rxor__ = _undefined

    # --- identity ---------------------------------------------------------------------------------------------------

    def __bool__(self) -> NoReturn:
        raise TypeError("whether a symbolic size is zero must be asked of the Facts")

    def __lt__(self, other: object) -> NoReturn:
        raise TypeError("an order of symbolic sizes must be asked of the Facts")

    __le__ = __gt__ = __ge__ = __lt__

    def __reduce__(self) -> tuple[type[Expression], tuple[dict[Monomial, int]]]:
        return (Expression, (self.terms,))

    def __str__(self) -> str:
        return _text.expression_text(self)

    def __repr__(self) -> str:
        return f"<{self}>"


Dim = int | Expression
"""The size of an axis, or any int: known, or symbolic."""


def dim_of(terms: dict[Monomial, int]) -> Dim:
    """The dim with these terms, none of which is zero."""
    if len(terms) <= 1:
        if not terms:
            return 0
        if ONE in terms:
            return terms[ONE]
    return Expression(terms)


def terms_of(dim: Dim) -> dict[Monomial, int]:
    """The terms of a dim, an int's included. Not to be changed."""
    if isinstance(dim, Expression):
        return dim.terms
    return {ONE: dim} if dim else {}


def atom_dim(atom: Atom) -> Expression:
    """The expression that is just ``atom``."""
    return Expression({Monomial({atom: 1}): 1})


def opaque_dim(operation: str, arguments: tuple[Dim, ...]) -> Expression:
    """The dim that is an operation as it stands."""
    atom = Opaque(operation, arguments)
    if atom.nesting > _DEEPEST_NESTING or atom.weight > _GREATEST_WEIGHT or len(arguments) > _MOST_ARGUMENTS:
        return _too_large()
    return atom_dim(atom)


def symbols_of(*dims: Dim) -> frozenset[Symbol]:
    """All symbols of the dims."""
    found = [dim.symbols() for dim in dims if isinstance(dim, Expression)]
    return found[0] if len(found) == 1 else frozenset().union(*found)


def substitute(dim: Dim, values: Mapping[Symbol, Dim]) -> Dim:
    """``dim`` with symbols replaced."""
    return dim.substitute(values) if isinstance(dim, Expression) else dim


def product(dims: Iterable[Dim]) -> Dim:
    """The product of the dims: the number of elements of a shape."""
    result: Dim = 1
    for dim in dims:
        result = result * dim
    return result


def _multiplied(left: Expression, right: Expression) -> Dim:
    if len(left.terms) * len(right.terms) > _MOST_TERMS:
        return _too_large()
    terms: dict[Monomial, int] = {}
    for a, x in left.terms.items():
        for b, y in right.terms.items():
            monomial = a.times(b)
            if monomial.degree > _GREATEST_DEGREE:
                return _too_large()
            total = terms.get(monomial, 0) + x * y
            if total:
                terms[monomial] = total
            else:
                del terms[monomial]
    return dim_of(terms)


def _too_large() -> Expression:
    return Expression.of(Symbol("?", minimum=None))


# At the end: these modules need the classes above.
from attnlint.algebra import division as _division  # noqa: E402
from attnlint.algebra import rebuild as _rebuild  # noqa: E402
from attnlint.algebra import text as _text  # noqa: E402
