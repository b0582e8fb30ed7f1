"""What a rule about silent mistakes sees: one call of an op that succeeded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnlint.interpreter import reports
from attnlint.ops.complaint import Complaint
from attnlint.values import Instance, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.ops.call import Call
    from attnlint.ops.registry import Op
    from attnlint.syntax.nodes import Node


@dataclass(frozen=True, slots=True)
class Observation:
    """A call that torch runs without an error: its bound arguments, its result, and where it stands."""

    run: Run
    op: Op
    call: Call
    """``call.arguments`` holds the arguments by the names of the op's signature."""
    result: Value
    arguments: tuple[Value, ...]
    keywords: Mapping[str, Value]
    node: Node
    evidence: str
    """The name under which the operation can be run again."""
    layer: Instance | None

    def report(self, complaint: Complaint, *, certain: bool = True) -> None:
        """Make a finding of the call; ``certain=False`` is for ``--preview`` only."""
        reports.report(
            self.run,
            complaint,
            self.op,
            self.call,
            self.arguments,
            self.keywords,
            self.node,
            self.evidence,
            self.layer,
            certain=certain,
        )


Watcher = Callable[[Observation], None]
"""Looks at one call and reports what it finds wrong with it."""
