"""Sizes that show a finding, looked for when it is certain that it will be told.

The search may take a tenth of a second, and a loop may find the same a hundred times and take it back again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from attnlint.algebra import Expression, Facts
from attnlint.findings import Evidence
from attnlint.values import Tensor

Witness = dict[str, int]
"""Values for symbols by name, or by symbol where two have one name."""


@dataclass(eq=False, slots=True)
class Sizes:
    """The sizes of a finding, and what is known of them where it was found."""

    facts: Facts
    evidence: Evidence
    dims: list[Any]
    """Those of the evidence."""
    whole: list[Any]
    """These, and those on the way there."""
    broken: tuple[Any, Any] | None
    """Two that are to differ."""
    found: Witness | None = None
    is_searched: bool = False

    def witness(self) -> Witness | None:
        """Sizes that show it; ``None`` where none were found."""
        if not self.is_searched:
            # Every size on the way there has a value too, unless that is asking too much.
            self.found = (
                self._search(_with_elements(self.facts, self.evidence), self.whole)
                or self._search(self.facts, self.whole)
                or self._search(self.facts, self.dims)
            )
            self.is_searched = True
        return self.found

    def _search(self, facts: Facts, dims: list[Any]) -> Witness | None:
        broken = self.broken
        if not dims and not (broken and any(isinstance(each, Expression) for each in broken)):
            return None
        found = facts.witness([*dims, *(broken or ())], broken)
        if not found:
            return None
        names = [symbol.name for symbol in found]
        return {(symbol.name if names.count(symbol.name) == 1 else symbol): number for symbol, number in found.items()}  # type: ignore[misc]


def _with_elements(facts: Facts, evidence: Evidence) -> Facts:
    """The facts, and that no tensor is without elements: what convolutions leave of a length that is too short."""
    sizes = [
        dim
        for value in (*evidence.arguments, *(evidence.keywords or {}).values())
        if isinstance(value, Tensor)
        for dim in value.shape.dims
        if isinstance(dim, Expression) and dim.operations()
    ]
    if sizes:
        facts = facts.fork()
        for dim in sizes:
            facts.learn_at_least(dim, 1)
    return facts
