"""The plan of a file: which lines make up which definition, so that each can be parsed when it is first looked at."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from attnlint.syntax.lines import LineTable


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole statements: the lines ``first`` up to, but not including, ``last``."""

    first: int
    last: int
    count: int
    """How many statements there are."""
    indented: bool


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class whose body has lines of its own."""

    header: Piece
    """Decorators and the line with ``def`` or ``class``, up to the body."""
    body: tuple[Unit, ...]
    end_line: int
    end_column: int
    """Where the body ends (column in characters, from 1, exclusive)."""
    count: int = 1


Unit = Piece | Definition


def outline(statements: Sequence[ast.stmt], table: LineTable) -> tuple[Unit, ...]:
    """The units of a sequence of statements."""
    units: list[Unit] = []
    pending: list[ast.stmt] = []
    for statement in statements:
        definition = _definition(statement, table)
        if definition is None:
            pending.append(statement)
            continue
        if pending:
            units.append(piece(pending))
            pending = []
        units.append(definition)
    if pending:
        units.append(piece(pending))
    return tuple(units)


def piece(statements: Sequence[ast.stmt]) -> Piece:
    """Neighbouring statements as one unit."""
    last = statements[-1].end_lineno
    assert last is not None
    return Piece(first_line(statements[0]), last + 1, len(statements), statements[0].col_offset > 0)


def first_line(statement: ast.stmt) -> int:
    """The first line of a statement, its decorators included."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and statement.decorator_list:
        return statement.decorator_list[0].lineno
    return statement.lineno


def _definition(statement: ast.stmt, table: LineTable) -> Definition | None:
    """The unit of a definition, or None where its body cannot be cut off at a line."""
    if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return None
    body_line = first_line(statement.body[0])
    first = first_line(statement)
    # The body begins on a line of its own when only indentation precedes it and no backslash joins it to the header.
    body_start = table.lines[body_line - 1]
    before = table.lines[body_line - 2].rstrip("\r\n")
    indentation = body_start[: len(body_start) - len(body_start.lstrip(" \t\f"))]
    column = _column_of(statement.body[0])
    if body_line <= statement.lineno or len(indentation) != column or before.endswith("\\"):
        return None
    end_line, end_offset = statement.end_lineno, statement.end_col_offset
    assert end_line is not None and end_offset is not None
    header = Piece(first, body_line, 1, statement.col_offset > 0)
    if isinstance(statement, ast.ClassDef):
        body = outline(statement.body, table)
    else:
        body = (piece(statement.body),)
    end_column = len(table.lines[end_line - 1].encode()[:end_offset].decode()) + 1
    return Definition(header, body, end_line, end_column)


def _column_of(statement: ast.stmt) -> int:
    # A decorator's expression begins after its ``@``, which is where the statement itself begins.
    return statement.col_offset
