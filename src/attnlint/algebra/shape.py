"""Shapes: tuples of dims, of known rank or with unknown leading dims."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from attnlint.algebra.dim import Dim, product


@dataclass(frozen=True, slots=True)
class Rest:
    """The unknown leading dims of a shape; two rests with the same key are the same dims."""

    key: Hashable
    name: str = field(default="", compare=False)
    """How the author writes the tensor whose leading dims these are."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of all axes; with a ``rest``, of the last axes only: ``(..., 512)``."""

    dims: tuple[Dim, ...]
    rest: Rest | None = None

    @property
    def rank(self) -> int | None:
        """The number of axes; ``None`` when it is not known."""
        return len(self.dims) if self.rest is None else None

    def numel(self) -> Dim | None:
        """The number of elements; ``None`` when the rank is not known."""
        return product(self.dims) if self.rest is None else None

    def __str__(self) -> str:
        texts = ["..."] if self.rest is not None else []
        texts += [str(dim) for dim in self.dims]
        return f"({texts[0]},)" if len(texts) == 1 and self.rest is None else f"({', '.join(texts)})"
