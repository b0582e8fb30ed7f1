"""What was looked at in a file while something ran: what else is edited cannot concern it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(slots=True)
class Reads:
    """Names of the top level, bodies of functions, words."""

    names: set[str] = field(default_factory=set)
    """Looked up among the global names, whether there or not."""
    bodies: set[int] = field(default_factory=set)
    """Functions whose bodies were looked at: run, or searched for what they mention. By the number of their first
    node."""
    words: dict[re.Pattern[str], bool] = field(default_factory=dict)
    """What the text was searched for, and whether it was found."""
    is_all: bool = False
    """Somebody has the whole module in hand."""

    def update(self, other: Reads) -> None:
        """Add what else was looked at."""
        self.names |= other.names
        self.bodies |= other.bodies
        self.words.update(other.words)
        self.is_all |= other.is_all
