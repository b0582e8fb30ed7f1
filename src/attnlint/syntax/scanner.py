"""A scanner for Python text that needs no parser and cannot fail: comments, strings, joined lines, tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

Token = tuple[str, str, int]
"""Kind, text and offset."""

_STRINGS = (
    r"'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''"
    r'|"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""'
    r"|'[^'\\\r\n]*(?:\\(?:\r\n|.)[^'\\\r\n]*)*'"
    r'|"[^"\\\r\n]*(?:\\(?:\r\n|.)[^"\\\r\n]*)*"'
)
_CONTINUED = r"\\(?:\r\n|\r|\n)"

_OUTSIDE = re.compile(rf"(?P<string>{_STRINGS})|(?P<comment>#[^\r\n]*)|(?P<continued>{_CONTINUED})", re.DOTALL)

_TOKEN = re.compile(
    rf"(?P<string>[rRbBuUfFtT]{{0,2}}(?:{_STRINGS}))"
    r"|(?P<comment>#[^\r\n]*)"
    rf"|(?P<continued>{_CONTINUED})"
    r"|(?P<newline>\r\n|\r|\n)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\w*)"
    r"|(?P<name>\w+)"
    r"|(?P<operator>\*\*=?|//=?|>>=?|<<=?|!=|->|:=|[-+*/%@&|^=<>]=?|[~.,:;()\[\]{}])",
    re.DOTALL,
)

_FORMATTED = re.compile(r"""(?i:f|t|fr|rf|tr|rt)('{3}|"{3}|'|")""")
_PREFIX_BEFORE = re.compile(r"(?i:(?<!\w)(?:f|t|fr|rf|tr|rt))\Z")
_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
_DEEPEST = 20


def comments_and_joins(text: str) -> tuple[list[tuple[int, str]], list[tuple[int, int]]]:
    """The comments (offset, text), and the spans that join physical lines: multi-line strings and backslashes."""
    comments = []
    joins = []
    effort = _Effort(len(text))
    at = 0
    while match := _OUTSIDE.search(text, at):
        kind, (start, at) = match.lastgroup, match.span()
        if kind == "string" and (prefix := _PREFIX_BEFORE.search(text, max(start - 3, 0), start)):
            at = _end_of_string(text, prefix.start(), at, effort)
        found = text[start:at]
        if kind == "comment":
            comments.append((start, found))
        elif kind == "continued" or "\n" in found or "\r" in found:
            joins.append((start, at))
    return comments, joins


@dataclass(slots=True)
class _Effort:
    """Bounds the search for the ends of nested f-strings: what is no Python must not take for ever."""

    steps: int
    level: int = 0


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """The tokens of a text from an offset on. What is no token at all is passed over."""
    return _tokens(text, start, _Effort(len(text)))


def _tokens(text: str, start: int, effort: _Effort) -> Iterator[Token]:
    at = start
    while match := _TOKEN.search(text, at):
        kind, (begin, at) = match.lastgroup, match.span()
        assert kind is not None
        if kind == "string":
            at = _end_of_string(text, begin, at, effort)
        yield kind, text[begin:at], begin


def _end_of_string(text: str, start: int, end: int, effort: _Effort) -> int:
    """The end of a string that seems to end at ``end``.

    Since Python 3.12 the fields of an f-string may have its own quotes in them.
    """
    prefix = _FORMATTED.match(text, start, end)
    if prefix is None or text.count("{", start, end) == text.count("}", start, end) or effort.level > _DEEPEST:
        return end
    quotes = prefix[1]
    at = prefix.end()
    while at < len(text) and not (len(quotes) == 1 and text[at] in "\r\n"):
        if text.startswith(quotes, at):
            return at + len(quotes)
        if text.startswith(("{{", "}}"), at) or (text[at] == "\\" and text[at + 1 : at + 2] not in ("{", "}")):
            at += 2
        elif text[at] == "{":
            at = _end_of_field(text, at, effort)
        else:
            at += 1
    return end


def _end_of_field(text: str, start: int, effort: _Effort) -> int:
    """The end of the field of an f-string that begins at a brace; the end of the text where none is found."""
    depth = 0
    effort.level += 1
    for _, found, at in _tokens(text, start, effort):
        effort.steps -= 1
        if effort.steps < 0:
            break
        if found in _OPENING:
            depth += 1
        elif found in _CLOSING:
            depth -= 1
            if depth == 0:
                effort.level -= 1
                return at + 1
    effort.level -= 1
    return len(text)


def logical_lines(text: str) -> Iterator[list[Token]]:
    """The tokens of each logical line, without comments and line ends."""
    line: list[Token] = []
    depth = 0
    for token in tokens(text):
        kind, found, _ = token
        if kind == "newline":
            if depth == 0 and line:
                yield line
                line = []
            continue
        if kind in ("comment", "continued"):
            continue
        if kind == "operator":
            if found in "([{":
                depth += 1
            elif found in ")]}":
                depth = max(depth - 1, 0)
        line.append(token)
    if line:
        yield line
