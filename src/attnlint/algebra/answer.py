"""The three answers to a mathematical question."""

from __future__ import annotations

from enum import Enum
from typing import NoReturn


class Answer(Enum):
    """Provably so, provably not so, or open. Never a bool: an open answer must be looked at."""

    YES = "yes"
    NO = "no"
    OPEN = "open"

    def __bool__(self) -> NoReturn:
        raise TypeError("an Answer has three values: compare it with `is`")

    def __repr__(self) -> str:
        return f"Answer.{self.name}"

    @property
    def negated(self) -> Answer:
        """The answer to the opposite question."""
        if self is Answer.YES:
            return Answer.NO
        return Answer.YES if self is Answer.NO else Answer.OPEN
