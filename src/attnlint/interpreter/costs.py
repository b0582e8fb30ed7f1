"""What a single call may cost: a budget is for the whole of an entry, not for the first helper that has no end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.decorated import seen_by_callers
from attnlint.interpreter.errors import BudgetSpent
from attnlint.interpreter.forgetting import forget_reached
from attnlint.interpreter.objects import FunctionValue
from attnlint.values import Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax import nodes

LEAST_COSTLY = 400
"""A function that used fewer steps than this is not what a budget was spent on."""
SHARE_OF_COSTLY = 8
"""A function that has spent a budget before gets this part of the budget of an entry."""
SHARE_OF_LOOP = 4
"""One loop gets this part of what is left of a budget."""
MOST_ATTEMPTS = 3
"""What has spent so many budgets is not run again."""


def is_too_much(run: Run, steps: int, rounds: int) -> bool:
    """Whether a loop had better not be unrolled any further: so many more rounds of so many steps are more than a part
    of what is left, and the layers made in them have yet to be called."""
    # What the module itself runs is exact as long as it can be.
    return rounds > 1 and steps * rounds * (1 if run.entry == "module" else SHARE_OF_LOOP) > run.steps


def note_costly(run: Run, function: FunctionValue, steps: int, spent: BudgetSpent) -> None:
    """A budget was spent while ``function`` ran, which had used so many steps.

    What a function of another file calls back in the checked one is no cost of its own.
    """
    if function.module is run.main:
        spent.in_checked = steps
    else:
        steps -= spent.in_checked
    if steps >= max(run.allowed // 2, LEAST_COSTLY):
        key = (function.module.path, function.node.id)
        run.costly[key] = run.costly.get(key, 0) + 1


def run_bounded(run: Run, function: FunctionValue, variables: dict[str, Value], node: nodes.Node) -> Value:
    """Run a function that may be too much.

    Half of what is left is for a function of another file that is called from the checked one (not for the wrapper that
    a decorator has put around a function of the checked file), and less for what has spent a budget before. Where that
    does not do, the call is one of an unknown function, and the caller goes on.
    """
    from attnlint.interpreter.binding import run_body

    if function.module is not run.main and seen_by_callers(function).module is run.main:
        return run_body(run, function, variables, node)
    count = run.costly.get((function.module.path, function.node.id), 0)
    if count:
        steps = run.options.entry_steps // SHARE_OF_COSTLY if count < MOST_ATTEMPTS else 0
        if run.entry == "module":
            # The calls of the program itself: what they are given is known.
            steps = max(steps, run.options.entry_steps // 2)
        steps = min(steps, run.steps // 2)
    elif run.scope.module is run.main and node.id:
        steps = run.steps // 2
    else:
        return run_body(run, function, variables, node)
    given = tuple(variables.values())
    finished = False

    def body() -> Value:
        nonlocal finished
        value = run_body(run, function, variables, node)
        finished = True
        return value

    value = run.within(steps, body) if steps > 0 else run.fresh("more work than this is worth")
    if not finished:
        run.uncertain += 1
        forget_reached(run, function, given)
    return value
