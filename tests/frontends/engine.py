"""A stand-in for the analysis, so that the front ends are tested for what they do themselves.

A line with ``# finding: ATN101`` has that finding, over the text before the comment; ``# crash`` makes it fail.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from attnlint.check import FileError, FileReport
from attnlint.findings import Evidence, Finding, Operand, Range
from attnlint.selection import reported
from attnlint.settings import Settings

BAD = "import torch\nscores = torch.bmm(a, b)  # finding: ATN103\n"
WORSE = "import torch\nx = a @ b  # finding: ATN101\ny = a.view(3)  # finding: ATN105\nz = b @ a  # finding: ATN101\n"
GOOD = "import torch\n"

_MARK = re.compile(r"# finding: (ATN\d{3})")


def check_source(text: str | bytes, path: str, settings: Settings, project: object = None) -> FileReport:
    """What the real one would be asked for."""
    decoded = text.decode() if isinstance(text, bytes) else text
    if "# crash" in decoded:
        raise ZeroDivisionError("on purpose")
    lines = decoded.splitlines()
    if "torch" not in decoded:
        return FileReport(path, lines=len(lines), skipped=True)
    if "(((" in decoded:
        return FileReport(path, error=FileError("ATN001", "'(' was never closed", 1, 3), lines=len(lines))
    findings = []
    for number, line in enumerate(lines, 1):
        if match := _MARK.search(line):
            end = len(line[: match.start()].rstrip()) + 1
            place = Range(number, 1, number, end)
            findings.append(
                Finding(
                    code=match[1],
                    path=path,
                    range=place,
                    message=f"{line[: end - 1]}: does not fit",
                    advice="do something else",
                    operands=(Operand("a", "(10, 512)", "float32", place),),
                    evidence=Evidence("torch.bmm"),
                )
            )
    kept, suppressed = reported(findings, decoded, path, settings)
    return FileReport(path, kept, lines=len(lines), suppressed=suppressed, notes=("one note",))


def write(**files: str) -> None:
    """Write Python files into the current folder; ``sub__name`` is ``sub/name.py``."""
    for name, text in files.items():
        path = Path(name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the stand-in in place of the analysis, in this process and in those that it forks."""
    monkeypatch.setattr("attnlint.parallel.check_source", check_source)
