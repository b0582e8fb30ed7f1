"""The physical lines of a text."""

from __future__ import annotations

import re
from bisect import bisect_right

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")


def split_lines(text: str) -> list[str]:
    """The lines with their ends, split only where Python's tokenizer does (``\\n``, ``\\r\\n``, ``\\r``)."""
    if "\r" not in text and "\f" not in text and "\v" not in text and text.isascii():
        return text.splitlines(keepends=True) if not _other_breaks(text) else _split(text)
    return _split(text)


def _other_breaks(text: str) -> bool:
    return "\x1c" in text or "\x1d" in text or "\x1e" in text


def _split(text: str) -> list[str]:
    lines = _LINE.findall(text)
    if lines and not lines[-1]:
        lines.pop()
    return lines


class LineTable:
    """Lines and their offsets in characters. Lines count from 1."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = split_lines(text)
        self.starts = [0]
        offset = 0
        for line in self.lines:
            offset += len(line)
            self.starts.append(offset)

    def offset(self, line: int, column: int = 1) -> int:
        """The offset of a place."""
        return self.starts[line - 1] + column - 1

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset."""
        index = bisect_right(self.starts, offset) - 1
        index = min(index, max(len(self.lines) - 1, 0))
        return index + 1, offset - self.starts[index] + 1

    def between(self, first: int, last: int) -> str:
        """The text of the lines ``first`` up to, but not including, ``last``."""
        return self.text[self.starts[first - 1] : self.starts[last - 1]]
