"""Open notebooks: one program for the analysis, cells for the client."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lsprotocol import types

from attnlint.findings import Edit, Range
from attnlint.notebook.document import CellSource
from attnlint.notebook.program import Notebook, in_cells
from attnlint.server.buffers import Buffer, Positions

PYTHON = "python"


@dataclass(slots=True)
class OpenCell:
    """A cell as the editor has it. ``buffer`` is ``None`` for text, and for code in another language."""

    uri: str
    buffer: Buffer | None = None


class NotebookBuffer(Buffer):
    """An open notebook. Its text is the program of its cells; the client knows cells only."""

    def __init__(self, uri: str, cells: Iterable[types.NotebookCell], encoding: str) -> None:
        self.cells = [OpenCell(cell.document) for cell in cells]
        self._notebook = Notebook("", [], False)
        super().__init__(uri, "", None, encoding)

    # --- what the client tells --------------------------------------------------------------------------------------

    def open_cells(self, documents: Iterable[types.TextDocumentItem]) -> None:
        """The texts of new cells."""
        by_uri = {document.uri: document for document in documents}
        for cell in self.cells:
            document = by_uri.get(cell.uri)
            if document is not None and document.language_id == PYTHON:
                cell.buffer = Buffer(document.uri, document.text, document.version, self.encoding)
        self._join()

    def change_cells(self, changes: types.NotebookDocumentCellChanges) -> None:
        """Cells came, went, or were edited."""
        if changes.structure is not None:
            array = changes.structure.array
            new = [OpenCell(cell.document) for cell in array.cells or ()]
            known = {cell.uri: cell.buffer for cell in self.cells}
            for cell in new:
                # A cell that was moved is not opened again.
                cell.buffer = known.get(cell.uri)
            self.cells[array.start : array.start + array.delete_count] = new
            self.open_cells(changes.structure.did_open or ())
        for content in changes.text_content or ():
            for cell in self.cells:
                if cell.uri == content.document.uri and cell.buffer is not None:
                    cell.buffer.change(content.changes, content.document.version)
        self._join()

    def _join(self) -> None:
        sources = [
            CellSource(number, cell.buffer.text, 0, 0)
            for number, cell in enumerate(self.cells, 1)
            if cell.buffer is not None
        ]
        self._notebook = Notebook("", sources, False)
        self._set(self._notebook.text)

    # --- program and cells --------------------------------------------------------------------------------------------

    @property
    def uris(self) -> list[str]:
        """The documents that the client knows."""
        return [cell.uri for cell in self.cells if cell.buffer is not None]

    def version_of(self, uri: str) -> int | None:
        """The version of a cell."""
        return next((cell.buffer.version for cell in self.cells if cell.uri == uri and cell.buffer is not None), None)

    def locate(self, place: types.Range) -> tuple[str, int | None, types.Range]:
        """The cell of a place of the program, its version, and the place in it."""
        found = self._notebook.cell_at(place.start.line + 1)
        if found is None:
            return self.uri, None, place
        cell = self.cells[found.number - 1]
        version = cell.buffer.version if cell.buffer is not None else None
        return cell.uri, version, _down(place, 1 - found.first_line)

    def in_program(self, uri: str, place: types.Range) -> types.Range:
        """A place of a cell in the program."""
        for found in self._notebook.cells:
            if self.cells[found.number - 1].uri == uri:
                return _down(place, found.first_line - 1)
        return place

    def lines_of(self, uri: str) -> tuple[int, int]:
        """The first and the last line of the program that a cell is; none where the last is before the first."""
        for found in self._notebook.cells:
            if self.cells[found.number - 1].uri == uri:
                return found.first_line, found.first_line + found.line_count - 1
        return 1, 0

    def can_make(self, edits: Sequence[Edit]) -> bool:
        """Whether edits of the program can be made in its cells."""
        try:
            for edit in edits:
                self._notebook.cell_of(edit.range)
        except ValueError:
            return False
        return True

    def in_words(self, text: str) -> str:
        """A text that may speak of lines of the program: of lines of cells."""
        return in_cells(text, self._notebook) if "\nnote: " in text else text

    def own_errors(self) -> list[tuple[str, types.Diagnostic]]:
        """The cells that are no Python, and why: they are left out of the program."""
        found = []
        for error in self._notebook.errors:
            cell = self.cells[error.place.cell - 1]
            positions = cell.buffer.positions if cell.buffer is not None else Positions("", self.encoding)
            line = min(error.place.line, max(len(positions.table.lines), 1))
            place = positions.to_client(Range(line, error.place.column, line, error.place.column))
            severity = types.DiagnosticSeverity.Error
            found.append((cell.uri, types.Diagnostic(place, error.message, severity, "ATN001", source="attnlint")))
        return found


def _down(place: types.Range, lines: int) -> types.Range:
    start, end = place.start, place.end
    return types.Range(
        types.Position(start.line + lines, start.character), types.Position(end.line + lines, end.character)
    )
