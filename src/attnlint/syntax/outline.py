"""The plan of a file: which lines make up which definition, so that each can be parsed when it is first looked at."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from attnlint.syntax.lines import LineTable


@dataclass(frozen=True, slots=True)
class Piece:
    """The lines ``first`` up to, but not including, ``last``: whole statements, or the header of a definition."""

    first: int
    last: int
    count: int
    """How many statements there are."""
    is_indented: bool
    is_header: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class whose body has lines of its own."""

    is_function: bool
    header: Piece
    """Decorators and the line with ``def`` or ``class``, up to the body."""
    body: tuple[Unit, ...]
    end_line: int
    end_column: int
    """Where the body ends (column in characters, from 1, exclusive)."""

    @property
    def first(self) -> int:
        """The first line."""
        return self.header.first

    @property
    def count(self) -> int:
        """A definition is one statement."""
        return 1


Unit = Piece | Definition


def outline(statements: Sequence[ast.stmt], table: LineTable) -> tuple[Unit, ...]:
    """The units of a sequence of statements: definitions, and the statements between them."""
    units: list[Unit] = []
    pending: list[ast.stmt] = []
    for statement in statements:
        definition = _definition(statement, table)
        if definition is None:
            pending.append(statement)
            continue
        if pending:
            units.append(_piece_of(pending, table))
            pending = []
        units.append(definition)
    if pending:
        units.append(_piece_of(pending, table))
    return tuple(units)


def all_pieces(units: Sequence[Unit]) -> Iterator[Piece]:
    """The pieces of units, in order, the headers of definitions and the pieces of their bodies among them."""
    for unit in units:
        if isinstance(unit, Definition):
            yield unit.header
            yield from all_pieces(unit.body)
        else:
            yield unit


def pieces_of(piece: Piece, text: str, lines_before: int) -> list[Piece]:
    """A piece cut into the smallest possible: statements that share no line."""
    body = ast.parse(text).body
    if piece.is_header:
        return [piece]
    statements: Sequence[ast.stmt] = body
    if lines_before:
        assert isinstance(body[0], ast.If)
        statements = body[0].body
    down = piece.first - 1 - lines_before
    groups: list[list[ast.stmt]] = []
    for statement in statements:
        if groups and first_line(statement) == groups[-1][-1].end_lineno:
            groups[-1].append(statement)
        else:
            groups.append([statement])
    pieces = []
    for group in groups:
        last = group[-1].end_lineno
        assert last is not None
        pieces.append(Piece(first_line(group[0]) + down, last + 1 + down, len(group), piece.is_indented))
    return pieces


def first_line(statement: ast.stmt) -> int:
    """The first line of a statement, its decorators included."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and statement.decorator_list:
        return statement.decorator_list[0].lineno
    return statement.lineno


def _piece_of(statements: Sequence[ast.stmt], table: LineTable) -> Piece:
    first, last = statements[0], statements[-1].end_lineno
    assert last is not None
    return Piece(first_line(first), last + 1, len(statements), _is_indented(first, table))


def _is_indented(statement: ast.stmt, table: LineTable) -> bool:
    return statement.col_offset > len(table.form_feeds(statement.lineno))


def _definition(statement: ast.stmt, table: LineTable) -> Definition | None:
    """The unit of a definition, or None where its body cannot be cut off at the beginning of a line."""
    if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return None
    body_line = first_line(statement.body[0])
    # Nothing but indentation may come before the body, and no backslash may join its line to the header.
    if body_line <= statement.lineno or len(table.indentation(body_line)) != statement.body[0].col_offset:
        return None
    if table.lines[body_line - 2].rstrip("\r\n").endswith("\\"):
        return None
    header = Piece(first_line(statement), body_line, 1, _is_indented(statement, table), is_header=True)
    if isinstance(statement, ast.ClassDef):
        body = outline(statement.body, table)
    else:
        body = (_piece_of(statement.body, table),)
    end_line, end_offset = statement.end_lineno, statement.end_col_offset
    assert end_line is not None and end_offset is not None
    return Definition(
        not isinstance(statement, ast.ClassDef), header, body, end_line, table.column(end_line, end_offset)
    )
