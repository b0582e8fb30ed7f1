"""Keeps from libcst's native parser what it cannot take.

It dies without an exception at some thousand nested brackets (at a hundred on a small stack), and its time grows with the
square of the length of an operator chain: ``1 + 1 + ...`` of 10,000 terms takes a minute. Nobody writes such expressions,
but programs do. They are replaced by a placeholder of the same length, so that every position stays what it was, and lowered
to :class:`~attnlint.syntax.nodes.Opaque`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from attnlint.syntax.lines import LineTable
from attnlint.syntax.placeholders import PLACEHOLDER
from attnlint.syntax.scanner import Token, logical_lines

LIMIT = 200
"""How deep an expression may be. One operator, attribute or call of a chain is a level, a pair of brackets one or two."""

_FLAT = 0.2
"""What an operator costs whose chain is one node for us: ``and``, ``or``, comparisons, adjacent strings."""

_FLAT_OPERATORS = frozenset(["<", ">", "==", "!=", "<=", ">="])
_SEPARATORS = frozenset([",", "=", ":", ";", ":=", "->"])
_FIRST_WORDS = frozenset(
    ["return", "assert", "if", "elif", "while", "for", "with", "del", "raise", "yield", "await", "@"]
)
_LEVEL_WORDS = frozenset(["not", "if", "lambda", "await", "in", "is"])
_LEVELS = re.compile(r"[-+*/%@&|^~.(\[{'\"<>]|\b(?:not|if|lambda|and|or|in|is)\b")
_FIELD = re.compile(r"\{[^{}]*\}")
_FIELD_LEVELS = re.compile(r"\*\*|//|[-+*/%@&|^~.(\[]|\b(?:not|if|lambda)\b")
_BLOCKS = ("body", "cases", "orelse", "finalbody", "handlers")


@dataclass(slots=True)
class _Segment:
    """A stretch of a statement that one expression can stand for."""

    start: int
    end: int = 0
    depth: float = 0


def shield(text: str, regions: Iterable[tuple[int, int]]) -> tuple[str, list[int]]:
    """The text with the too deep expressions inside the regions replaced, and the offsets of those."""
    pieces: list[str] = []
    replaced: list[int] = []
    done = 0
    for start, end in regions:
        for line in logical_lines(text[start:end]):
            for segment in _segments(line):
                if segment.depth > LIMIT:
                    first, last = start + segment.start, start + segment.end
                    pieces += (text[done:first], _placeholder_for(text[first:last]))
                    replaced.append(first)
                    done = last
    if not replaced:
        return text, replaced
    return "".join(pieces) + text[done:], replaced


def _placeholder_for(text: str) -> str:
    """A placeholder in parentheses, with the same length and the same line ends."""
    inside = re.sub(r"[^\r\n]", " ", text[1:-1])
    return "(" + inside.replace(" ", PLACEHOLDER, 1) + ")"


def _segments(line: list[Token]) -> Iterator[_Segment]:
    """The replaceable segments of a logical line, with the depth of the expression in each."""
    words = [found for _, found, _ in line[:2]]
    # In the header of a definition only what is inside the brackets can be replaced.
    base = 1 if "def" in words or words[0] == "class" else 0
    is_loop = "for" in words
    levels: list[float] = [0.0]
    operand = ""
    """The kind of operand that the last token ended, if it ended one."""
    segment: _Segment | None = None
    for index, (kind, found, offset) in enumerate(line):
        inside = len(levels) > base
        if kind == "operator" and found in "([{":
            levels[-1] += 1.0 if operand else 0.0
            levels.append(1.0)
            operand = ""
        elif kind == "operator" and found in ")]}":
            if len(levels) > 1:
                levels.pop()
            inside = len(levels) > base
            operand = "bracket"
        elif len(levels) == base + 1 and _is_boundary(kind, found, index, is_loop):
            levels[-1] = 0.0
            inside = False
            operand = ""
        elif kind == "operator":
            if found in _SEPARATORS:
                levels[-1] = 1.0
            else:
                levels[-1] += _FLAT if found in _FLAT_OPERATORS else 1.0
            operand = ""
        elif kind == "string":
            levels[-1] += _FLAT if operand == "string" else 0.0
            operand = "string"
        elif found in _LEVEL_WORDS or found in ("and", "or"):
            levels[-1] += 1.0 if found in _LEVEL_WORDS else _FLAT
            operand = ""
        else:
            operand = "name"
        if not inside:
            if segment is not None:
                yield segment
            segment = None
            continue
        if segment is None:
            segment = _Segment(offset)
        segment.end = offset + len(found)
        segment.depth = max(segment.depth, sum(levels) + _depth_in_string(kind, found))
    if segment is not None:
        yield segment


def _is_boundary(kind: str, found: str, index: int, is_loop: bool) -> bool:
    """Whether a token outside of all brackets ends one expression of a statement and begins another."""
    if kind == "operator" and (found in _SEPARATORS or (found[-1] == "=" and found not in _FLAT_OPERATORS)):
        return True
    if index < 2 and found in ("async", "for", "with"):
        return True
    if index == 0 and found in _FIRST_WORDS:
        return True
    return kind == "name" and (found in ("as", "from") or (is_loop and found == "in"))


def _depth_in_string(kind: str, text: str) -> float:
    """An upper bound of the depth of the expressions in an f-string."""
    if kind != "string" or len(text) < LIMIT or "{" not in text or "f" not in text[:2].lower():
        return 0.0
    return float(max((len(_FIELD_LEVELS.findall(field)) for field in _FIELD.findall(text)), default=0))


def suspicious_regions(tree: ast.Module, table: LineTable) -> list[tuple[int, int]]:
    """Where a too deep expression may be: statements, or their headers, with that many operators, in source order."""
    regions: list[tuple[int, int]] = []
    text, starts = table.text, table.starts
    stack: list[Any] = list(tree.body)
    while stack:
        node = stack.pop()
        inner = [part for name in _BLOCKS for part in getattr(node, name, ())]
        if inner:
            stack.extend(inner)
            last_line = _first_line(inner[0])
        elif type(node) is ast.Expr and type(node.value) is ast.Constant:
            continue
        else:
            last_line = node.end_lineno
        start, end = starts[_first_line(node) - 1], starts[last_line]
        if end - start > LIMIT and len(_LEVELS.findall(text, start, end)) > LIMIT:
            regions.append((start, end))
    return _merged(sorted(regions))


def _first_line(node: Any) -> int:
    if isinstance(node, ast.match_case):
        node = node.pattern
    decorators = getattr(node, "decorator_list", None)
    line: int = decorators[0].lineno if decorators else node.lineno
    return line


def _merged(regions: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in regions:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
