"""How much the algebra has worked: counted, not timed, so that a budget that includes it cuts at the same place
everywhere."""

from __future__ import annotations

PER_STEP = 16
"""So much of this work costs about what a step of the interpreter costs."""

REWRITE = 6
LEARN = 12
ATTEMPT = 1
"""A round of rewriting, a fact taken in, an attempt at a proof."""


class Effort:
    """A counter of this process."""

    __slots__ = ("spent",)

    def __init__(self) -> None:
        self.spent = 0


EFFORT = Effort()
