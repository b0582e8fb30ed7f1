"""Open documents and their positions. The protocol counts columns in code units, attnlint in characters."""

from __future__ import annotations

import os
from collections.abc import Sequence

from lsprotocol import types
from pygls.uris import to_fs_path

from attnlint.findings import Edit, Range
from attnlint.syntax.lines import LineTable

Change = types.TextDocumentContentChangeEvent


class Positions:
    """Ranges of one text as the client counts them, and back.

    Lines end where Python and the protocol say: LF, CR LF, CR, and not at form feeds, as in ``str.splitlines``.
    """

    def __init__(self, text: str, encoding: str) -> None:
        self.table = LineTable(text)
        self._encoding = encoding

    def to_client(self, place: Range) -> types.Range:
        """A range as the client counts it."""
        return types.Range(
            self._position(place.line, place.column),
            self._position(place.end_line, place.end_column),
        )

    def from_client(self, position: types.Position) -> tuple[int, int]:
        """Line and column, both from 1. What lies behind the end of a line is its end."""
        lines = self.table.lines
        if position.line >= len(lines):
            return len(lines) + 1, 1
        body = lines[position.line].rstrip("\r\n")
        if self._is_plain(body):
            return position.line + 1, min(position.character, len(body)) + 1
        left = position.character
        for index, character in enumerate(body):
            if left <= 0:
                return position.line + 1, index + 1
            left -= _units(character, self._encoding)
        return position.line + 1, len(body) + 1

    def offset(self, position: types.Position) -> int:
        """The offset in the text of a client's position."""
        line, column = self.from_client(position)
        return self.table.offset(line, column) if line <= len(self.table.lines) else len(self.table.text)

    def end_of_line(self, line: int) -> types.Position:
        """Behind the last character of a line."""
        return self._position(line, len(self.table.lines[line - 1].rstrip("\r\n")) + 1)

    def _position(self, line: int, column: int) -> types.Position:
        lines = self.table.lines
        before = lines[line - 1][: column - 1] if 1 <= line <= len(lines) else ""
        if not self._is_plain(before):
            return types.Position(line - 1, sum(_units(character, self._encoding) for character in before))
        return types.Position(line - 1, len(before))

    def _is_plain(self, text: str) -> bool:
        return self._encoding == types.PositionEncodingKind.Utf32 or text.isascii()


def _units(character: str, encoding: str) -> int:
    if encoding == types.PositionEncodingKind.Utf8:
        return len(character.encode("utf-8", "surrogatepass"))
    if encoding == types.PositionEncodingKind.Utf32:
        return 1
    return 2 if ord(character) > 0xFFFF else 1


class Buffer:
    """An open document as the editor has it, saved or not."""

    def __init__(self, uri: str, text: str, version: int | None, encoding: str) -> None:
        self.uri = uri
        self.path = path_of(uri)
        self.version = version
        self.encoding = encoding
        self._set(text)

    def _set(self, text: str) -> None:
        self.text = text
        self.positions = Positions(text, self.encoding)

    def change(self, changes: Sequence[Change], version: int | None) -> None:
        """Make the client's changes, one after the other."""
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                start = self.positions.offset(change.range.start)
                end = self.positions.offset(change.range.end)
                self._set(self.text[:start] + change.text + self.text[end:])
            else:
                self._set(change.text)
        self.version = version

    # --- what a client knows: one document here, the cells of a notebook elsewhere ------------------------------------

    @property
    def uris(self) -> list[str]:
        """The documents that the client knows."""
        return [self.uri]

    def version_of(self, uri: str) -> int | None:
        """The version of a document."""
        return self.version

    def locate(self, place: types.Range) -> tuple[str, int | None, types.Range]:
        """The document of a place, its version, and the place in it."""
        return self.uri, self.version, place

    def in_program(self, uri: str, place: types.Range) -> types.Range:
        """A place of a document in the whole text."""
        return place

    def lines_of(self, uri: str) -> tuple[int, int]:
        """The first and the last line of a document in the whole text."""
        return 1, len(self.positions.table.lines)

    def can_make(self, edits: Sequence[Edit]) -> bool:
        """Whether edits of the whole text can be made in the documents."""
        return True

    def in_words(self, text: str) -> str:
        """A text that may speak of lines, as the reader counts them."""
        return text

    def own_errors(self) -> list[tuple[str, types.Diagnostic]]:
        """What is wrong with the documents themselves."""
        return []


def path_of(uri: str) -> str:
    """The path of a document. One that was never saved gets a name in the current folder: it has settings too."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    return os.path.abspath(path or uri.rpartition("/")[2].rpartition(":")[2] or "untitled")
