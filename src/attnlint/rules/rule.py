"""What a rule is: everything that is said about a code, in one object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DOCUMENTATION_URL = "https://github.com/attnlint/attnlint/blob/main/docs/rules"
"""Where the generated pages live; the only place that knows it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One code. The command line, the pages under ``docs/rules`` and the table in the README are all made from it."""

    code: str
    name: str
    """The slug: ``matmul-inner-dimension``. Never reused for another claim, like the code."""
    summary: str
    """One line, without a full stop."""
    explanation: str
    """What is claimed and why it matters, in Markdown."""
    failing: str
    """A whole program. A line that is reported ends in ``# error: CODE``. Empty for a rule about the outside world."""
    passing: str
    """The same program, right."""
    how_to_fix: str
    severity: Literal["error", "warning"] = "error"
    since: str = "0.1.0"
    preview: bool = False
    opt_in: bool = False
    """Reported only when it is selected by more than the bare family: ``--select ATN002``."""

    @property
    def url(self) -> str:
        """The page of the rule."""
        return f"{DOCUMENTATION_URL}/{self.code}.md"

    @property
    def raises(self) -> bool:
        """The claim is that torch raises at the reported line."""
        return self.code.startswith("ATN1")
