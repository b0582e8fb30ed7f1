"""What a run found: the one thing that every output format is given."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attnlint.findings import Finding, Range

if TYPE_CHECKING:
    from attnlint.check import FileError


class Sources:
    """The lines of the files that findings point into, read when they are first shown."""

    def __init__(self, texts: dict[str, str] | None = None) -> None:
        """``texts``: files that are not on disk as they were checked (standard input), by path."""
        self._lines = {path: _split(text) for path, text in (texts or {}).items()}

    def lines(self, path: str) -> Sequence[str]:
        """The lines of a file without their ends; none when it cannot be read any more."""
        known = self._lines.get(path)
        if known is None:
            known = self._lines[path] = _read(path)
        return known

    def text(self, path: str, place: Range) -> str:
        """The lines of a range without indentation, as one text; empty when they are not there."""
        return "\n".join(line.strip() for line in self.lines(path)[place.line - 1 : place.end_line])


def _read(path: str) -> list[str]:
    try:
        with open(path, "rb") as file:
            encoding, _ = tokenize.detect_encoding(file.readline)
            file.seek(0)
            return _split(file.read().decode(encoding, errors="replace"))
    except (OSError, SyntaxError, LookupError):
        return []


def _split(text: str) -> list[str]:
    # Not str.splitlines: it also splits at form feeds and the like, which end no line in Python.
    return [line.removesuffix("\n") for line in io.StringIO(text, newline=None)]


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be checked."""

    path: str
    error: FileError

    def as_finding(self) -> Finding:
        """The same in the form of a finding, for formats that other programs read."""
        place = Range(self.error.line, self.error.column, self.error.line, self.error.column)
        return Finding(code=self.error.code, path=self.path, range=place, message=self.error.message)

    def line(self) -> str:
        """One line for a person."""
        return f"{self.path}:{self.error.line}:{self.error.column}: {self.error.code} {self.error.message}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found."""

    findings: tuple[Finding, ...] = ()
    """What is reported, in order."""
    failures: tuple[Failure, ...] = ()
    refuted: tuple[Finding, ...] = ()
    """Findings that torch refuted: withheld."""
    baselined: int = 0
    """Findings that the baseline knows: withheld."""
    suppressed: int = 0
    checked: int = 0
    """Files that were checked, those without a word of torch included."""
    skipped: int = 0
    """Those without a word of torch."""
    lines: int = 0
    verified: bool = False
    """Verification was asked for."""
    problem: str = ""
    """Why nothing could be verified."""
    sources: Sources = field(default_factory=Sources)

    @property
    def everything(self) -> tuple[Finding, ...]:
        """The findings, and the files that could not be checked as findings: for formats that other programs read."""
        both = (*self.findings, *(failure.as_finding() for failure in self.failures))
        return tuple(sorted(both, key=lambda finding: finding.sort_key))
