"""ATN004: the file is beyond what the parser takes."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN004",
    name="too-complex",
    summary="The file is beyond what the parser takes",
    explanation="""\
Brackets are nested thousands of levels deep, or an expression chains thousands of operators. Python itself refuses
some of these files; on others the parser would need hours or more stack than there is. Such files are written by
programs. The other files of the run are still checked.
""",
    failing="",
    passing="",
    how_to_fix="""\
Exclude generated files of this kind: `extend-exclude` in the configuration.
""",
)
