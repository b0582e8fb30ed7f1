"""Sizes that show a finding, looked for when it is certain that it will be told.

The search may take a tenth of a second, and a loop may find the same a hundred times and take it back again.
"""

from __future__ import annotations

from typing import Any

from attnlint.algebra import Expression, Facts


class Sizes:
    """The sizes of a finding, and what is known of them where it was found."""

    __slots__ = ("_broken", "_found", "_tries")

    def __init__(self, tries: tuple[tuple[Facts, list[Any]], ...], broken: tuple[Any, Any] | None) -> None:
        """``tries``: facts, and the dims that are to have values, the most telling first. ``broken``: two dims that are
        to differ."""
        self._tries = tries
        self._broken = broken
        self._found: dict[str, int] | None = None

    def witness(self) -> dict[str, int] | None:
        """Values for the symbols by name, or by symbol where two have one name; ``None`` where none were found."""
        if self._tries:
            self._found = next((found for facts, dims in self._tries if (found := self._search(facts, dims))), None)
            self._tries = ()
        return self._found

    def _search(self, facts: Facts, dims: list[Any]) -> dict[str, int] | None:
        broken = self._broken
        if not dims and not (broken and any(isinstance(each, Expression) for each in broken)):
            return None
        found = facts.witness([*dims, *(broken or ())], broken)
        if not found:
            return None
        names = [symbol.name for symbol in found]
        return {(symbol.name if names.count(symbol.name) == 1 else symbol): number for symbol, number in found.items()}  # type: ignore[misc]
