"""A parsed file."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Sequence

from attnlint.findings import Range
from attnlint.syntax import nodes
from attnlint.syntax.bodies import Body
from attnlint.syntax.chunk import ChunkError, collector_paused, parse_chunk
from attnlint.syntax.errors import SourceError
from attnlint.syntax.lines import LineTable
from attnlint.syntax.lower_statements import Lowering
from attnlint.syntax.outline import Definition, Piece, Unit, outline
from attnlint.syntax.positions import find_ranges

IDS_A_CHARACTER = 4
"""Nodes are numbered from four times the offset of their chunk: no text has more than two nodes to a character."""

_WRAPPER = "if 1:\n"
"""In front of an indented chunk."""


class Source:
    """A file's text and its lowered syntax. Nothing is parsed by libcst before it is looked at."""

    def __init__(self, text: str, path: str, tree: ast.Module, table: LineTable) -> None:
        self.text = text
        self.path = path
        self.notes: list[str] = []
        """What could not be parsed and was left opaque."""
        self._table = table
        units = outline(tree.body, table)
        self._pieces: list[tuple[int, Piece, Definition | None]] = []
        self._register(units)
        self.body: Sequence[nodes.Statement] = Body(units, self._load)

    @property
    def lines(self) -> list[str]:
        """The physical lines, with their ends."""
        return self._table.lines

    # --- parsing ----------------------------------------------------------------------------------------------------

    def _register(self, units: tuple[Unit, ...]) -> None:
        for unit in units:
            if isinstance(unit, Piece):
                self._pieces.append((self._first_id(unit), unit, None))
            else:
                self._pieces.append((self._first_id(unit.header), unit.header, unit))
                self._register(unit.body)

    def _first_id(self, piece: Piece) -> int:
        return self._table.starts[piece.first - 1] * IDS_A_CHARACTER

    def _load(self, unit: Unit) -> tuple[nodes.Statement, ...]:
        if isinstance(unit, Piece):
            return self._lower(unit, is_header=False)
        (statement,) = self._lower(unit.header, is_header=True)
        assert isinstance(statement, (nodes.FunctionDef, nodes.ClassDef))
        statement.body = Body(unit.body, self._load)
        return (statement,)

    def chunk_text(self, piece: Piece, is_header: bool) -> tuple[str, int]:
        """What libcst gets to parse for a piece, and the number of lines put in front of it."""
        text = self._table.between(piece.first, piece.last)
        if is_header:
            body_line = self._table.lines[piece.last - 1]
            indentation = body_line[: len(body_line) - len(body_line.lstrip(" \t\f"))]
            text += f"{indentation}pass\n"
        return (_WRAPPER + text, 1) if piece.indented else (text, 0)

    def _lower(self, piece: Piece, is_header: bool) -> tuple[nodes.Statement, ...]:
        with collector_paused():
            return self._lower_with(piece, is_header, Lowering(self._first_id(piece)))

    def _lower_with(self, piece: Piece, is_header: bool, lowering: Lowering) -> tuple[nodes.Statement, ...]:
        text, _ = self.chunk_text(piece, is_header)
        try:
            module = parse_chunk(text)
        except ChunkError as error:
            raise SourceError(str(error), piece.first) from error
        body = module.body
        if piece.indented:
            body = body[0].body.body  # type: ignore[union-attr, assignment]
        return lowering.block(body)

    # --- places -----------------------------------------------------------------------------------------------------

    def range(self, node_id: int) -> Range:
        """Where a node stands in the text."""
        return self.ranges((node_id,))[node_id]

    def ranges(self, ids: Iterable[int]) -> dict[int, Range]:
        """Where several nodes stand."""
        return find_ranges(self, ids)


def parse(text: str, path: str) -> Source:
    """Parse a source text. Raises :class:`SourceError` for what is no Python, or beyond what can be parsed."""
    if "\0" in text:
        raise SourceError("source contains a NUL character")
    table = LineTable(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        raise SourceError(error.msg or "invalid syntax", error.lineno or 1, error.offset or 1) from error
    except (RecursionError, MemoryError) as error:
        raise SourceError("nested too deeply to be parsed") from error
    except ValueError as error:
        raise SourceError(str(error)) from error
    return Source(text, path, tree, table)
