"""ATN003: the file cannot be read."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN003",
    name="unreadable-file",
    summary="The file cannot be read",
    explanation="""\
The path does not exist, is a folder where a file is needed, may not be read, or its bytes are not text in the
encoding that it declares (UTF-8 when it declares none, as in Python itself). The other files of the run are still
checked.
""",
    failing="",
    passing="",
    how_to_fix="""\
Give a path that exists and can be read; save the file as UTF-8 or declare its encoding in the first line.
""",
)
