"""Coverage: which functions and statements of the checked file have run, so that nothing is entered without need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attnlint.interpreter.objects import FunctionValue
from attnlint.interpreter.scopes import active_functions
from attnlint.syntax import nodes
from attnlint.syntax.walk import descendants
from attnlint.values import Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run


def was_too_much(run: Run, label: str) -> bool:
    """Whether an entry spent its budget."""
    return f"{label}: the budget is spent" in run.analysis.notes


def forget_coverage(run: Run, before: tuple[set[int], set[int]], node: nodes.Node) -> None:
    """What an entry saw of other classes before it had to stop may be little: they are run on their own, too."""
    own = {each.id for each in descendants(node)}
    run.covered &= before[0] | own
    run.covered_functions &= before[1] | own


def undecided(run: Run, method: FunctionValue) -> bool:
    """Whether somebody wants to see a function with sizes of which nothing is known."""
    return method.node.id in run.unsettled or (run.watcher is not None and method.node.id in run.watcher.undecided)


def inputs_without_rank(run: Run, function: FunctionValue) -> tuple[Value, ...]:
    """What a ``forward`` of the checked file begins with of which no rank is known, when another function calls it."""
    if function.name != "forward" or active_functions(run) <= 1:
        return ()
    return tuple(value for value in run.scope.variables.values() if _has_no_rank(run, value))


def note_demanded_ranks(run: Run, function: FunctionValue, inputs: tuple[Value, ...]) -> None:
    """After a ``forward``: whether it gave a rank to what came without one.

    What it demands of the sizes was then no more than learnt; a run of its class on its own knows the axes apart.
    """
    if any(not _has_no_rank(run, value) for value in inputs):
        run.unsettled.add(function.node.id)


def _has_no_rank(run: Run, value: Value) -> bool:
    if type(value) is Unknown:
        value = run.refine(value)
    return type(value) is Unknown or (type(value) is Tensor and run.facts.resolve(value.shape).rank is None)


def uncovered(run: Run, function: nodes.FunctionDef | nodes.Lambda) -> bool:
    """Whether a statement of a function has not run."""
    if not run.has_run(function.id):
        return True
    if isinstance(function, nodes.Lambda):
        return False
    stack: list[nodes.Statement] = list(function.body)
    while stack:
        statement = stack.pop()
        if isinstance(statement, nodes.FunctionDef | nodes.ClassDef | nodes.Raise | nodes.Jump):
            continue
        if not run.has_run(statement.id):
            return not _only_raises(statement)
        stack += _inner(statement)
    return False


def _only_raises(statement: nodes.Statement) -> bool:
    return isinstance(statement, nodes.Raise | nodes.Jump | nodes.ScopeDeclaration)


def _inner(statement: nodes.Statement) -> Iterator[nodes.Statement]:
    if isinstance(statement, nodes.If | nodes.While | nodes.For):
        yield from statement.body
        yield from statement.orelse
    elif isinstance(statement, nodes.With):
        yield from statement.body
    elif isinstance(statement, nodes.Try):
        yield from statement.body
        for handler in statement.handlers:
            yield from handler.body
        yield from statement.orelse
        yield from statement.finalbody
    elif isinstance(statement, nodes.Match):
        for case in statement.cases:
            yield from case.body
