"""Text to :class:`Source`."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Callable, Sequence

from attnlint.syntax.chunk import ChunkError, parse_chunk
from attnlint.syntax.errors import SourceError
from attnlint.syntax.guard import shield
from attnlint.syntax.lines import LineTable
from attnlint.syntax.loading import Loader, Numbers
from attnlint.syntax.outline import Definition, Piece, Unit, all_pieces, outline
from attnlint.syntax.source import Source

_TOO_DEEP = "nested too deeply to be parsed"

_NEWER_SYNTAX = re.compile(
    r"\s*(?:type\s+\w+|(?:async\s+)?(?:def|class)\s+\w+\s*\[|except\s*\*|except\s+\w+\s*,|lazy\s+(?:import|from))"
    r"|.*(?<![\w'\"])[tTfF][rR]?['\"]|.*[\[,:]\s*\*"
)
"""Lines that an older Python calls a syntax error and that are none: PEP 654, 646, 695, 701, 750, 758, 810."""


Numbering = Callable[[Sequence[int], Sequence[str]], Numbers]
"""How to number the nodes of a text, from the offsets and the texts of its pieces."""


def parse(text: str, path: str, numbering: Numbering | None = None, *, keep_tree: bool = False) -> Source:
    """Parse a source text. Raises :class:`SourceError` for what is no Python, or beyond what can be parsed.

    A byte order mark in front is dropped. What libcst cannot parse although Python can is left opaque, and noted.
    """
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        line, column = LineTable(text).place(text.index("\0"))
        raise SourceError("source contains a NUL character", line, column)
    table = shielded = LineTable(text)
    replaced: list[int] = []
    try:
        tree = _parse(text)
    except _TooDeep:
        shielded_text, replaced = shield(text, [(0, len(text))])
        shielded = LineTable(shielded_text)
        try:
            tree = _parse(shielded_text)
        except _TooDeep:
            raise SourceError(_TOO_DEEP) from None
    except SourceError as error:
        return _parse_newer_syntax(table, path, error, numbering)
    units = outline(tree.body, shielded)
    source = _source(path, table, shielded, units, replaced, numbering, tree)
    if keep_tree and not replaced:
        source.tree = tree
    return source


def unit_text(unit: Unit, table: LineTable) -> str:
    """The lines of a top-level unit."""
    return table.between(unit.first, unit.end_line + 1 if isinstance(unit, Definition) else unit.last)


def _source(
    path: str,
    table: LineTable,
    shielded: LineTable,
    units: tuple[Unit, ...],
    replaced: list[int],
    numbering: Numbering | None,
    tree: ast.Module | None = None,
) -> Source:
    numbers = None
    if numbering is not None:
        pieces = list(all_pieces(units))
        starts = [table.starts[piece.first - 1] for piece in pieces]
        numbers = numbering(starts, [table.between(piece.first, piece.last) for piece in pieces])
    loader = Loader(shielded, units, numbers)
    loader.notes += [f"line {table.place(offset)[0]}: an expression too long to be parsed" for offset in replaced]
    return Source(path, table, units, loader, numbers, tree)


class _TooDeep(Exception):
    """Python's own parser gives up."""


def _parse(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            # Unknown escapes, ``is`` with a literal: not our business.
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        if error.msg == "too many nested parentheses":
            raise _TooDeep from None
        raise SourceError(error.msg or "invalid syntax", error.lineno or 1, max(error.offset or 1, 1)) from error
    except (RecursionError, MemoryError):
        raise _TooDeep from None
    except ValueError as error:
        # Lone surrogates, which no file decodes to.
        raise SourceError(str(error)) from error


def _parse_newer_syntax(table: LineTable, path: str, error: SourceError, numbering: Numbering | None) -> Source:
    """Syntax newer than the Python that runs us is left to libcst; anything else is the error that it seems to be."""
    lines = table.lines[max(error.line - 1, 0) : error.line]
    is_newer = error.message.startswith("f-string") or any(_NEWER_SYNTAX.match(line) for line in lines)
    text, replaced = shield(table.text, [(0, len(table.text))])
    if not is_newer or replaced or sys.version_info >= (3, 15):
        raise error
    piece = Piece(1, len(table.lines) + 1, 0, is_indented=False)
    try:
        body = parse_chunk(text).body
    except (ChunkError, RecursionError):
        raise error from None
    count = sum(len(getattr(line, "body", ())) if type(line).__name__ == "SimpleStatementLine" else 1 for line in body)
    whole = Piece(piece.first, piece.last, count, is_indented=False)
    return _source(path, table, table, (whole,), [], numbering)
