"""Operations that a polynomial cannot express, as atoms of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attnlint.algebra.dim import Dim
    from attnlint.algebra.symbol import Symbol


class Opaque:
    """``floordiv``, ``mod``, ``max`` or ``min`` of dims. Immutable; for ``max`` the order plays no part."""

    __slots__ = ("_hash", "_symbols", "arguments", "nesting", "operation")

    def __init__(self, operation: str, arguments: tuple[Dim, ...]) -> None:
        self.operation = operation
        self.arguments = arguments
        self._hash = hash((operation, self._identity()))
        self._symbols: frozenset[Symbol] | None = None
        inner = [atom for argument in arguments if not isinstance(argument, int) for atom in argument.atoms()]
        self.nesting: int = 1 + max((atom.nesting for atom in inner if isinstance(atom, Opaque)), default=0)

    def _identity(self) -> object:
        return frozenset(self.arguments) if self.operation in ("max", "min") else self.arguments

    def symbols(self) -> frozenset[Symbol]:
        """All symbols of the arguments."""
        if self._symbols is None:
            found = [argument.symbols() for argument in self.arguments if not isinstance(argument, int)]
            self._symbols = frozenset().union(*found)
        return self._symbols

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Opaque)
            and self._hash == other._hash
            and self.operation == other.operation
            and self._identity() == other._identity()
        )

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type[Opaque], tuple[str, tuple[Dim, ...]]]:
        return (Opaque, (self.operation, self.arguments))

    def __repr__(self) -> str:
        return f"{self.operation}{self.arguments}"
