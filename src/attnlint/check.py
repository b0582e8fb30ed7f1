"""Source text to findings: the one function that every front end calls.

Parse, interpret, place in the source, apply the selection of rules and the suppressions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnlint.findings import Finding

if TYPE_CHECKING:
    from attnlint.config import Settings
    from attnlint.interpreter import Project


@dataclass(frozen=True, slots=True)
class FileError:
    """Why a file could not be checked: one clear line."""

    code: str
    """``ATN001`` syntax error, ``ATN003`` unreadable, ``ATN004`` beyond what the parser takes."""
    message: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class FileReport:
    """What came of one file."""

    path: str
    findings: tuple[Finding, ...] = ()
    error: FileError | None = None
    lines: int = 0
    skipped: bool = False
    """No word of torch in it: nothing was parsed."""
    notes: tuple[str, ...] = ()
    """Where a budget cut in, what was left opaque (shown with ``-v``)."""
    suppressed: int = 0
    dependencies: tuple[str, ...] = ()
    """Project files that the result depends on (for the cache and the editor)."""


def check_source(text: str | bytes, path: str, settings: Settings, project: Project | None = None) -> FileReport:
    """Check one source text. ``path`` names it in the findings and is where imports are resolved from.

    Raises nothing for bad input: that is in ``FileReport.error``.
    """
    raise NotImplementedError
