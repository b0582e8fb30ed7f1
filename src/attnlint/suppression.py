"""Comments that suppress findings: ``# noqa`` as flake8 reads it, ``# attnlint: ignore[...]``, ``# attnlint: off``."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass, field

from attnlint.findings import Finding, Range

# The two expressions of flake8 (flake8/defaults.py): a comment must mean the same in both tools.
NOQA = re.compile(r"# noqa(?::[\s]?(?P<codes>([A-Z]+[0-9]+(?:[,\s]+)?)+))?", re.IGNORECASE)
NOQA_FILE = re.compile(r"\s*# flake8[:=]\s*noqa", re.IGNORECASE)

IGNORE = re.compile(r"#\s*attnlint:\s*ignore(?:\[(?P<codes>[^\]]*)\])?", re.IGNORECASE)
OFF = re.compile(r"\s*#\s*attnlint:\s*off\b", re.IGNORECASE)

_OWN_CODE = re.compile(r"ATN\d*")


@dataclass(slots=True)
class _Comment:
    """A suppression in one stretch of lines."""

    line: int
    start: int
    """Where the comment begins in its line, counted from 0, and where it ends."""
    end: int
    codes: tuple[str, ...] | None
    """``None``: all codes."""
    used: set[str] = field(default_factory=set)

    def covers(self, code: str) -> bool:
        if self.codes is None:
            return True
        hits = [one for one in self.codes if code.startswith(one)]
        self.used.update(hits)
        return bool(hits)


class Suppressions:
    """The suppression comments of one file."""

    def __init__(self, text: str) -> None:
        # Not str.splitlines: it also splits at form feeds and the like, which end no line in Python.
        self._lines = io.StringIO(text, newline=None).readlines()
        self._text = text
        lower = text.lower()
        self._has_noqa = "noqa" in lower
        self._has_own = "attnlint:" in lower
        self.whole_file = (self._has_noqa and any(map(NOQA_FILE.match, self._lines))) or (
            self._has_own and any(map(OFF.match, self._lines))
        )
        self._stretches: dict[int, tuple[int, int]] | None = None
        self._comments: dict[int, list[_Comment]] = {}

    def suppresses(self, finding: Finding) -> bool:
        """Whether a comment of the file suppresses a finding."""
        if self.whole_file:
            return True
        if not (self._has_noqa or self._has_own):
            return False
        # Both are asked, not only the first that answers: each comment must know that it was used.
        covering = [comment.covers(finding.code) for comment in self._comments_at(finding.range.line)]
        return any(covering)

    def unused(self) -> Iterable[tuple[Range, tuple[str, ...]]]:
        """The comments that name codes of ours of which some suppressed nothing: where, and those codes. Ask after all
        findings were offered to ``suppresses``."""
        if self.whole_file or not (self._has_noqa or self._has_own):
            return
        for line in range(1, len(self._lines) + 1):
            for comment in self._comments_at(line):
                if comment.line != line or comment.codes is None:
                    continue
                ours = [code for code in comment.codes if _OWN_CODE.fullmatch(code)]
                idle = tuple(code for code in ours if code not in comment.used)
                if idle:
                    yield Range(line, comment.start + 1, line, comment.end + 1), idle

    def _comments_at(self, line: int) -> list[_Comment]:
        if self._stretches is None:
            self._stretches = stretches(self._text)
        first, last = self._stretches.get(line, (line, line))
        known = self._comments.get(first)
        if known is None:
            known = self._comments[first] = list(self._read(first, last))
        return known

    def _read(self, first: int, last: int) -> Iterable[_Comment]:
        joined = "".join(self._lines[first - 1 : last])
        # Of several noqa comments in a stretch flake8 reads the first; so do we.
        found = [NOQA.search(joined) if self._has_noqa else None]
        if self._has_own:
            found.extend(IGNORE.finditer(joined))
        for match in found:
            if match is not None:
                before = joined[: match.start()]
                line = first + before.count("\n")
                start = match.start() - (before.rfind("\n") + 1)
                codes = None if match["codes"] is None else tuple(re.findall(r"[^,\s]+", match["codes"]))
                yield _Comment(line, start, start + len(match[0].rstrip()), codes)


def stretches(text: str) -> dict[int, tuple[int, int]]:
    """For each line the first and last line in which a comment counts for it: the lines that one token (a string) or
    backslashes hold together, as in flake8. Empty when the text has no tokens."""
    found: dict[int, tuple[int, int]] = {}
    first: int | None = None
    last = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
            if token.type in (tokenize.ENDMARKER, tokenize.DEDENT):
                continue
            first = token.start[0] if first is None else first
            last = max(last, token.end[0])
            if token.type in (tokenize.NL, tokenize.NEWLINE):
                if last > first:
                    found.update(dict.fromkeys(range(first, last + 1), (first, last)))
                first, last = None, 0
    except (tokenize.TokenError, SyntaxError, RecursionError):
        return {}
    return found


def add_noqa(text: str, findings: Iterable[Finding]) -> tuple[str, int]:
    """The text with a ``# noqa`` for each finding, and how many were written."""
    lines = io.StringIO(text, newline="").readlines()
    together = stretches(text)
    wanted: dict[int, set[str]] = {}
    for finding in findings:
        wanted.setdefault(together.get(finding.range.line, (finding.range.line,) * 2)[0], set()).add(finding.code)
    written = 0
    for first, codes in sorted(wanted.items()):
        last = together.get(first, (first, first))[1]
        if last > len(lines):
            continue
        written += len(codes)
        if not _extend_noqa(lines, first, last, codes):
            body = lines[last - 1].rstrip("\r\n")
            ending = lines[last - 1][len(body) :]
            lines[last - 1] = f"{body.rstrip()}  # noqa: {', '.join(sorted(codes))}{ending}"
    return "".join(lines), written


def _extend_noqa(lines: list[str], first: int, last: int, codes: set[str]) -> bool:
    """Add codes to the noqa comment that stands there already, if one does."""
    for index in range(first - 1, last):
        match = NOQA.search(lines[index])
        if match is None:
            continue
        if match["codes"] is not None:
            present = re.findall(r"[^,\s]+", match["codes"])
            missing = sorted(codes - set(present))
            end = match.start("codes") + len(match["codes"].rstrip(", \t\r\n"))
            lines[index] = lines[index][:end] + "".join(f", {code}" for code in missing) + lines[index][end:]
        return True
    return False
