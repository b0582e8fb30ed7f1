"""How functions are entered: what their parameters get where nobody calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.frozen import replace
from attnlint.interpreter import exchanged, parameters, rank_trials
from attnlint.interpreter.coverage import uncovered, undecided, was_too_much
from attnlint.interpreter.entry import enter
from attnlint.interpreter.instances import (
    NOWHERE,
    scope_of,
)
from attnlint.interpreter.objects import (
    FunctionValue,
)
from attnlint.interpreter.plain_calls import Given
from attnlint.interpreter.run import Run
from attnlint.syntax import nodes
from attnlint.values import DictValue, Unknown, Value

if TYPE_CHECKING:
    from attnlint.algebra import Symbol


def fill(
    run: Run,
    function: FunctionValue,
    variables: dict[str, Value],
    listed: tuple[nodes.Parameter, ...],
    how: str,
    role: str,
    given: Given | None = None,
) -> None:
    """Give the parameters of a function symbolic values, or their defaults unless they are among those ``given``."""
    sizes: dict[str, Symbol] = {}
    tensors = parameters.used_as_tensors(function) if role != "input" else frozenset()
    for parameter in listed:
        name = parameter.name
        if parameter.kind == "star":
            if name:
                variables[name] = Unknown(
                    f"the arguments *{name}", ("parameter", "plain", function.node.id, name), name, "tuple"
                )
        elif parameter.kind == "double_star":
            variables[name] = (
                DictValue({})
                if how != "options"
                else Unknown(f"the arguments **{name}", ("parameter", "plain", function.node.id, name), name)
            )
        else:
            own = role or ("input" if name in tensors else "plain")
            value = parameters.symbolic(run, function, parameter, own, options=how == "options", sizes=sizes)
            if given is not None and name in function.defaults:
                if name not in (given.first, given.other):
                    value = function.defaults[name]
                elif isinstance(value, Unknown) and value.optional:
                    value = replace(value, optional=False)
            variables[name] = value


def run_function_body(run: Run, function: FunctionValue, variables: dict[str, Value]) -> None:
    """Run a function, or the whole of a generator, on values for its parameters."""
    from attnlint.interpreter.binding import run_body, run_generator
    from attnlint.interpreter.objects import GeneratorValue

    with scope_of(run, function.module):
        if isinstance(function.node, nodes.FunctionDef) and function.node.is_generator:
            run_generator(run, GeneratorValue(function, variables), NOWHERE)
        else:
            run_body(run, function, variables, NOWHERE)


def enter_function(run: Run, function: FunctionValue) -> None:
    """Enter a function of the module that nobody has called, or not decided."""
    if function.scope.kind != "module" or not (uncovered(run, function.node) or undecided(run, function)):
        return
    label = f"function {function.name}"
    enter(run, label, lambda: _run_function(run, function, "sizes"), node=function.node)
    if not was_too_much(run, label) and function.defaults and uncovered(run, function.node):
        enter(run, f"{label} (options)", lambda: _run_function(run, function, "options"), node=function.node)


def _run_function(run: Run, function: FunctionValue, how: str) -> None:
    run.lost_axes.clear()
    found, steps = len(run.analysis.findings), run.steps
    exchanged.run_with_trials(run, lambda: _run_function_once(run, function, how))
    if run.lost_axes and found == len(run.analysis.findings):
        rank_trials.run_with_ranks(run, lambda: _run_function_once(run, function, how), steps - run.steps)


def _run_function_once(run: Run, function: FunctionValue, how: str) -> None:
    mark, facts = run.store.push(), run.facts
    run.facts = facts.fork()
    try:
        variables: dict[str, Value] = {}
        fill(run, function, variables, function.node.parameters, how, "")
        rank_trials.assume(run)
        run_function_body(run, function, variables)
    finally:
        run.store.undo_to(mark)
        run.facts = facts
