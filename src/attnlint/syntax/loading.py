"""Units of a file to lowered statements, each when it is first looked at."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import libcst as cst

from attnlint.syntax import nodes
from attnlint.syntax.bodies import Body
from attnlint.syntax.chunk import ChunkError, collector_paused, parse_chunk
from attnlint.syntax.lines import LineTable, without_form_feeds
from attnlint.syntax.lower_statements import Lowering
from attnlint.syntax.opaque import opaque_statements
from attnlint.syntax.outline import Definition, Piece, Unit, pieces_of

IDS_A_CHARACTER = 4
"""Nodes are numbered from four times the offset of their chunk on: no text has more than two nodes to a character."""

_WRAPPER = "if 1:\n"
"""In front of an indented chunk."""

_ROOM = 5000
"""Frames enough to lower whatever the guard lets through."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What libcst gets to parse for a piece of a file."""

    text: str
    lines_before: int
    """Lines put in front of the piece's own."""
    first_id: int


class Loader:
    """Parses and lowers the units of one file. ``table`` is that of the shielded text, with the same offsets."""

    def __init__(self, table: LineTable, units: Sequence[Unit]) -> None:
        self._table = table
        self._units: list[tuple[int, Unit]] = []
        self._register(units)
        self._opaque: dict[Piece, str] = {}
        self.notes: list[str] = []

    def _register(self, units: Sequence[Unit]) -> None:
        for unit in units:
            self._units.append((self._first_id(unit), unit))
            if isinstance(unit, Definition):
                self._register(unit.body)

    def _first_id(self, unit: Unit) -> int:
        return self._table.starts[unit.first - 1] * IDS_A_CHARACTER

    def unit_of(self, node_id: int) -> Unit:
        """The unit that a node belongs to: for a definition, its header or its own name."""
        index = bisect_right(self._units, node_id, key=lambda entry: entry[0]) - 1
        return self._units[max(index, 0)][1]

    def load(self, unit: Unit) -> tuple[nodes.Statement, ...]:
        """Parse and lower a unit; the bodies of definitions are left for later."""
        piece = unit.header if isinstance(unit, Definition) else unit
        with collector_paused():
            statements = self._load_piece(piece)
        if isinstance(unit, Definition):
            definition = statements[0]
            if isinstance(definition, (nodes.FunctionDef, nodes.ClassDef)):
                definition.body = Body(unit.body, self.load)
        return statements

    def _load_piece(self, piece: Piece) -> tuple[nodes.Statement, ...]:
        chunk = self.chunk(piece)
        try:
            if piece not in self._opaque:
                return self.lower(piece, Lowering(chunk.first_id))
        except ChunkError as error:
            parts = pieces_of(piece, chunk.text, chunk.lines_before)
            if len(parts) > 1:
                self._replace(piece, parts)
                return tuple(statement for part in parts for statement in self._load_piece(part))
            self._opaque[piece] = str(error)
            self.notes.append(f"line {piece.first}: left unread: {error}")
        lowering = Lowering(chunk.first_id)
        return opaque_statements(chunk.text, self._opaque[piece], lowering.next_id)

    def _replace(self, piece: Piece, parts: Sequence[Piece]) -> None:
        index = next(index for index, (_, unit) in enumerate(self._units) if unit == piece)
        self._units[index : index + 1] = [(self._first_id(part), part) for part in parts]

    def is_opaque(self, piece: Piece) -> bool:
        """Whether libcst has failed on a piece."""
        return piece in self._opaque

    def chunk(self, piece: Piece) -> Chunk:
        """What to parse for a piece. The header of a definition gets a body of its own."""
        text = self._table.between(piece.first, piece.last)
        if piece.is_header:
            text += f"{self._table.indentation(piece.last)}pass\n"
        text = without_form_feeds(text)
        if piece.is_indented:
            return Chunk(_WRAPPER + text, 1, self._first_id(piece))
        return Chunk(text, 0, self._first_id(piece))

    def parse(self, piece: Piece) -> tuple[cst.Module, Sequence[Any]]:
        """The libcst module of a piece, and its statements."""
        module = parse_chunk(self.chunk(piece).text)
        body: Any = module.body
        return module, body[0].body.body if piece.is_indented else body

    def lower(self, piece: Piece, lowering: Lowering) -> tuple[nodes.Statement, ...]:
        """Parse and lower a piece. Raises :class:`ChunkError`."""
        _, body = self.parse(piece)
        try:
            return lowering.block(body)
        except RecursionError:
            pass
        with room_to_recurse():
            try:
                return type(lowering)(self._first_id(piece)).block(body)
            except RecursionError:
                raise ChunkError("nested too deeply") from None


@contextmanager
def room_to_recurse() -> Iterator[None]:
    """More frames for Python: the caller may have used up most of them."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + _ROOM)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
