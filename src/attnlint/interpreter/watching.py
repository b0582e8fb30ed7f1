"""Someone who watches what statements make, in the checked file: the declared shapes are compared there and then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from attnlint.interpreter.objects import FunctionValue
    from attnlint.interpreter.run import Run
    from attnlint.interpreter.scopes import Frame
    from attnlint.syntax import nodes
    from attnlint.values import Value


class Watcher(Protocol):
    """Is told of the running of the checked file. It must not change anything."""

    undecided: set[int]
    """Functions, by node, that it wants to see with sizes of which nothing is known."""

    def entered(self, run: Run, frame: Frame, function: FunctionValue) -> None:
        """A function of the checked file begins; its parameters are bound."""

    def assigned(self, run: Run, node: nodes.Assign | nodes.AugmentedAssign, value: Value) -> None:
        """The value of an assignment is known, and not bound yet."""

    def returned(self, run: Run, node: nodes.Return | None, value: Value) -> None:
        """A path through the running function ends, in a ``return`` or without."""
