"""Units of a file to lowered statements, each when it is first looked at."""

from __future__ import annotations

import ast
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from attnlint.syntax import nodes
from attnlint.syntax.bodies import Body
from attnlint.syntax.chunk import ChunkError, collector_paused, lowered_before, parse_chunk, parse_with_python
from attnlint.syntax.guard import is_suspicious, shield, suspicious_regions
from attnlint.syntax.lines import LineTable, without_form_feeds
from attnlint.syntax.lower_ast import UnknownSyntax
from attnlint.syntax.lower_ast_statements import AstStatementLowering
from attnlint.syntax.opaque import opaque_statements
from attnlint.syntax.outline import Definition, Piece, Unit, pieces_of
from attnlint.syntax.reads import Reads

if TYPE_CHECKING:
    import libcst as cst

IDS_A_CHARACTER = 4
"""Nodes are numbered from four times the offset of their chunk on: no text has more than two nodes to a character."""

_WRAPPER = "if 1:\n"
"""In front of an indented chunk."""

_ROOM = 5000
"""Frames enough to lower whatever the guard lets through."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What gets parsed for a piece of a file."""

    text: str
    tree: ast.Module | None
    """Python's own parse of it, where it can."""
    lines_before: int
    """Lines put in front of the piece's own."""
    first_id: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """Where the numbers of the nodes begin in each piece, so that they can outlive an edit of another piece."""

    starts: Sequence[int]
    """The offset of each piece in the text."""
    bases: Sequence[int]
    """The number of its first node; they rise."""

    def at(self, offset: int) -> int:
        """The number that stands for an offset."""
        index = max(bisect_right(self.starts, offset) - 1, 0)
        return self.bases[index] + (offset - self.starts[index]) * IDS_A_CHARACTER

    def piece_of(self, node_id: int) -> int:
        """The index of the piece that a node belongs to."""
        return max(bisect_right(self.bases, node_id) - 1, 0)


class Loader:
    """Parses and lowers the units of one file. ``table``: its text, with placeholders where Python gives it up."""

    def __init__(self, table: LineTable, units: Sequence[Unit], numbers: Numbers | None = None) -> None:
        self._table = table
        self._numbers = numbers
        self._units: list[tuple[int, Unit]] = []
        self._register(units)
        self._opaque: dict[Piece, str] = {}
        self._shielded: dict[Piece, str] = {}
        self.notes: list[str] = []
        self.reads: Reads | None = None
        """What is being looked at, where somebody wants to know."""

    def _register(self, units: Sequence[Unit]) -> None:
        for unit in units:
            self._units.append((self._first_id(unit), unit))
            if isinstance(unit, Definition):
                self._register(unit.body)

    def _first_id(self, unit: Unit) -> int:
        offset = self._table.starts[unit.first - 1]
        return self._numbers.at(offset) if self._numbers is not None else offset * IDS_A_CHARACTER

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
                look = partial(self._look, self._first_id(unit)) if type(definition) is nodes.FunctionDef else None
                definition.body = Body(unit.body, self.load, look)
        return statements

    def _look(self, body: int) -> None:
        if self.reads is not None:
            self.reads.bodies.add(body)

    def _load_piece(self, piece: Piece) -> tuple[nodes.Statement, ...]:
        if piece not in self._opaque:
            try:
                return self.lower(piece)
            except ChunkError as error:
                chunk = self.chunk(piece)
                parts = pieces_of(piece, chunk.text, chunk.lines_before)
                if len(parts) > 1:
                    self._replace(piece, parts)
                    return tuple(statement for part in parts for statement in self._load_piece(part))
                self._opaque[piece] = str(error)
                self.notes.append(f"line {piece.first}: left unread: {error}")
        chunk = self.chunk(piece)
        return opaque_statements(chunk.text, self._opaque[piece], count(chunk.first_id).__next__)

    def _replace(self, piece: Piece, parts: Sequence[Piece]) -> None:
        index = next(index for index, (_, unit) in enumerate(self._units) if unit == piece)
        self._units[index : index + 1] = [(self._first_id(part), part) for part in parts]

    def is_opaque(self, piece: Piece) -> bool:
        """Whether libcst has failed on a piece."""
        return piece in self._opaque

    def chunk(self, piece: Piece) -> Chunk:
        """What to parse for a piece. The header of a definition gets a body of its own."""
        text = self._shielded.get(piece) or self._text(piece)
        tree = parse_with_python(text)
        if tree is not None and piece not in self._shielded and is_suspicious(text):
            text, tree = self._shield(piece, text, tree)
        return Chunk(text, tree, int(piece.is_indented), self._first_id(piece))

    def _text(self, piece: Piece) -> str:
        text = self._table.between(piece.first, piece.last)
        if piece.is_header:
            text += f"{self._table.indentation(piece.last)}pass\n"
        text = without_form_feeds(text)
        return _WRAPPER + text if piece.is_indented else text

    def _shield(self, piece: Piece, text: str, tree: ast.Module) -> tuple[str, ast.Module | None]:
        """The chunk of a piece without the expressions that are too deep for libcst, or for us."""
        table = LineTable(text)
        shielded, replaced = shield(text, suspicious_regions(tree, table))
        if not replaced:
            return text, tree
        down = piece.first - 1 - int(piece.is_indented)
        for offset in replaced:
            self.notes.append(f"line {table.place(offset)[0] + down}: an expression too long to be parsed")
        self._shielded[piece] = shielded
        return shielded, parse_with_python(shielded)

    def parse(self, piece: Piece) -> tuple[cst.Module, Sequence[Any]]:
        """The libcst module of a piece, and its statements. Raises :class:`ChunkError`."""
        module = parse_chunk(self.chunk(piece).text)
        body: Any = module.body
        return module, body[0].body.body if piece.is_indented else body

    def lower(self, piece: Piece) -> tuple[nodes.Statement, ...]:
        """Parse and lower a piece. Raises :class:`ChunkError`."""
        lowered = lowered_before()
        # A header gets its body from this file.
        if lowered is None or piece.is_header:
            return self._lower(piece)
        key = self._text(piece), self._first_id(piece)
        known: tuple[nodes.Statement, ...] | None = lowered.get(key)
        if known is None:
            known = self._lower(piece)
            if piece not in self._shielded:
                lowered.put(key, known)
        return known

    def _lower(self, piece: Piece) -> tuple[nodes.Statement, ...]:
        chunk = self.chunk(piece)
        if chunk.tree is not None:
            body: Any = chunk.tree.body
            try:
                return _lowered(AstStatementLowering, chunk.first_id, body[0].body if piece.is_indented else body)
            except UnknownSyntax:
                pass
        from attnlint.syntax.lower_statements import Lowering

        _, statements = self.parse(piece)
        return _lowered(Lowering, chunk.first_id, statements)


def _lowered(lowering: type[Any], first_id: int, body: Sequence[Any]) -> tuple[nodes.Statement, ...]:
    statements: tuple[nodes.Statement, ...]
    try:
        statements = lowering(first_id).block(body)
    except RecursionError:
        with room_to_recurse():
            try:
                statements = lowering(first_id).block(body)
            except RecursionError:
                raise ChunkError("nested too deeply") from None
    return statements


@contextmanager
def room_to_recurse() -> Iterator[None]:
    """More frames for Python: the caller may have used up most of them."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + _ROOM)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
