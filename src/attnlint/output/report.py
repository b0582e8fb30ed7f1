"""What a run found: the one thing that every output format is given."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attnlint.findings import Finding, Range
from attnlint.notebook import is_notebook

if TYPE_CHECKING:
    from attnlint.check import FileError
    from attnlint.notebook.program import Notebook


@dataclass(frozen=True, slots=True)
class Located:
    """A place as a person looks for it: in a file, or in a cell of a notebook."""

    path: str
    range: Range
    """In the cell where there is one."""
    cell: int | None = None
    """The number of the cell among all cells of the notebook, from 1."""
    file_lines: tuple[int, int] | None = None
    """For a notebook the first and last line of the file itself, for those who know files and lines only."""

    @property
    def name(self) -> str:
        """``model.py``, or ``model.ipynb:cell 3``"""
        return self.path if self.cell is None else f"{self.path}:cell {self.cell}"

    def __str__(self) -> str:
        return f"{self.name}:{self.range.line}:{self.range.column}"


class Sources:
    """The lines of the files that findings point into, read when they are first shown.

    Ranges in a notebook count the lines of its program (the cells in order); ``locate`` says where that is.
    """

    def __init__(self, texts: dict[str, str] | None = None) -> None:
        """``texts``: files that are not on disk as they were checked (standard input), by path."""
        self._texts = texts or {}
        self._lines: dict[str, list[str]] = {}
        self._notebooks: dict[str, Notebook | None] = {}

    def lines(self, path: str) -> Sequence[str]:
        """The lines of a file without their ends; none when it cannot be read any more."""
        known = self._lines.get(path)
        if known is None:
            known = self._lines[path] = self._read(path)
        return known

    def text(self, path: str, place: Range) -> str:
        """The lines of a range without indentation, as one text; empty when they are not there."""
        return "\n".join(line.strip() for line in self.lines(path)[place.line - 1 : place.end_line])

    def locate(self, path: str, place: Range) -> Located:
        """Where a range is, as a person looks for it."""
        notebook = self._notebook(path)
        cell = notebook.cell_at(place.line) if notebook is not None else None
        if notebook is None or cell is None:
            return Located(path, place)
        up = cell.first_line - 1
        inside = Range(place.line - up, place.column, place.end_line - up, place.end_column)
        lines = (notebook.file_line(cell, inside.line), notebook.file_line(cell, inside.end_line))
        return Located(path, inside, cell.number, lines)

    def lines_at(self, located: Located) -> Sequence[str]:
        """The lines that a located range counts: those of its cell, or of the file."""
        notebook = self._notebook(located.path)
        if notebook is None or located.cell is None:
            return self.lines(located.path)
        return _split(next(cell.code for cell in notebook.cells if cell.number == located.cell))

    def _notebook(self, path: str) -> Notebook | None:
        if not is_notebook(path):
            return None
        if path not in self._notebooks:
            self._notebooks[path] = self._read_notebook(path)
        return self._notebooks[path]

    def _read_notebook(self, path: str) -> Notebook | None:
        from attnlint.notebook.program import read_notebook
        from attnlint.syntax.errors import SourceError

        try:
            if path in self._texts:
                return read_notebook(self._texts[path].encode(errors="surrogatepass"))
            with open(path, "rb") as file:
                return read_notebook(file.read())
        except (OSError, SourceError):
            return None

    def _read(self, path: str) -> list[str]:
        notebook = self._notebook(path)
        if notebook is not None:
            return _split(notebook.text)
        if path in self._texts:
            return _split(self._texts[path])
        try:
            with open(path, "rb") as file:
                encoding, _ = tokenize.detect_encoding(file.readline)
                file.seek(0)
                return _split(file.read().decode(encoding, errors="replace"))
        except (OSError, SyntaxError, LookupError):
            return []


def _split(text: str) -> list[str]:
    # Not str.splitlines: it also splits at form feeds and the like, which end no line in Python.
    return [line.removesuffix("\n") for line in io.StringIO(text, newline=None)]


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be checked."""

    path: str
    error: FileError

    def as_finding(self) -> Finding:
        """The same in the form of a finding, for formats that other programs read."""
        place = Range(self.error.line, self.error.column, self.error.line, self.error.column)
        return Finding(code=self.error.code, path=self.path, range=place, message=self.error.message)

    def line(self, sources: Sources) -> str:
        """One line for a person."""
        finding = self.as_finding()
        return f"{sources.locate(finding.path, finding.range)}: {finding.code} {finding.message}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found."""

    findings: tuple[Finding, ...] = ()
    """What is reported, in order."""
    failures: tuple[Failure, ...] = ()
    refuted: tuple[Finding, ...] = ()
    """Findings that torch refuted: withheld."""
    baselined: int = 0
    """Findings that the baseline knows: withheld."""
    suppressed: int = 0
    checked: int = 0
    """Files that were checked, those without a word of torch included."""
    skipped: int = 0
    """Those without a word of torch."""
    lines: int = 0
    verified: bool = False
    """Verification was asked for."""
    problem: str = ""
    """Why nothing could be verified."""
    sources: Sources = field(default_factory=Sources)

    @property
    def everything(self) -> tuple[Finding, ...]:
        """The findings, and the files that could not be checked as findings: for formats that other programs read."""
        both = (*self.findings, *(failure.as_finding() for failure in self.failures))
        return tuple(sorted(both, key=lambda finding: finding.sort_key))
