"""What goes wrong with a source text before anything can be said about it."""

from __future__ import annotations


class SourceError(Exception):
    """The text cannot be read or parsed. ``line`` and ``column`` count from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return f"{self.message} (line {self.line}, column {self.column})"
