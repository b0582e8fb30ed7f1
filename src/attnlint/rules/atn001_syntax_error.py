"""ATN001: the file is not valid Python."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN001",
    name="syntax-error",
    summary="The file is not valid Python",
    explanation="""\
The file does not parse, so nothing in it was checked. The message is Python's own, with the place. A file with NUL
characters is reported here as well. The other files of the run are still checked.
""",
    failing="""\
import torch

scores = torch.randn(2, 3  # error: ATN001
""",
    passing="""\
import torch

scores = torch.randn(2, 3)
""",
    how_to_fix="""\
Repair the syntax at the place shown.
""",
)
