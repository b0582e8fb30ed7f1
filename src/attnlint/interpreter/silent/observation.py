"""What a rule about silent mistakes sees: one call of an op that succeeded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, TypeVar

from attnlint.algebra.effort import EFFORT
from attnlint.findings import Property
from attnlint.frozen import frozen
from attnlint.interpreter import reports
from attnlint.ops.complaint import Complaint
from attnlint.syntax import nodes
from attnlint.syntax.walk import descendants
from attnlint.values import Instance, Maker, Value

if TYPE_CHECKING:
    from attnlint.algebra import Dim
    from attnlint.interpreter.run import Run
    from attnlint.ops.call import Call
    from attnlint.ops.registry import Op
    from attnlint.syntax.nodes import Node


T = TypeVar("T")


@frozen
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
    found: dict[str, tuple[Any, int]] = field(default_factory=dict)
    """What several watchers look for, by its name, and what it took to find it."""

    def once(self, name: str, look: Callable[[], T]) -> T:
        """What ``look`` finds; it is called for the first watcher who asks."""
        known = self.found.get(name)
        if known is None:
            begun = EFFORT.spent
            known = self.found[name] = (look(), 0)
            self.found[name] = (known[0], EFFORT.spent - begun)
        else:
            EFFORT.spent += known[1]  # A budget does not depend on who has asked before.
        found: T = known[0]
        return found

    def report(
        self,
        complaint: Complaint,
        wanted: Property | None,
        *,
        certain: bool = True,
        at: Maker | None = None,
        several: tuple[Dim, ...] = (),
        alone: bool = False,
    ) -> None:
        """Make a finding of the call; ``certain=False`` is for ``--preview`` only.

        ``wanted`` is the property that the verifier sees broken. ``at`` is the earlier call to which the finding
        belongs (the softmax, seen from the product with the values); where it stands in another file than the one that
        is checked, the finding stays here. ``several`` are sizes that must be at least 2 for the property to be
        seen broken. ``alone``: it counts also where the operand is one of several (a mask that is only there if it is
        passed) and the others are right.
        """
        if any(is_about_rank(self.run, condition) for condition, _, _ in self.run.conditions):
            # A branch for inputs of another rank: which meaning their axes have is for those who come with them.
            return
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
            # Nothing raises: without a property there is nothing to see.
            wanted=wanted or Property("", {}),
            at=at,
            several=several,
            alone=alone,
        )


def is_about_rank(run: Run, condition: Node) -> bool:
    """Whether a condition asks for the number of axes, itself or by a name that was given it."""
    if id(condition) in run.about_rank:
        return True
    parts = list(descendants(condition))
    names = {part.name for part in parts if isinstance(part, nodes.Name)}
    assigned = [
        part
        for frame in run.frames
        if frame.function is not None and isinstance(frame.function.node, nodes.FunctionDef)
        for statement in frame.function.node.body
        if isinstance(statement, nodes.Assign) and statement.value is not None
        if any(isinstance(target, nodes.Name) and target.name in names for target in statement.targets)
        for part in descendants(statement.value)
    ]
    return any(isinstance(part, nodes.Attribute) and part.name in ("ndim", "dim") for part in (*parts, *assigned))


Watcher = Callable[[Observation], None]
"""Looks at one call and reports what it finds wrong with it."""
