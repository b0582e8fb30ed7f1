"""A scanner for Python text that needs no parser and cannot fail: comments, strings, joined lines, tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator

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


def comments_and_joins(text: str) -> tuple[list[tuple[int, str]], list[tuple[int, int]]]:
    """The comments (offset, text), and the spans that join physical lines: multi-line strings and backslashes."""
    comments = []
    joins = []
    for match in _OUTSIDE.finditer(text):
        found = match.group()
        if match.lastgroup == "comment":
            comments.append((match.start(), found))
        elif match.lastgroup == "continued" or "\n" in found or "\r" in found:
            joins.append(match.span())
    return comments, joins


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """The tokens of a text from an offset on. What is no token at all is passed over."""
    for match in _TOKEN.finditer(text, start):
        kind = match.lastgroup
        assert kind is not None
        yield kind, match.group(), match.start()


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
