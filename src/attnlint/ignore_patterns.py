"""Patterns as in ``.gitignore``."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Pattern:
    regex: re.Pattern[str]
    anchored: bool
    negated: bool
    only_folders: bool


class IgnorePatterns:
    """An ordered list of patterns, relative to a folder. The last one that matches a path decides."""

    def __init__(self, base: str, lines: Iterable[str]) -> None:
        self._base = os.path.abspath(base)
        self._patterns = [pattern for line in lines if (pattern := _parse(line)) is not None]

    @staticmethod
    @functools.lru_cache(maxsize=256)
    def cached(base: str, lines: tuple[str, ...]) -> IgnorePatterns:
        """The same patterns are compiled once."""
        return IgnorePatterns(base, lines)

    def decide(self, path: str, *, is_folder: bool) -> bool | None:
        """Whether an absolute path itself is ignored; ``None`` if no pattern matches. Outside the folder only patterns
        without a slash can match, by the name."""
        relative = self._relative(path)
        for pattern in reversed(self._patterns):
            if (pattern.only_folders and not is_folder) or (pattern.anchored and relative is None):
                continue
            if pattern.regex.fullmatch(os.path.basename(path) if relative is None else relative):
                return not pattern.negated
        return None

    def ignores_or_parent(self, path: str) -> bool:
        """Whether a file (any path), or a folder above it up to the base, is ignored."""
        absolute = os.path.abspath(path)
        relative = self._relative(absolute)
        if relative is None:
            return self.decide(absolute, is_folder=False) or False
        parts = relative.split("/")
        for length in range(1, len(parts) + 1):
            place = os.path.join(self._base, *parts[:length])
            if self.decide(place, is_folder=length < len(parts)):
                return True
        return False

    def _relative(self, path: str) -> str | None:
        prefix = self._base if self._base.endswith(os.sep) else self._base + os.sep
        if not path.startswith(prefix):
            return None
        return path[len(prefix) :].replace(os.sep, "/")


def _parse(line: str) -> _Pattern | None:
    """One line of a ``.gitignore``; ``None`` for a comment, an empty line, or what is no pattern."""
    text = line.rstrip("\r\n")
    while text.endswith(" ") and not text.endswith("\\ "):
        text = text[:-1]
    if not text or text.startswith("#"):
        return None
    negated = text.startswith("!")
    text = text.removeprefix("!")
    only_folders = text.endswith("/")
    text = text.rstrip("/") if only_folders else text
    anchored = "/" in text
    text = text.removeprefix("/")
    if not text:
        return None
    try:
        regex = re.compile(("" if anchored else "(?:.*/)?") + _translate(text), re.DOTALL)
    except re.error:
        return None
    return _Pattern(regex, anchored, negated, only_folders)


_PIECE = re.compile(
    r"""(?P<leading>^\*\*/)|(?P<trailing>/\*\*$)|(?P<middle>/\*\*/)|(?P<star>\*+)|(?P<one>\?)
    |(?P<set>\[[!^]?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\])|\\(?P<escaped>.)|(?P<literal>.)""",
    re.VERBOSE | re.DOTALL,
)
_CLASSES = {"alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z", "space": r"\s"}


def _translate(glob: str) -> str:
    parts: list[str] = []
    position = 0
    while position < len(glob):
        match = _PIECE.match(glob, position)
        if match is None:
            raise re.error("a backslash at the end")
        position = match.end()
        kind = match.lastgroup
        if kind == "leading":
            parts.append("(?:.*/)?")
        elif kind == "trailing":
            parts.append("/.+")
        elif kind == "middle":
            # "/**/" may be "/" alone; the slash that ends it may begin the next "/**/".
            parts.append("/(?:.*/)?")
            while glob.startswith("**/", position):
                position += 3
        elif kind == "star":
            parts.append("[^/]*")
        elif kind == "one":
            parts.append("[^/]")
        elif kind == "set":
            parts.append(_translate_set(match["set"]))
        else:
            parts.append(re.escape(match["escaped"] or match["literal"]))
    return "".join(parts)


def _translate_set(text: str) -> str:
    inner = text[1:-1]
    negated = inner[:1] in ("!", "^")
    inner = inner[1:] if negated else inner
    inner = re.sub(r"\[:(\w+):\]", lambda match: _CLASSES.get(match[1], ""), inner)
    inner = inner.replace("[", r"\[").replace("&&", r"&\&")
    inner = r"\]" + inner[1:] if inner.startswith("]") else inner
    return f"(?!/)[{'^' if negated else ''}{inner}]"
