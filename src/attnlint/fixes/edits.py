"""Edits of source text: nothing but the ranges that they name changes, line endings and encoding stay."""

from __future__ import annotations

import contextlib
import difflib
import os
import shutil
import tempfile
from collections.abc import Iterable

from attnlint.findings import Edit, Range


class FileChanged(Exception):
    """The file on disk is not the one that was checked."""


def line_starts(text: str) -> list[int]:
    """Where every line begins, and the end of the text. Python ends lines at LF, CR LF and CR, and at nothing else."""
    starts = [0]
    position = 0
    while position < len(text):
        character = text[position]
        position += 1
        if character == "\r" and text[position : position + 1] == "\n":
            position += 1
        if character in "\r\n":
            starts.append(position)
    starts.append(len(text))
    return starts


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text after the edits, which do not overlap. Raises ValueError when they do, or lie outside of the text."""
    starts = line_starts(text)

    def offset(line: int, column: int) -> int:
        if not 1 <= line < len(starts):
            raise ValueError(f"there is no line {line}")
        return starts[line - 1] + column - 1

    spans = sorted(
        (offset(place.line, place.column), offset(place.end_line, place.end_column), edit.replacement)
        for edit in edits
        for place in (edit.range,)
    )
    pieces: list[str] = []
    position = 0
    for start, end, replacement in spans:
        if not position <= start <= end <= len(text):
            raise ValueError("edits overlap")
        pieces += [text[position:start], replacement]
        position = end
    return "".join([*pieces, text[position:]])


def changed_lines(before: str, after: str) -> list[Edit]:
    """The edits that make one text of another that has as many lines."""
    starts, changed = line_starts(before), line_starts(after)
    edits = []
    for index in range(len(starts) - 1):
        old, new = before[starts[index] : starts[index + 1]], after[changed[index] : changed[index + 1]]
        if old != new:
            body = old.rstrip("\r\n")
            edits.append(Edit(Range(index + 1, 1, index + 1, len(body) + 1), new.rstrip("\r\n")))
    return edits


def moved_line(line: int, edits: Iterable[Edit]) -> int:
    """Where a line of the text is after the edits."""
    moved = line
    for edit in edits:
        if edit.range.end_line < line:
            moved += edit.replacement.count("\n") - (edit.range.end_line - edit.range.line)
    return moved


def overlap(first: Iterable[Edit], second: Iterable[Edit]) -> bool:
    """Whether two sets of edits touch the same text."""
    others = list(second)

    def ends(place: Range) -> tuple[tuple[int, int], tuple[int, int]]:
        return (place.line, place.column), (place.end_line, place.end_column)

    for one in first:
        start, end = ends(one.range)
        for other in others:
            other_start, other_end = ends(other.range)
            if start == other_start or (start < other_end and other_start < end):
                return True
    return False


def difference(path: str, before: str, after: str) -> str:
    """A unified diff, as ``ruff --diff`` prints it."""
    rows = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), fromfile=path, tofile=path
    )
    text = ""
    for row in rows:
        text += row if row.endswith("\n") else row + "\n\\ No newline at end of file\n"
    return text


def write_atomically(path: str, checked: bytes, changed: bytes) -> None:
    """Replace a file's content, wholly or not at all.

    Raises FileChanged when it is not what was checked, and OSError.
    """
    target = os.path.realpath(path)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".attnlint-")
    try:
        with open(handle, "wb") as file:
            file.write(changed)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(target, temporary)
        with open(target, "rb") as file:
            if file.read() != checked:
                raise FileChanged(path)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
