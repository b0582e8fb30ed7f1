"""Operations that a polynomial cannot express, as atoms of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attnlint.algebra.dim import Dim
    from attnlint.algebra.symbol import Symbol


_new = frozenset.__new__


class Opaque(frozenset[Any]):
    """``floordiv``, ``mod``, ``max`` or ``min`` of dims. Immutable; for ``max`` the order plays no part.

    A frozen set of what makes it equal to others: it keeps its hash, and is mostly compared without a line of Python.
    """

    __slots__ = ("_symbols", "arguments", "nesting", "operation", "weight")
    arguments: tuple[Dim, ...]
    nesting: int
    weight: int
    """How many atoms there are when all is written out: what occurs twice on each level doubles with it."""
    operation: str
    _symbols: frozenset[Symbol] | None

    def __new__(cls, operation: str, arguments: tuple[Dim, ...]) -> Opaque:
        identity = frozenset(arguments) if operation in ("max", "min") else arguments
        self = _new(cls, ((operation, identity),))
        self.operation = operation
        self.arguments = arguments
        self._symbols = None
        inner = [atom for argument in arguments if not isinstance(argument, int) for atom in argument.atoms()]
        self.nesting = 1 + max((atom.nesting for atom in inner if isinstance(atom, Opaque)), default=0)
        self.weight = 1 + sum(atom.weight if isinstance(atom, Opaque) else 1 for atom in inner)
        return self

    def symbols(self) -> frozenset[Symbol]:
        """All symbols of the arguments."""
        if self._symbols is None:
            found = [argument.symbols() for argument in self.arguments if not isinstance(argument, int)]
            self._symbols = frozenset().union(*found)
        return self._symbols

    def __reduce__(self) -> tuple[type[Opaque], tuple[str, tuple[Dim, ...]]]:
        return (Opaque, (self.operation, self.arguments))

    def __repr__(self) -> str:
        return f"{self.operation}{self.arguments}"
