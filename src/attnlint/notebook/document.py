"""The JSON text of a notebook: its cells and where they are, so that one can be rewritten and all else stays."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from attnlint.syntax.errors import SourceError
from attnlint.syntax.lines import split_lines

_DECODER = json.JSONDecoder()
_BLANK = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class CellSource:
    """The source of one code cell in the JSON text."""

    number: int
    """Its number among all the cells, from 1."""
    value: str | list[str]
    """As it is in the JSON: one string, or a list of lines."""
    start: int
    end: int
    """Offsets of the JSON value."""

    @property
    def text(self) -> str:
        """The code."""
        return self.value if isinstance(self.value, str) else "".join(self.value)

    def offset_of_line(self, document: str, line: int) -> int:
        """Where the JSON string begins that has a line of the code (from 1)."""
        if isinstance(self.value, str):
            return self.start
        offset = self.start
        for value, start, _ in _elements(document, self.start):
            offset = start
            line -= len(split_lines(value))
            if line <= 0:
                break
        return offset


def code_cells(text: str) -> list[CellSource]:
    """The code cells of a notebook. Raises :class:`SourceError` where it is no notebook."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise SourceError(f"no notebook: {error.msg}", error.lineno, error.colno) from error
    except RecursionError as error:
        raise SourceError("no notebook: nested too deeply") from error
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        version = content.get("nbformat") if isinstance(content, dict) else None
        reason = f"format {version} is not supported" if isinstance(version, int) and version < 4 else "it has no cells"
        raise SourceError(f"no notebook: {reason}")
    if not _is_python(content.get("metadata")):
        return []
    cells = _members(text, _skip_blank(text, 0))["cells"]
    found = []
    for number, (value, start, _) in enumerate(_elements(text, cells[1]), 1):
        if not isinstance(value, dict) or value.get("cell_type") != "code" or "source" not in value:
            continue
        source, source_start, source_end = _members(text, start)["source"]
        if not _is_source(source):
            raise SourceError(
                f"no notebook: the source of cell {number} is no text", *_line_and_column(text, source_start)
            )
        found.append(CellSource(number, source, source_start, source_end))
    return found


def _is_source(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(line, str) for line in value))


def _is_python(metadata: Any) -> bool:
    """Whether the notebook's language is Python; one that names no language is taken for it."""
    if not isinstance(metadata, dict):
        return True
    info, kernel = metadata.get("language_info"), metadata.get("kernelspec")
    named = info.get("name") if isinstance(info, dict) else None
    named = named or (kernel.get("language") if isinstance(kernel, dict) else None)
    return named is None or "python" in str(named).lower()


def with_sources(text: str, changed: dict[int, str], cells: list[CellSource]) -> str:
    """The JSON text with the sources of some cells (by number) replaced, and not a character changed elsewhere."""
    pieces = []
    done = 0
    for cell in cells:
        if cell.number in changed:
            pieces += [text[done : cell.start], _written(text[cell.start : cell.end], changed[cell.number], text)]
            done = cell.end
    return "".join(pieces) + text[done:]


def _written(before: str, code: str, whole: str) -> str:
    """A cell's source as JSON, in the manner of what it replaces."""
    ascii_only = whole.isascii() and "\\u" in whole
    if not before.startswith("["):
        return json.dumps(code, ensure_ascii=ascii_only)
    elements = list(_elements(before, 0))
    # Lines that stay keep the very text they had.
    kept = {value: before[start:end] for value, start, end in elements}
    lines = [kept.get(line) or json.dumps(line, ensure_ascii=ascii_only) for line in split_lines(code)]
    if not elements or not lines:
        return "[" + ", ".join(lines) + "]"
    opening = before[: elements[0][1]]
    closing = before[elements[-1][2] :]
    between = before[elements[0][2] : elements[1][1]] if len(elements) > 1 else "," + (opening[1:] or " ")
    return opening + between.join(lines) + closing


# --- where things are in a JSON text, known to be well-formed ---------------------------------------------------------


def _skip_blank(text: str, offset: int) -> int:
    match = _BLANK.match(text, offset)
    assert match is not None
    return match.end()


def _members(text: str, start: int) -> dict[str, tuple[Any, int, int]]:
    """The members of the object at an offset: value, start, end."""
    found: dict[str, tuple[Any, int, int]] = {}
    at = _skip_blank(text, start + 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        value_start = _skip_blank(text, _skip_blank(text, at) + 1)
        value, value_end = _DECODER.raw_decode(text, value_start)
        found[key] = (value, value_start, value_end)
        at = _after_comma(text, value_end)
    return found


def _elements(text: str, start: int) -> list[tuple[Any, int, int]]:
    """The elements of the array at an offset: value, start, end."""
    found = []
    at = _skip_blank(text, start + 1)
    while text[at] != "]":
        value, end = _DECODER.raw_decode(text, at)
        found.append((value, at, end))
        at = _after_comma(text, end)
    return found


def _after_comma(text: str, end: int) -> int:
    at = _skip_blank(text, end)
    return _skip_blank(text, at + 1) if text[at] == "," else at


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1
