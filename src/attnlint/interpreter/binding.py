"""Calling functions of the user's: binding arguments, running the body, joining the paths that return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra import Dim
from attnlint.interpreter import costs, coverage
from attnlint.interpreter.errors import BudgetSpent, Raised
from attnlint.interpreter.forgetting import forget_reached
from attnlint.interpreter.forks import ENDED, RETURN, capture, meet, record_raise
from attnlint.interpreter.objects import UNBOUND, FunctionValue, GeneratorValue, OpenDict
from attnlint.interpreter.scopes import Frame, Outcome, Scope
from attnlint.syntax import nodes
from attnlint.values import Choice, DictValue, Instance, Repeated, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.interpreter.store import Delta


class StarArguments:
    """``*args`` or ``**kwargs`` of a call whose contents are not known."""

    __slots__ = ("element", "length")

    def __init__(self, element: Value, length: Dim | None = None) -> None:
        self.element = element
        self.length = length


REST_POSITIONAL = "*"
REST_KEYWORDS = "**"


def bind(
    run: Run, function: FunctionValue, arguments: tuple[Value, ...], keywords: dict[str, Value]
) -> dict[str, Value] | str:
    """Parameters to values; a text that says why the call does not fit.

    A last positional argument ``StarArguments`` stands for any number of unknown ones, as does the keyword ``**``.
    """
    variables: dict[str, Value] = {}
    rest = list(arguments)
    loose: Value | None = None
    if rest and isinstance(rest[-1], StarArguments):
        loose = rest.pop().element
    left = dict(keywords)
    open_keywords = left.pop(REST_KEYWORDS, None)
    for parameter in function.node.parameters:
        name, kind = parameter.name, parameter.kind
        if kind == "star":
            if name:
                if loose is None:
                    variables[name] = tuple(rest)
                else:
                    variables[name] = Repeated("tuple", loose)
            rest = []
            loose = None
        elif kind == "double_star":
            if open_keywords is not None:
                variables[name] = run.store.born(OpenDict(left, open_keywords.element))
            elif any(type(value) is Choice and UNBOUND in value.values for value in left.values()):
                variables[name] = run.store.born(OpenDict(left, UNBOUND))
            else:
                variables[name] = run.store.born(DictValue(left))
            left = {}
        elif rest and kind != "keyword":
            variables[name] = rest.pop(0)
            if name in left and kind == "plain":
                return f"got several values for {name!r}"
        elif name in left and kind != "positional":
            value = left.pop(name)
            if type(value) is Choice and UNBOUND in value.values:
                from attnlint.interpreter.joins import join_all

                default = function.defaults.get(name, UNBOUND)
                value = join_all(run, [default if each is UNBOUND else each for each in value.values])
            variables[name] = value
        elif (loose is not None and kind != "keyword") or open_keywords is not None:
            unknown = run.fresh("an argument that a call with * or ** may pass", name)
            if name in function.defaults:
                from attnlint.interpreter.joins import join

                variables[name] = join(run, function.defaults[name], unknown)
            else:
                variables[name] = unknown
        elif name in function.defaults:
            variables[name] = function.defaults[name]
        else:
            return f"missing the argument {name!r}"
    if rest:
        return "takes fewer arguments"
    if left and not all(type(value) is Choice and UNBOUND in value.values for value in left.values()):
        return f"does not know {next(iter(left))!r}"
    return variables


def call_function(
    run: Run, function: FunctionValue, arguments: tuple[Value, ...], keywords: dict[str, Value], node: nodes.Node
) -> Value:
    """``function(*arguments, **keywords)``"""
    if len(run.frames) > run.options.depth or _too_recursive(run, function, arguments):
        run.uncertain += 1
        forget_reached(run, function, (*arguments, *keywords.values()))
        return run.fresh("calls nest too deep")
    variables = bind(run, function, arguments, keywords)
    if isinstance(variables, str):
        run.uncertain += 1
        run.analysis.debug.append(f"{function.name}: {variables}")
        return run.fresh(f"the arguments of {function.name} do not bind: {variables}")
    for name, value in variables.items():
        if type(value) is Unknown:
            if value.key is None:
                variables[name] = run.keyed(value)
            elif run.store.knowledge:
                variables[name] = run.refine(value)
    if isinstance(function.node, nodes.FunctionDef) and function.node.is_generator:
        return run.store.born(GeneratorValue(function, variables))
    if run.costly or function.module is not run.scope.module:
        return costs.run_bounded(run, function, variables, node)
    return run_body(run, function, variables, node)


BLIND_RECURSION = 2
"""How often a function is active that calls itself with nothing but what is not known: it has no end in sight."""


_BOTTOMLESS = frozenset(("", "dict", "list", "tuple", "set"))
"""Kinds of unknown objects that hold others of which nothing is known."""


def _too_recursive(run: Run, function: FunctionValue, arguments: tuple[Value, ...]) -> bool:
    count = 0
    for frame in run.frames:
        if frame.function is not None and frame.function.node is function.node:
            count += 1
    if count < BLIND_RECURSION:
        return False
    given = [each for each in arguments if type(each) is not Instance]
    blind = bool(given) and all(type(each) is Unknown and each.kind in _BOTTOMLESS for each in given)
    return blind or count > run.options.recursion


def run_body(run: Run, function: FunctionValue, variables: dict[str, Value], node: nodes.Node) -> Value:
    """Run the body with its parameters bound; what it returns."""
    frame = open_frame(run, function, variables, node)
    outer_scope, outer_frame = run.scope, run.frame
    run.frames.append(frame)
    run.scope, run.frame = frame.scope, frame
    conditions = len(run.conditions)
    steps = run.steps
    try:
        run.step(2)
        if type(function.node) is nodes.Lambda:
            value = run.evaluate(function.node.body)
            run.store.commit_to(frame.mark - 1, frame.scope.variables)
            return value
        return _finish(run, frame, _execute(run, function))
    except BaseException as error:
        if run.store.depth > frame.mark:
            run.store.commit_to(frame.mark - 1, frame.scope.variables)
        if type(error) is BudgetSpent:
            costs.note_costly(run, function, steps - run.steps, error)
        raise
    finally:
        del run.conditions[conditions:]
        run.frames.pop()
        run.scope, run.frame = outer_scope, outer_frame


def open_frame(run: Run, function: FunctionValue, variables: dict[str, Value], node: nodes.Node) -> Frame:
    """The activation of a function."""
    local_names = function.node.local_names if isinstance(function.node, nodes.FunctionDef) else None
    scope = Scope("function", function.module, function.scope, variables, local_names)
    if function.module is run.main:
        run.covered_functions.add(function.node.id)
    else:
        run.heard[function.module.path] = function.module.source
    mark = run.store.push()
    run.store.born(variables)
    return Frame(scope, function, node, mark, conditions=len(run.conditions))


def _execute(run: Run, function: FunctionValue) -> str | None:
    assert isinstance(function.node, nodes.FunctionDef)
    if function.module is not run.main:
        return _run_to_the_end(run, function.node)
    if run.watcher is not None:
        run.watcher.entered(run, run.frame, function)
    inputs = coverage.inputs_without_rank(run, function)
    signal = _run_to_the_end(run, function.node)
    if inputs:
        coverage.note_demanded_ranks(run, function, inputs)
    if signal is None and run.watcher is not None:
        run.watcher.returned(run, None, None)
    return signal


def _run_to_the_end(run: Run, node: nodes.FunctionDef) -> str | None:
    """Run a body. Where some paths have returned and the last one raises, the caller goes on with those."""
    from attnlint.interpreter.statements import run_block

    frame = run.frame
    try:
        return run_block(run, node.body)
    except Raised as error:
        if not frame.returns:
            raise
        record_raise(run, error)
        return ENDED


def _finish(run: Run, frame: Frame, signal: str | None) -> Value:
    """Join the paths that returned on the way with the one that got to the end."""
    value = frame.value if signal == RETURN else None
    if not frame.returns:
        if signal == ENDED:
            run.store.commit_to(frame.mark - 1, frame.scope.variables)
            raise frame.raised if frame.raised is not None else Raised(run.fresh("an exception"))
        run.store.commit_to(frame.mark - 1, frame.scope.variables)
        return value
    outcomes: list[Outcome] = list(frame.returns)
    if signal != ENDED:
        outcomes.append(capture(run, frame.mark, value))
    run.store.undo_to(frame.mark)
    if not frame.scope.is_kept:
        # Nobody sees its variables any more: where the paths meet, a loop around the call must not take them for news.
        for outcome in outcomes:
            outcome.delta = _without(outcome.delta, frame.scope.variables)
    value = meet(run, outcomes)
    return value


def _without(delta: Delta, variables: dict[str, Value]) -> Delta:
    owner = id(variables)
    return {location: entry for location, entry in delta.items() if location[0] != owner}


def run_generator(run: Run, generator: GeneratorValue, node: nodes.Node) -> list[Value] | None:
    """Run a generator's body; everything that it yields, ``None`` when that depends on what is not known."""
    function = generator.function
    frame = open_frame(run, function, dict(generator.variables), node)
    frame.yields = []
    outer_scope, outer_frame = run.scope, run.frame
    run.frames.append(frame)
    run.scope, run.frame = frame.scope, frame
    try:
        run.step(2)
        _finish(run, frame, _execute(run, function))
    except BaseException:
        if run.store.depth > frame.mark:
            run.store.commit_to(frame.mark - 1, frame.scope.variables)
        raise
    finally:
        run.frames.pop()
        run.scope, run.frame = outer_scope, outer_frame
    return frame.yields if frame.yields_known else None
