"""Keeps from libcst's native parser what it cannot take.

It dies without an exception at some thousand nested brackets (at a hundred on a small stack), and its time grows with
the square of the length of an operator chain: ``1 + 1 + ...`` of 10,000 terms takes a minute. Nobody writes such
expressions, but programs do. They are replaced by a placeholder of the same length, so that every position stays what
it was, and lowered to :class:`~attnlint.syntax.nodes.Opaque`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from attnlint.syntax.lines import LineTable
from attnlint.syntax.placeholders import PLACEHOLDER
from attnlint.syntax.scanner import Token, logical_lines

LIMIT = 200
"""How deep an expression may be. One operator, attribute or call of a chain is a level."""

_BRACKETS = 2.0
"""What a pair of brackets costs: it takes some kilobytes of libcst's stack, of which Windows has one megabyte."""

_FLAT = 0.4
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
_BLOCKS: dict[type, tuple[str, ...]] = {
    ast.If: ("body", "orelse"),
    ast.For: ("body", "orelse"),
    ast.AsyncFor: ("body", "orelse"),
    ast.While: ("body", "orelse"),
    ast.With: ("body",),
    ast.AsyncWith: ("body",),
    ast.FunctionDef: ("body",),
    ast.AsyncFunctionDef: ("body",),
    ast.ClassDef: ("body",),
    ast.Try: ("body", "handlers", "orelse", "finalbody"),
    ast.ExceptHandler: ("body",),
    ast.Match: ("cases",),
    ast.match_case: ("body",),
}
_DECORATED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
if sys.version_info >= (3, 11):
    _BLOCKS[ast.TryStar] = _BLOCKS[ast.Try]


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
    depth = _Depth()
    segment: _Segment | None = None
    for index, (kind, found, offset) in enumerate(line):
        # An opening bracket belongs to the level outside of it, and so does a closing one.
        inside = depth.brackets >= base
        at_base = depth.brackets == base and depth.open_lambdas() == 0
        if at_base and _is_boundary(kind, found, index, is_loop):
            depth.restart()
            inside = False
        else:
            depth.add(kind, found)
            inside = inside and depth.brackets >= base
        if not inside:
            if segment is not None:
                yield segment
            segment = None
            continue
        if segment is None:
            segment = _Segment(offset)
        segment.end = offset + len(found)
        segment.depth = max(segment.depth, depth.total + _depth_in_string(kind, found))
    if segment is not None:
        yield segment


class _Depth:
    """How deep the syntax tree is at a token, over-estimated: the chain so far in each open bracket, summed up."""

    def __init__(self) -> None:
        self.total = 0.0
        self._levels = [0.0]
        self._lambdas = [0]
        self._operand = ""
        """The kind of operand that the last token ended, if it ended one."""

    @property
    def brackets(self) -> int:
        """How many brackets are open."""
        return len(self._levels) - 1

    def open_lambdas(self) -> int:
        """The lambdas at this level whose colon is still to come."""
        return self._lambdas[-1]

    def restart(self, level: float = 0.0) -> None:
        """Begin another expression at the same level."""
        self.total += level - self._levels[-1]
        self._levels[-1] = level
        self._operand = ""

    def _count(self, amount: float) -> None:
        self._levels[-1] += amount
        self.total += amount
        self._operand = ""

    def add(self, kind: str, found: str) -> None:
        """Take the next token into account."""
        if kind == "operator":
            self._add_operator(found)
        elif kind == "string":
            self._count(_FLAT if self._operand == "string" else 0.0)
            self._operand = "string"
        elif found in ("and", "or"):
            self._count(_FLAT)
        elif found in _LEVEL_WORDS:
            self._count(1.0)
            if found == "lambda":
                self._lambdas[-1] += 1
        else:
            self._operand = "name"

    def _add_operator(self, found: str) -> None:
        if found in "([{":
            self._count(1.0 if self._operand else 0.0)
            self._levels.append(0.0)
            self._lambdas.append(0)
            self._count(_BRACKETS)
        elif found in ")]}":
            if self.brackets:
                self.total -= self._levels.pop()
                self._lambdas.pop()
            self._operand = "bracket"
        elif found == ":" and self._lambdas[-1]:
            self._lambdas[-1] -= 1
            self._operand = ""
        elif found in _SEPARATORS and not self._lambdas[-1]:
            self.restart(_BRACKETS if self.brackets else 0.0)
        else:
            self._count(_FLAT if found in _FLAT_OPERATORS or found in _SEPARATORS else 1.0)


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


def is_suspicious(text: str) -> bool:
    """Whether a too deep expression may be anywhere in a text: it takes that many operators."""
    return len(text) > LIMIT and len(_LEVELS.findall(text)) * 3 > LIMIT


def suspicious_regions(tree: ast.Module, table: LineTable) -> list[tuple[int, int]]:
    """Where a too deep expression may be: statements, or their headers, with that many operators, in source order."""
    regions: list[tuple[int, int]] = []
    text, starts = table.text, table.starts
    stack: list[Any] = list(tree.body)
    while stack:
        node = stack.pop()
        kind = type(node)
        blocks = _BLOCKS.get(kind)
        if blocks is not None:
            for name in blocks:
                stack += getattr(node, name)
            end = starts[_first_line(getattr(node, blocks[0])[0])]
        else:
            end = starts[node.end_lineno]
        start = starts[_first_line(node) - 1]
        # One level takes a character at least, and no token is more than three levels.
        if end - start > LIMIT and not (kind is ast.Expr and type(node.value) is ast.Constant):
            count = len(_LEVELS.findall(text, start, end))
            if count * 3 > LIMIT:
                regions.append((start, end))
    return _merged(sorted(regions))


def _first_line(node: Any) -> int:
    if type(node) is ast.match_case:
        node = node.pattern
    line: int = node.lineno
    if isinstance(node, _DECORATED) and node.decorator_list:
        line = node.decorator_list[0].lineno
    return line


def _merged(regions: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in regions:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
