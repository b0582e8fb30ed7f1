"""Where each element along the last axis of a tensor comes from: halves, every second one, joined and turned round.

    row = LastAxis(run, width).row(tensor, leaf)

The last axis is written out as a row of (sign, number): ``cat((-x2, x1))`` of the halves of a row 0, 1, 2, 3 is
-2, -3, 0, 1. A width that is not known is taken for 8. ``None`` where an operation is not understood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Dim, Expression, floor_divide
from attnlint.interpreter.silent.flow import (
    CASTS,
    Step,
    argument,
    item_of,
    joined_axis,
    maker_of,
    operands,
    places_before,
    short_name,
)
from attnlint.values import Maker, Tensor

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

Entry = tuple[int, int]
Row = tuple[Entry, ...]
Grid = tuple[Row, ...]
"""The last two axes, row by row."""

_TAKEN_FOR = 8
_WIDEST = 256
_MOST_CALLS = 24
_SAME = CASTS | frozenset({"cos", "sin", "Identity"})
"""What leaves every element in its place."""

_JOINED = frozenset({"cat", "concat", "concatenate"})
_SHAPED = frozenset({"view", "reshape", "flatten", "unflatten", "rearrange"})


class LastAxis:
    """Reads the last axis of tensors, for one width."""

    def __init__(self, run: Run, width: Dim) -> None:
        self.run = run
        self.width = width
        self.count = width if isinstance(width, int) else _TAKEN_FOR
        self.calls = 0

    @property
    def is_small(self) -> bool:
        """Whether the axis can be written out, and has halves and quarters."""
        return 4 <= self.count <= _WIDEST and self.count % 2 == 0

    def row(self, tensor: Tensor, leaf: Callable[[Tensor, int], Row | None]) -> Row | None:
        """The last axis; ``leaf`` says what a tensor is that is followed no further, given its size."""
        found = self._read(tensor, leaf)
        return None if found is None or len(found) != 1 else found[0]

    def size(self, dim: Dim) -> int | None:
        """How many elements a size stands for."""
        if isinstance(dim, int):
            return dim if isinstance(self.width, int) or 0 <= dim <= 2 else None
        for share, size in self._shares():
            if self.run.facts.equal(dim, size) is Answer.YES:
                return self.count // share
        return None

    def _shares(self) -> Iterator[tuple[int, Dim]]:
        """The width and its halves and quarters, as they may be written: what is turned in pairs is even."""
        yield 1, self.width
        for share in (2, 4):
            yield share, floor_divide(self.width, share)
            yield share, floor_divide(self.width + share - 1, share)
        for half in (floor_divide(self.width, 2), floor_divide(self.width + 1, 2)):
            yield 1, half * 2
        yield 1, floor_divide(self.width, 2) + floor_divide(self.width + 1, 2)

    def _read(self, tensor: Tensor, leaf: Callable[[Tensor, int], Row | None]) -> Grid | None:
        """The last axis as a grid of one row, or the last two where they are short."""
        self.calls += 1
        dims = self.run.facts.resolve(tensor.shape).dims
        if self.calls > _MOST_CALLS or not dims:
            return None
        count = self.size(dims[-1])
        if count is None:
            return None
        known = leaf(tensor, count)
        if known is not None:
            return (known,)
        call = maker_of(tensor)
        name = short_name(call.operation) if call is not None else ""
        parts = list(operands(self.run, call)) if call is not None else []
        if call is None or not parts:
            return None
        if name in _SAME:
            return self._read(parts[0], leaf)
        if name in ("neg", "negative"):
            found = self._read(parts[0], leaf)
            return None if found is None else tuple(tuple((-sign, place) for sign, place in row) for row in found)
        if name in _JOINED or name == "stack":
            return self._joined(call, parts, tensor, name, leaf)
        if name == "repeat_interleave":
            return self._repeated(call, parts[0], leaf)
        if name in ("chunk", "split", "unbind"):
            return self._piece(tensor, parts[0], name, leaf)
        if name == "getitem":
            return self._indexed(call, tensor, parts[0], leaf)
        if name in _SHAPED:
            return self._shaped(tensor, parts[0], leaf)
        return self._kept(call, name, tensor, parts[0], leaf)

    def _joined(
        self, call: Maker, parts: list[Tensor], tensor: Tensor, name: str, leaf: Callable[[Tensor, int], Row | None]
    ) -> Grid | None:
        axis = joined_axis(call, tensor)
        if axis is None:
            return None
        rows = [self._read(part, leaf) for part in parts]
        if len(rows) != 2 or any(row is None or len(row) != 1 for row in rows):
            return None
        one, other = ((row or ((),))[0] for row in rows)
        if name == "stack":
            if len(one) != len(other) or axis not in (-1, -2):
                return None
            return tuple(zip(one, other, strict=True)) if axis == -1 else (one, other)
        return ((*one, *other),) if axis == -1 else None

    def _repeated(self, call: Maker, part: Tensor, leaf: Callable[[Tensor, int], Row | None]) -> Grid | None:
        times, dim = argument(call, "repeats", 1), argument(call, "dim", 2)
        rank = part.shape.rank
        if times != 2 or not isinstance(dim, int) or not (dim == -1 or (rank is not None and dim == rank - 1)):
            return None
        found = self._read(part, leaf)
        if found is None or len(found) != 1:
            return None
        return (tuple(entry for entry in found[0] for _ in range(2)),)

    def _piece(self, tensor: Tensor, part: Tensor, name: str, leaf: Callable[[Tensor, int], Row | None]) -> Grid | None:
        maker = tensor.maker
        found = self._read(part, leaf)
        if found is None or maker is None or maker.whole is None:
            return None
        dim = argument(maker.whole, "dim", 1 if name == "unbind" else 2)
        rank = part.shape.rank
        if not isinstance(dim, int) or not (dim == -1 or (rank is not None and dim == rank - 1)):
            return None
        if name == "unbind":
            if len(found) < 2 or maker.index >= len(found[0]):
                return None
            return (tuple(row[maker.index] for row in found),)
        count = self.size(self.run.facts.resolve(tensor.shape).dims[-1])
        if count is None or len(found) != 1 or maker.whole.count * count != len(found[0]):
            return None
        return (found[0][maker.index * count : (maker.index + 1) * count],)

    def _indexed(
        self, call: Maker, tensor: Tensor, part: Tensor, leaf: Callable[[Tensor, int], Row | None]
    ) -> Grid | None:
        index = argument(call, "index", 1)
        entries = index if isinstance(index, tuple) else (index,)
        whole = sum(entry is not None for entry in entries) == part.shape.rank
        last = entries[-1] if whole or Ellipsis in entries else None
        if last is None or last is Ellipsis:
            return self._kept(call, "getitem", tensor, part, leaf)
        found = self._read(part, leaf)
        if found is None:
            return None
        if isinstance(last, int) and not isinstance(last, bool):
            if len(found) < 2 or not -len(found[0]) <= last < len(found[0]):
                return None
            return (tuple(row[last] for row in found),)
        if not isinstance(last, slice) or len(found) != 1:
            return None
        bounds: list[int | None] = []
        for each in (last.start, last.stop, last.step):
            bound = self.size(each) if isinstance(each, int | Expression) and not isinstance(each, bool) else None
            if bound is None and each is not None:
                return None
            bounds.append(bound)
        return (found[0][slice(bounds[0], bounds[1], bounds[2])],)

    def _shaped(self, tensor: Tensor, part: Tensor, leaf: Callable[[Tensor, int], Row | None]) -> Grid | None:
        """An axis that is split in two, or two that are merged."""
        before, behind = self._sizes(part), self._sizes(tensor)
        found = self._read(part, leaf)
        if found is None or behind is None or before is None:
            return None
        flat = [entry for row in found for entry in row]
        if behind[-1] == len(flat):
            return (tuple(flat),)
        if len(found) == 1 and len(behind) > 1 and behind[-2] is not None and behind[-1] * behind[-2] == len(flat):
            return tuple(tuple(flat[at : at + behind[-1]]) for at in range(0, len(flat), behind[-1]))
        return None

    def _sizes(self, tensor: Tensor) -> tuple[int | None, int] | None:
        dims = self.run.facts.resolve(tensor.shape).dims
        last = self.size(dims[-1]) if dims else None
        return None if last is None else (self.size(dims[-2]) if len(dims) > 1 else None, last)

    def _kept(
        self, call: Maker, name: str, tensor: Tensor, part: Tensor, leaf: Callable[[Tensor, int], Row | None]
    ) -> Grid | None:
        """What leaves the last axis as it is: ``unsqueeze``, a choice of rows, a transpose of others."""
        places = places_before(self.run, Step(call, name, part, item_of(tensor)))
        if not places or places[-1] != -1:
            return None
        ends = [self.run.facts.resolve(each.shape).dims[-1:] for each in (tensor, part)]
        return self._read(part, leaf) if ends[0] == ends[1] else None
