"""A ``forward`` that nobody calls, called in the plainest way: with what it must be given, and what comes first.

With every parameter left open that is None by default, ``model(input_ids=None, inputs_embeds=None, position_ids=None)``
comes in so many ways that little is known of any. So the plain call is tried as well. What fails in it may be for want
of a tensor that every caller gives: it counts only if it fails, too, when any one of those is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnlint.algebra import Rest, Shape
from attnlint.interpreter.errors import BudgetSpent
from attnlint.interpreter.objects import FunctionValue
from attnlint.interpreter.parameters import TENSOR_NAMES
from attnlint.syntax import nodes
from attnlint.syntax.walk import descendants
from attnlint.values import Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.results import RawFinding
    from attnlint.interpreter.run import Run

ENOUGH = 2
"""With fewer parameters that may be None, a run with all of them open sees enough."""


@dataclass(slots=True)
class Given:
    """What a plain call gives, of the parameters that are None by default."""

    first: str
    """The parameter that comes first; it may have no default."""
    other: str = ""
    rank: int | None = None
    """The rank that the other one is taken to have."""
    first_rank: int | None = None
    """Set by the call: the rank that the first one turned out to have."""


CHOSEN_BY_CALLERS = frozenset({"ATN115", "ATN119"})
"""Rules about dtypes and devices."""
PlainCall = Callable[[Given], bool]
"""Makes the call; whether it came to an end."""


def left_out(function: FunctionValue) -> tuple[str, tuple[str, ...]] | None:
    """The parameter that comes first, and the tensors that a plain call leaves out; ``None`` where there is no need of
    one."""
    listed = [each for each in function.node.parameters[1:] if each.kind not in ("star", "double_star")]
    optional = [each for each in listed if each.name in function.defaults and function.defaults[each.name] is None]
    if len(optional) < ENOUGH:
        return None
    first = listed[0].name
    return first, tuple(each.name for each in optional if each.name != first and _may_be_tensor(each))


def _may_be_tensor(parameter: nodes.Parameter) -> bool:
    """A cache or a switch is an option of a call that works without it."""
    said = parameter.annotation
    if said is None:
        return True
    if isinstance(said, nodes.Constant):
        return isinstance(said.value, str) and any(name in said.value for name in TENSOR_NAMES)
    return any(
        isinstance(each, nodes.Name | nodes.Attribute) and each.name in TENSOR_NAMES for each in descendants(said)
    )


def run_plain_call(run: Run, first: str, others: tuple[str, ...], call: PlainCall) -> None:
    """Try the plain call, and those with one tensor more where it has found something."""
    found, reported = len(run.analysis.findings), set(run.reported)
    plain = Given(first)
    told: list[RawFinding] = []
    try:
        ended = _call(run, call, plain)
        told, left = run.analysis.findings[found:], run.steps
        # A dtype or a device that is left out is for callers to choose.
        told = [one for one in told if one.code not in CHOSEN_BY_CALLERS]
        for name in others if told else ():
            kept: set[tuple[int, str]] = set()
            is_possible = False
            # Mostly as many axes as the first one has: ids and their positions, queries and keys.
            for rank in dict.fromkeys((plain.first_rank, None)):
                del run.analysis.findings[found:]
                run.reported = set(reported)
                # It is rare that there is something to try: it must not be for want of steps that it does not fail.
                run.steps = run.options.entry_steps
                is_possible |= _call(run, call, Given(first, name, rank)) is not False
                kept |= {(one.statement, one.code) for one in run.analysis.findings[found:]}
                if all((one.statement, one.code) in kept for one in told):
                    break
            if is_possible:
                told = [one for one in told if (one.statement, one.code) in kept]
        run.steps = left
        if ended is None:
            raise BudgetSpent
    finally:
        run.analysis.findings[found:] = told
        run.reported = reported | {(one.statement, one.code) for one in told}


def _call(run: Run, call: PlainCall, given: Given) -> bool | None:
    """Whether a call came to an end; ``None`` where the budget was spent before."""
    depths = [(stack, len(stack)) for stack in (run.frames, run.tries, run.conditions)]
    scope, frame, quiet = run.scope, run.frame, run.quiet
    try:
        return call(given)
    except BudgetSpent:
        run.scope, run.frame, run.quiet = scope, frame, quiet
        for stack, depth in depths:
            del stack[depth:]
        return None


def assume_rank(run: Run, given: Given, variables: Mapping[str, Value]) -> None:
    """Take it that the other tensor has the rank that is tried."""
    shape = _shape_of(variables.get(given.other))
    if shape is not None and given.rank is not None:
        run.facts.require_rank(shape, given.rank)


def note_rank(run: Run, given: Given, variables: Mapping[str, Value]) -> None:
    """After the call: the rank of the first one."""
    shape = _shape_of(variables.get(given.first))
    given.first_rank = None if shape is None else run.facts.resolve(shape).rank


def _shape_of(value: Value) -> Shape | None:
    return Shape((), Rest(("shape", value.key), value.label)) if isinstance(value, Unknown) else None
