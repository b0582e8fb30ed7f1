"""ATN004: attnlint itself failed on the file."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN004",
    name="internal-error",
    summary="attnlint itself failed on the file",
    explanation="""\
A bug in attnlint. The file counts as not checked, the other files are still checked. Please report it with the
file, or the smallest part of it that still shows the error.
""",
    failing="",
    passing="",
    how_to_fix="""\
Run again with `-v` for the traceback, and report it.
""",
)
