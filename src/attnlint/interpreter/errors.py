"""How the interpretation of a piece of code ends early."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attnlint.syntax.nodes import Node
    from attnlint.values import Value


class Raised(Exception):
    """Python certainly raises here. User-level ``try`` catches it; at the top it ends the path silently."""

    def __init__(self, value: Value, node: Node | None = None) -> None:
        super().__init__(value)
        self.value = value
        self.node = node

    def leave_frames(self) -> None:
        """Let go of the frames that it came through, for whoever keeps it: they hold all that the path has made."""
        self.__traceback__ = None


class TrialFailed(BaseException):
    """A function that is tried with names exchanged works no better. (Not an ``Exception``: see below.)"""


class BudgetSpent(BaseException):
    """The entry used up its steps. (Not an ``Exception``: no guard around a shape rule may swallow it.)"""

    in_checked = 0
    """How many of them were used by functions of the checked file that it has come through."""
