"""Sequences of statements that are parsed when they are first looked at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import overload

from attnlint.syntax.nodes import Statement
from attnlint.syntax.outline import Unit


class Body(Sequence[Statement]):
    """The statements of some units; each unit is loaded when one of its statements is first looked at."""

    __slots__ = ("_load", "_loaded", "_starts", "_units", "look")

    def __init__(
        self,
        units: tuple[Unit, ...],
        load: Callable[[Unit], tuple[Statement, ...]],
        look: Callable[[], None] | None = None,
    ) -> None:
        """``look`` is told whenever somebody looks at the statements."""
        self.look = look
        self._units = units
        self._load = load
        self._loaded: list[tuple[Statement, ...] | None] = [None] * len(units)
        self._starts = [0]
        for unit in units:
            self._starts.append(self._starts[-1] + unit.count)

    def _unit(self, number: int) -> tuple[Statement, ...]:
        if self.look is not None:
            self.look()
        statements = self._loaded[number]
        if statements is None:
            statements = self._loaded[number] = self._load(self._units[number])
        return statements

    def __len__(self) -> int:
        return self._starts[-1]

    def __iter__(self) -> Iterator[Statement]:
        if len(self._units) == 1:
            # A function's body, which may be run many times.
            return iter(self._unit(0))
        return self._all()

    def _all(self) -> Iterator[Statement]:
        for number in range(len(self._units)):
            yield from self._unit(number)

    @overload
    def __getitem__(self, index: int) -> Statement: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Statement, ...]: ...

    def __getitem__(self, index: int | slice) -> Statement | tuple[Statement, ...]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        number = bisect_right(self._starts, index) - 1
        return self._unit(number)[index - self._starts[number]]

    def __repr__(self) -> str:
        return f"<{len(self)} statements>"
