"""Pieces of source with labelled underlines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from attnlint.findings import Range
from attnlint.output.cells import Cells, lay_out
from attnlint.output.style import Style

MOST_LINES = 6
"""A statement that is longer is shown without its unlabelled middle."""


@dataclass(frozen=True, slots=True)
class Label:
    """A range to underline, and what to say about it."""

    range: Range
    text: str = ""
    mark: str = "^"
    """``^`` operands, ``~`` the operation, ``-`` a place that explains it."""


def excerpt(lines: Sequence[str], labels: Sequence[Label], gutter: int, style: Style) -> list[str]:
    """The lines that the labels touch, with line numbers ``gutter`` wide, underlined and labelled."""
    bar = style.paint("blue", " " * gutter + " |")
    rows = [bar]
    previous = 0
    for number in _lines_to_show(labels, len(lines)):
        if previous and number > previous + 2:
            rows.append(style.paint("blue", "..."))
        elif previous and number == previous + 2:
            rows.append(_source_row(previous + 1, lay_out(lines[previous], 1, 1), gutter, style))
        touching = [label for label in labels if label.range.line <= number <= label.range.end_line]
        first = min(_span(label, number, lines)[0] for label in touching)
        last = max(_span(label, number, lines)[1] for label in touching)
        cells = lay_out(lines[number - 1], first, last)
        rows.append(_source_row(number, cells, gutter, style))
        rows.extend(f"{bar} {row}" for row in _underline(number, touching, cells, lines, style))
        previous = number
    return rows


def _source_row(number: int, cells: Cells, gutter: int, style: Style) -> str:
    return f"{style.paint('blue', f'{number:>{gutter}} |')} {cells.text}".rstrip()


def _lines_to_show(labels: Sequence[Label], count: int) -> list[int]:
    shown: set[int] = set()
    for label in labels:
        first, last = label.range.line, label.range.end_line
        shown.update((first, last) if last - first >= MOST_LINES else range(first, last + 1))
    return sorted(number for number in shown if 1 <= number <= count)


def _span(label: Label, number: int, lines: Sequence[str]) -> tuple[int, int]:
    """The columns of a label in one line; the end is exclusive."""
    line = lines[number - 1]
    indentation = len(line) - len(line.lstrip()) + 1
    start = label.range.column if number == label.range.line else indentation
    end = label.range.end_column if number == label.range.end_line else len(line.rstrip()) + 1
    return start, max(end, start + 1)


def _underline(number: int, labels: Sequence[Label], cells: Cells, lines: Sequence[str], style: Style) -> list[str]:
    """The row of marks below a source line, and the rows of texts that hang from it."""
    marks: dict[int, str] = {}
    for label in sorted(labels, key=lambda one: "~-^".index(one.mark)):
        start, end = _span(label, number, lines)
        for cell in range(cells.of(start), max(cells.of(end), cells.of(start) + 1)):
            marks[cell] = label.mark
    # A text hangs at the last line of its range, as that is where a reader has seen all of it.
    hanging = [(cells.of(_span(label, number, lines)[0]), label) for label in labels if label.text]
    hanging = sorted(
        ((cell, label) for cell, label in hanging if number == label.range.end_line), key=lambda one: one[0]
    )
    row = _paint_marks(marks, style)
    if hanging and hanging[-1][0] == _start_of_last(marks):
        row += " " + _paint(hanging.pop()[1], style)
    rows = [row]
    while hanging:
        cell, label = hanging.pop()
        left = _pipes([one for one, _ in hanging if one < cell], cell, style)
        if len(rows) == 1:
            rows.append(_pipes([one for one, _ in hanging if one < cell] + [cell], cell + 1, style))
        rows.append(left + _paint(label, style))
    return [one.rstrip() for one in rows]


def _start_of_last(marks: dict[int, str]) -> int:
    """Where the last unbroken run of one mark begins, the operation around its operands left aside."""
    cell = max((one for one, mark in marks.items() if mark != "~"), default=max(marks))
    while marks.get(cell - 1) == marks[cell]:
        cell -= 1
    return cell


def _pipes(cells: Sequence[int], width: int, style: Style) -> str:
    row = [" "] * width
    for cell in cells:
        row[cell] = style.paint("red", "|")
    return "".join(row)


def _paint_marks(marks: dict[int, str], style: Style) -> str:
    row = "".join(marks.get(cell, " ") for cell in range(max(marks) + 1))
    runs = ((mark, "".join(run)) for mark, run in groupby(row))
    return "".join(style.paint(_COLOUR[mark], run) if mark in _COLOUR else run for mark, run in runs)


def _paint(label: Label, style: Style) -> str:
    return style.paint(_COLOUR[label.mark], label.text)


_COLOUR = {"^": "red", "~": "red", "-": "blue"}
