"""Shapes of expressions and of assigned names: hover and inlay hints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lsprotocol import types

from attnlint.findings import Range
from attnlint.server.analysis import LineMap, Task
from attnlint.server.buffers import Positions
from attnlint.server.hint_labels import label_and_tooltip
from attnlint.server.thread import Interrupt
from attnlint.shapes import Inferred, InferredShape, infer_expressions

MOST_ENTRIES = 12
"""How many lines a hover has at most."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """What was inferred for one revision of a document."""

    revision: int
    text: str
    inferred: Inferred


def infer(task: Task, revision: int, interrupt: Interrupt) -> Shapes:
    """Infer the shapes of a document. Raises SourceError."""
    return Shapes(
        revision, task.text, infer_expressions(task.text, task.path, task.project(interrupt, "shapes"), task.settings)
    )


def hover(shapes: Shapes, positions: Positions, line: int, column: int) -> types.Hover | None:
    """What is known of the innermost expression at a place: one line for each way in that sees it differently."""
    lines = LineMap(shapes.text, positions.table.text)
    known = [*shapes.inferred.assigned, *shapes.inferred.expressions]
    around = [one for one in known if (now := lines.range(one.range)) is not None and _contains(now, line, column)]
    if not around:
        return None
    chosen = max(
        (one.range for one in around), key=lambda place: (place.line, place.column, -place.end_line, -place.end_column)
    )
    place = lines.range(chosen)
    assert place is not None
    here = [one for one in around if one.range == chosen]
    rows = list(_rows(_text(positions, place), here))
    operands = _operands(known, chosen)
    for operand in operands:
        where = lines.range(operand)
        if where is not None:
            rows += (
                f"  {row}" for row in _rows(_text(positions, where), [one for one in known if one.range == operand])
            )
    content = types.MarkupContent(types.MarkupKind.Markdown, "```text\n" + "\n".join(rows) + "\n```")
    return types.Hover(content, positions.to_client(place))


def hints(shapes: Shapes, positions: Positions, first: int, last: int, mode: str) -> list[types.InlayHint]:
    """The hints of the lines from ``first`` to ``last``. ``assignments``: one at the end of each line that assigns;
    ``all``: one behind each tensor that a call, an operator or an index makes, too."""
    lines = LineMap(shapes.text, positions.table.text)
    found: list[types.InlayHint] = []
    for number, names in _by_line(shapes.inferred.assigned).items():
        now = lines.line(number)
        if now is not None and first <= now <= last:
            found += _hint(positions.end_of_line(now), names)
    if mode == "all":
        results: dict[Range, list[str]] = {}
        for one in shapes.inferred.expressions:
            # A name says nothing new, and sizes would drown the shapes.
            if one.dtype is not None and not one.name and one.shape not in results.setdefault(one.range, []):
                results[one.range].append(one.shape)
        for before, texts in results.items():
            place = lines.range(before)
            if place is not None and first <= place.end_line <= last and not _ends_statement(positions, place):
                found += _hint(positions.to_client(place).end, {"": texts})
    return found


def _hint(position: types.Position, texts: Mapping[str, Sequence[str]]) -> Iterator[types.InlayHint]:
    shown = label_and_tooltip(texts)
    if shown is not None:
        label, tooltip = shown
        yield types.InlayHint(
            position, label, kind=types.InlayHintKind.Type, padding_left=True, tooltip=tooltip or None
        )


def _ends_statement(positions: Positions, place: Range) -> bool:
    """Whether an expression ends its line: what it is assigned to has a hint there."""
    return not positions.table.lines[place.end_line - 1][place.end_column - 1 :].strip()


def _by_line(assigned: Iterable[InferredShape]) -> dict[int, dict[str, list[str]]]:
    """Line to name to its different shapes."""
    found: dict[int, dict[str, list[str]]] = {}
    for one in assigned:
        texts = found.setdefault(one.range.line, {}).setdefault(one.name, [])
        if one.shape not in texts:
            texts.append(one.shape)
    return found


def _rows(text: str, known: list[InferredShape]) -> Iterator[str]:
    """One row, or one for each way in where they differ."""
    by_text: dict[str, list[str]] = {}
    for one in known:
        entries = by_text.setdefault(one.text, [])
        if one.entry not in entries:
            entries.append(one.entry)
    if len(by_text) == 1:
        yield f"{text}: {next(iter(by_text))}"
        return
    yield f"{text}:"
    for shown, entries in list(by_text.items())[:MOST_ENTRIES]:
        yield f"  {shown}  [{', '.join(entries)}]"
    if len(by_text) > MOST_ENTRIES:
        yield f"  and {len(by_text) - MOST_ENTRIES} more"


def _operands(known: Iterable[InferredShape], place: Range) -> list[Range]:
    """The outermost expressions inside of another, in source order."""
    inside = sorted(
        {one.range for one in known if one.range != place and _within(one.range, place)},
        key=lambda one: (one.line, one.column, -one.end_line, -one.end_column),
    )
    found: list[Range] = []
    for one in inside:
        if not found or not _within(one, found[-1]):
            found.append(one)
    return found


def _contains(place: Range, line: int, column: int) -> bool:
    return (place.line, place.column) <= (line, column) < (place.end_line, place.end_column)


def _within(inner: Range, outer: Range) -> bool:
    return (outer.line, outer.column) <= (inner.line, inner.column) and (inner.end_line, inner.end_column) <= (
        outer.end_line,
        outer.end_column,
    )


def _text(positions: Positions, place: Range) -> str:
    """The source of a range on one line, shortened."""
    table = positions.table
    text = " ".join(
        table.text[table.offset(place.line, place.column) : table.offset(place.end_line, place.end_column)].split()
    )
    return text if len(text) <= 60 else text[:57] + "..."
