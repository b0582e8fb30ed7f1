"""The physical lines of a text."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")
_FORM_FEEDS = re.compile(r"^[ \t\f]*\f", re.MULTILINE)
_OTHER_BREAKS = re.compile("[\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def split_lines(text: str) -> list[str]:
    """The lines with their ends, split only where Python's tokenizer does (``\\n``, ``\\r\\n``, ``\\r``)."""
    if _OTHER_BREAKS.search(text) is None:
        return text.splitlines(keepends=True)
    lines = _LINE.findall(text)
    while lines and not lines[-1]:
        lines.pop()
    return lines


class LineTable:
    """Lines and their offsets in characters. Lines and columns count from 1."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = split_lines(text)
        self.starts = [0, *accumulate(map(len, self.lines))]

    def offset(self, line: int, column: int = 1) -> int:
        """The offset of a place."""
        return self.starts[line - 1] + column - 1

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset. The end of the text is a place too, on its last line."""
        index = min(bisect_right(self.starts, offset), max(len(self.lines), 1)) - 1
        return index + 1, offset - self.starts[index] + 1

    def column(self, line: int, byte_offset: int) -> int:
        """The column of a place given as an offset into the line's UTF-8, which is how ``ast`` counts."""
        text = self.lines[line - 1]
        return (byte_offset if text.isascii() else len(text.encode()[:byte_offset].decode())) + 1

    def between(self, first: int, last: int) -> str:
        """The text of the lines ``first`` up to, but not including, ``last``."""
        return self.text[self.starts[first - 1] : self.starts[last - 1]]

    def indentation(self, line: int) -> str:
        """What a line is indented by."""
        text = self.lines[line - 1]
        return text[: len(text) - len(text.lstrip(" \t\f"))]

    def form_feeds(self, line: int) -> str:
        """What a line begins with, up to its last form feed: Python's indentation begins behind it."""
        text = self.lines[line - 1]
        found = _FORM_FEEDS.match(text) if "\f" in text else None
        return found.group() if found else ""


def without_form_feeds(text: str) -> str:
    """The text without what :meth:`LineTable.form_feeds` finds: libcst does not give it back as it was."""
    return _FORM_FEEDS.sub("", text) if "\f" in text else text
