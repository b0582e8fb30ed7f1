"""A notebook as one program: its code cells in order, magics replaced, and the way back to the cells."""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from attnlint.findings import Edit, Range
from attnlint.notebook.document import CellSource, code_cells, with_sources
from attnlint.notebook.magics import plain_python
from attnlint.syntax.encoding import decode
from attnlint.syntax.errors import SourceError
from attnlint.syntax.lines import LineTable

_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Cell:
    """A code cell as a part of the program."""

    number: int
    """Its number among all the cells of the notebook, from 1."""
    first_line: int
    """The line of the program that its first line is."""
    line_count: int
    code: str
    """As it is in the notebook."""
    replaced: frozenset[int]
    """Its lines (from 1) that are no Python, and something else in the program."""


@dataclass(frozen=True, slots=True)
class CellPlace:
    """A place in a notebook; all count from 1."""

    cell: int
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"cell {self.cell}:{self.line}:{self.column}"

    @property
    def in_words(self) -> str:
        """``5 of cell 3``"""
        return f"{self.line} of cell {self.cell}"


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that is no Python: it is left out of the program."""

    place: CellPlace
    message: str


class Notebook:
    """A notebook as a program. ``text`` is the program; its lines map to cells and back."""

    def __init__(self, document: str, sources: list[CellSource], has_mark: bool) -> None:
        self._document = document
        self._sources = sources
        self._has_mark = has_mark
        self.errors: list[CellError] = []
        cells: list[Cell] = []
        pieces: list[str] = []
        line = 1
        for source in sources:
            code, replaced = plain_python(source.text)
            count = len(LineTable(source.text).lines)
            error = _syntax_error(code)
            if error is not None:
                self.errors.append(CellError(CellPlace(source.number, error.line, error.column), error.message))
                code, replaced = "\n" * count, frozenset(range(1, count + 1))
            elif code and not code.endswith(("\n", "\r")):
                code += "\n"
            cells.append(Cell(source.number, line, count, source.text, replaced))
            pieces.append(code)
            line += count
        self.cells = tuple(cells)
        self.text = "".join(pieces)
        self._starts = [cell.first_line for cell in cells]

    def cell_at(self, line: int) -> Cell | None:
        """The cell that a line of the program comes from."""
        # Empty cells share their first line with the next.
        index = bisect_right(self._starts, line) - 1
        if index < 0:
            return None
        cell = self.cells[index]
        return cell if line < cell.first_line + max(cell.line_count, 1) else None

    def place(self, line: int, column: int = 1) -> CellPlace:
        """Where a place of the program is in the notebook. What lies behind the end is in the last cell."""
        cell = self.cell_at(line) or (self.cells[-1] if self.cells else None)
        if cell is None:
            return CellPlace(1, line, column)
        return CellPlace(cell.number, line - cell.first_line + 1, column)

    def file_line(self, cell: Cell, line: int) -> int:
        """The line of the notebook's file in which a line of a cell stands."""
        source = next(one for one in self._sources if one.number == cell.number)
        return self._document.count("\n", 0, source.offset_of_line(self._document, line)) + 1

    def edited(self, edits: Iterable[Edit]) -> bytes:
        """The notebook's file with edits of the program made in its cells.

        Raises ``ValueError`` for edits that overlap, that reach over the border of a cell, or that touch lines that are
        no Python.
        """
        by_cell: dict[int, list[Edit]] = {}
        for edit in edits:
            by_cell.setdefault(self.cell_of(edit.range).number, []).append(edit)
        changed = {cell.number: _edited(cell, by_cell[cell.number]) for cell in self.cells if cell.number in by_cell}
        document = with_sources(self._document, changed, self._sources)
        return ((_MARK if self._has_mark else "") + document).encode()

    def cell_of(self, place: Range) -> Cell:
        """The cell that a range lies in. Raises ``ValueError`` where it can hold no edit."""
        cell = self.cell_at(place.line)
        last_line = place.end_line - 1 if place.end_column == 1 and place.end_line > place.line else place.end_line
        if cell is None or last_line >= cell.first_line + cell.line_count:
            raise ValueError("an edit reaches over the border of a cell")
        lines = range(place.line - cell.first_line + 1, last_line - cell.first_line + 2)
        if cell.replaced.intersection(lines):
            raise ValueError("an edit touches a line that is no Python")
        return cell


def in_cells(text: str, notebook: Notebook) -> str:
    """A text of ours that speaks of lines of the program, speaking of lines of cells."""
    return _LINE.sub(lambda match: f"line {notebook.place(int(match[1])).in_words}", text)


_LINE = re.compile(r"\bline (\d+)\b")


def read_notebook(data: bytes) -> Notebook:
    """Read a notebook's file. Raises :class:`SourceError` where it is none; one in another language has no cells."""
    has_mark = data.startswith(_MARK.encode())
    document = decode(data.removeprefix(_MARK.encode()))
    return Notebook(document, code_cells(document), has_mark)


def _edited(cell: Cell, edits: list[Edit]) -> str:
    table = LineTable(cell.code)
    down = cell.first_line - 1
    spans = sorted(
        (
            table.offset(edit.range.line - down, edit.range.column),
            table.offset(edit.range.end_line - down, edit.range.end_column),
            edit.replacement,
        )
        for edit in edits
    )
    pieces = []
    done = 0
    for start, end, replacement in spans:
        if start < done:
            raise ValueError("edits overlap")
        pieces += [cell.code[done:start], replacement]
        done = end
    return "".join(pieces) + cell.code[done:]


def _syntax_error(code: str) -> SourceError | None:
    """Why a cell is no Python. What is merely too deep to be parsed is left to the parser."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code)
    except SyntaxError as error:
        return SourceError(error.msg or "invalid syntax", error.lineno or 1, max(error.offset or 1, 1))
    except ValueError as error:
        return SourceError(str(error))
    except (RecursionError, MemoryError):
        return None
    return None
