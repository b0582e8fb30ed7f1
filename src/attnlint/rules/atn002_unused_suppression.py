"""ATN002: a suppression comment suppresses nothing."""

from __future__ import annotations

from attnlint.rules.rule import Rule

RULE = Rule(
    code="ATN002",
    name="unused-suppression",
    summary="A suppression comment suppresses nothing",
    explanation="""\
A `# noqa: ATN101` or `# attnlint: ignore[ATN101]` stands at a statement that has no such finding any more. Left in
place it would hide the next one. Only codes of attnlint are looked at, and only comments that name one: a bare `#
noqa` may be there for another tool.

Off unless selected by its own code or family (`--extend-select ATN002`).
""",
    failing="""\
import torch

query = torch.randn(10, 512)
key = torch.randn(10, 512)
scores = query @ key.transpose(0, 1)  # noqa: ATN101  # error: ATN002
""",
    passing="""\
import torch

query = torch.randn(10, 512)
key = torch.randn(10, 512)
scores = query @ key.transpose(0, 1)
""",
    how_to_fix="""\
Delete the comment, or the code that is no longer needed in it.
""",
    severity="warning",
    opt_in=True,
)
