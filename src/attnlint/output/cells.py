"""Source lines on a terminal: tabs, wide characters, lines that are too long."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

TAB = 4
LONGEST = 160
"""A longer line is cut around the place that matters."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A line as it is shown, and where each of its columns went."""

    text: str
    _offsets: tuple[int, ...]

    def of(self, column: int) -> int:
        """The terminal cell (from 0) in which a column (from 1) begins."""
        return self._offsets[min(max(column - 1, 0), len(self._offsets) - 1)]


def lay_out(line: str, first: int, last: int) -> Cells:
    """The line with tabs expanded and control characters made visible; columns ``first`` to ``last`` must be seen."""
    shown: list[str] = []
    offsets: list[int] = []
    start = max(first - 1 - LONGEST // 4, 0) if len(line) > LONGEST and last > LONGEST else 0
    stop = max(start + LONGEST, min(last + 10, start + 2 * LONGEST))
    cell = 0
    if start:
        shown.append("…")
        cell = 1
        offsets.extend([0] * start)
    for character in line[start:stop]:
        offsets.append(cell)
        piece = _visible(character, cell)
        shown.append(piece)
        cell += len(piece) if character == "\t" else _width(character)
    offsets.append(cell)
    if stop < len(line):
        shown.append("…")
    return Cells("".join(shown), tuple(offsets))


def _visible(character: str, cell: int) -> str:
    if character == "\t":
        return " " * (TAB - cell % TAB)
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) == "Cc" else character


def _width(character: str) -> int:
    if unicodedata.combining(character) or character in "\u200d\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
