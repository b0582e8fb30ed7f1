"""Comments, and which physical lines belong together for ``# noqa``."""

from __future__ import annotations

from dataclasses import dataclass

from attnlint.syntax.lines import LineTable
from attnlint.syntax.scanner import comments_and_joins


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of a file and its joined lines. Lines count from 1."""

    by_line: dict[int, str]
    """Line to comment, from its ``#`` on."""
    joined: dict[int, tuple[int, int]]
    """Line to the first and last of the physical lines that it is joined with; lines that stand alone are left out."""


def scan_comments(table: LineTable) -> Comments:
    """Find the comments, and the lines joined by strings over several lines or by backslashes.

    flake8 looks for ``# noqa`` in all the lines joined that way, and not in all the lines of a statement: a bracket
    that stays open joins none.
    """
    comments, joins = comments_and_joins(table.text)
    joined: dict[int, tuple[int, int]] = {}
    first = last = 0
    for start, end in joins:
        start_line, end_line = table.place(start)[0], table.place(end)[0]
        if start_line > last:
            first = start_line
        last = end_line
        for line in range(first, last + 1):
            joined[line] = (first, last)
    return Comments({table.place(offset)[0]: text for offset, text in comments}, joined)
