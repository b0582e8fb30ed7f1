"""How a file is run: the module, then each class and function that was not reached, on its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from attnlint.algebra.effort import EFFORT
from attnlint.frozen import replace
from attnlint.interpreter import abstract_classes, batches, classes, exchanged, global_state, parameters, rank_trials
from attnlint.interpreter.configs_given import given_config
from attnlint.interpreter.coverage import forget_coverage, uncovered, undecided, was_too_much
from attnlint.interpreter.decorated import as_arguments, seen_by_callers
from attnlint.interpreter.default_configs import open_private
from attnlint.interpreter.defaults_alone import has_switch
from attnlint.interpreter.demand import new_module
from attnlint.interpreter.errors import BudgetSpent, Raised
from attnlint.interpreter.instances import (
    NOWHERE,
    default_config,
    has_size_default,
    init_of,
    make_instance,
    repeated_defaults,
    scope_of,
)
from attnlint.interpreter.makers_given import note_unseen
from attnlint.interpreter.objects import (
    UNBOUND,
    ClassMethod,
    ClassValue,
    FunctionValue,
    ModuleValue,
    PropertyValue,
    StaticMethod,
)
from attnlint.interpreter.ownership import settle
from attnlint.interpreter.plain_calls import Given, assume_rank, left_out, note_rank, run_plain_call
from attnlint.interpreter.results import Analysis, AnalysisOptions, without_refused
from attnlint.interpreter.run import Run
from attnlint.interpreter.scopes import Frame
from attnlint.interpreter.statements import run_block
from attnlint.syntax import nodes
from attnlint.values import BoundMethod, DictValue, Instance, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.algebra import Symbol
    from attnlint.interpreter.project import Project
    from attnlint.syntax import Source


def analyse(source: Source, project: Project, options: AnalysisOptions | None = None) -> Analysis:
    """Run a file in every way that it can be entered; what was found."""
    import sys

    options = options or AnalysisOptions()
    analysis = Analysis()
    run = Run(project, source, analysis, options)
    run.main = new_module(source.path, source, "__main__")
    if options.record_expressions:
        from attnlint.interpreter.recording import recording

        setattr(run, "evaluate", recording(run, run.evaluate))  # noqa: B010
    run.total = max(options.least_steps, options.steps_per_line * len(source.lines))
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 20_000))
    if project.memory is not None:
        project.memory.start(run)
    try:
        _enter(run, "module", lambda: _run_module(run, run.main), keep=True)
        if project.memory is not None:
            project.memory.begin(run)
        if not options.module_only:
            global_state.forget(run)
            _enter_classes(run)
            # All options open is much work for little: every class has had its turn before.
            for cls in reversed(run.classes) if not options.record_bindings else list(run.classes):
                _enter_class_with_options(run, cls)
            for function in list(run.functions):
                _enter_function(run, function)
        if project.memory is not None:
            project.memory.end()
    finally:
        sys.setrecursionlimit(limit)
        run.store.undo_to(0)
    analysis.findings = without_refused(analysis.findings)
    analysis.dependencies = project.used_by(run.main)
    analysis.figures = {"steps": run.spent}
    return analysis


def run_imported(run: Run, module: ModuleValue, index: int | None) -> None:
    """Run a top-level statement of another file, or all of them, with a state of its own."""
    _apart(run, module, lambda inner: _run_module(inner, module, index))


def run_apart(run: Run, module: ModuleValue, body: Callable[[Run], Value]) -> Value:
    """What ``body`` comes to among the global names of another file, with a state of its own; UNBOUND if it raises."""
    found: list[Value] = []

    def within(inner: Run) -> None:
        inner.frames.append(Frame(module.scope, None, None, inner.store.depth))
        inner.scope, inner.frame = module.scope, inner.frames[-1]
        found.append(body(inner))

    _apart(run, module, within)
    return found[0] if found else UNBOUND


def _apart(run: Run, module: ModuleValue, body: Callable[[Run], None]) -> None:
    inner = Run(run.project, module.source, Analysis(), run.options)
    inner.options = AnalysisOptions(strict=run.options.strict, steps=run.options.import_steps, depth=run.options.depth)
    inner.import_depth = run.import_depth + 1
    inner.total = inner.options.steps
    begun = EFFORT.spent
    run.project.importing += 1
    try:
        _enter(inner, "import", lambda: body(inner), keep=True)
    finally:
        run.project.importing -= 1
    settle(inner, module)
    # Another file may have had it imported before: its algebra is not this file's.
    run.effort += EFFORT.spent - begun
    run.analysis.debug += inner.analysis.debug
    run.analysis.notes += [f"{module.path}: {note}" for note in inner.analysis.notes]


def _run_module(run: Run, module: ModuleValue, index: int | None = None) -> None:
    frame = Frame(module.scope, None, None, run.store.depth)
    run.frames.append(frame)
    run.scope, run.frame = module.scope, frame
    memory = run.project.memory if module is run.main else None
    body = module.source.body
    for statement in body if index is None else (body[index],):
        # What raises at the top level ends the program; what follows is still worth a look.
        try:
            signal = (
                run_block(run, (statement,))
                if memory is None
                else memory.statement(run, statement.id, lambda one=statement: run_block(run, (one,)))  # type: ignore[misc]
            )
            if signal is not None:
                break
        except Raised:
            run.stopped = run.stopped or statement.id
            if not isinstance(
                statement, nodes.FunctionDef | nodes.ClassDef | nodes.Import | nodes.ImportFrom | nodes.Assign
            ):
                continue


def _enter(
    run: Run, label: str, body: Callable[[], None], *, keep: bool = False, node: nodes.Node | None = None
) -> None:
    """Run an entry under its budget; whatever goes wrong ends only this entry. ``node`` is what it enters."""
    if run.total <= 0:
        note = "the budget of the file is spent: some classes or functions were not run"
        if note not in run.analysis.notes:
            run.analysis.notes.append(note)
        return
    if node is not None and run.project.memory is not None:
        run.project.memory.entry(run, label, node.id, lambda: _run_entry(run, label, body, keep, node))
    else:
        _run_entry(run, label, body, keep, node)


def _run_entry(run: Run, label: str, body: Callable[[], None], keep: bool, node: nodes.Node | None) -> None:
    run.entry = label
    run.steps = run.allowed = allowed = run.options.steps if keep else min(run.options.entry_steps, run.total)
    run.effort = EFFORT.spent
    if run.main is not None:
        run.analysis.entries.append(label)
    facts = run.facts
    mark = run.store.depth if keep else run.store.push()
    covered = None if keep else (set(run.covered), set(run.covered_functions))
    heard = run.heard
    run.heard = heard.copy()
    run.said.clear()
    run.configs_taken.clear()
    run.entry_configs.clear()
    run.made_configs.clear()
    if not keep:
        run.facts = facts.fork()
    try:
        body()
    except Raised:
        pass
    except BudgetSpent:
        run.analysis.notes.append(f"{label}: the budget is spent")
        if covered is not None and node is not None:
            forget_coverage(run, covered, node)
            note_unseen(run, node)
    except RecursionError:
        run.analysis.notes.append(f"{label}: nested too deep")
    except Exception as error:
        if run.options.strict:
            raise
        run.analysis.notes.append(f"{label}: {type(error).__name__}: {error}")
    finally:
        used = allowed - max(run.steps, 0)
        run.holds_defaults = False
        run.total -= 0 if keep else used
        run.spent += used
        if keep:
            run.store.commit_to(mark - 1)
        else:
            run.store.undo_to(mark)
            run.facts = facts
            run.heard = heard
        run.reset()


# --- classes ---------------------------------------------------------------------------------------------------------


KEPT_FOR_PARTS = 3
"""One part in so many of the budget of a file is for the classes that others are made of."""


def _enter_classes(run: Run) -> None:
    """Enter each class.

    The last class mostly holds objects of those before it: what it reaches need not be run again on its own. Where that
    is too much for the budget, the parts come before what is made of them: each costs little.
    """
    left = list(run.classes)
    if run.options.record_bindings:
        for cls in left:
            _enter_class(run, cls)
        return
    kept = run.total // KEPT_FOR_PARTS
    too_much: list[ClassValue] = []
    while left and run.total > kept:
        _enter_class(run, left.pop(), too_much)
    for cls in left:
        if cls.node is not None:
            note_unseen(run, cls.node)
    for cls in left:
        _enter_class(run, cls, too_much)
    for cls in too_much:
        _enter_class_with_sizes(run, cls)


def _enter_class(run: Run, cls: ClassValue, too_much: list[ClassValue] | None = None) -> None:
    """Enter a class with its defaults, and with its sizes open; one of which the first is ``too_much`` only with its
    defaults."""
    methods = _methods(cls)
    if not any(_is_wanted(run, method) for method in methods) and not run.options.record_bindings:
        return
    init = init_of(cls)
    if _all_default(run, init):
        label = f"{cls.name} (defaults)"
        _enter(run, label, lambda: _run_with_defaults(run, cls, init), node=cls.node)
        if too_much is not None and was_too_much(run, label):
            too_much.append(cls)
            return
    _enter_class_with_sizes(run, cls)


def _enter_class_with_sizes(run: Run, cls: ClassValue) -> None:
    methods, init = _methods(cls), init_of(cls)
    if any(_is_wanted(run, method) for method in methods) or run.options.record_bindings or _is_doubted(run, methods):
        _enter(run, cls.name, lambda: _run_class(run, cls, init, "sizes"), node=cls.node)
        if init is not None and _has_sizes(run, init) and not _all_default(run, init):
            # Whoever gives only what must be given gets these sizes.
            _enter(run, f"{cls.name} (defaults)", lambda: _run_class(run, cls, init, "defaults"), node=cls.node)


def _enter_class_with_options(run: Run, cls: ClassValue) -> None:
    # What was too much with the options at their defaults is more with all of them open.
    methods = _methods(cls)
    if not was_too_much(run, cls.name) and (
        any(uncovered(run, method.node) for method in methods) or _is_doubted(run, methods)
    ):
        _enter(run, f"{cls.name} (options)", lambda: _run_class(run, cls, init_of(cls), "options"), node=cls.node)


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a class."""

    name: str
    held: Value
    """What the class has under the name: a function, or a class method of one."""
    function: FunctionValue
    seen: FunctionValue
    """The function below its decorators."""

    @property
    def node(self) -> nodes.FunctionDef | nodes.Lambda:
        """Where it stands in its class."""
        return self.seen.node


def _run_with_defaults(run: Run, cls: ClassValue, init: FunctionValue | None) -> None:
    """Run a class with the numbers that it has by default; where these show nothing, for what their names show."""
    run.meets_numbers = False
    _run_class(run, cls, init, "defaults")
    if not run.meets_numbers or run.options.record_bindings:
        return
    found, reported = len(run.analysis.findings), set(run.reported)
    covered, covered_functions = set(run.covered), set(run.covered_functions)
    entry, facts = run.entry, run.facts
    run.entry, run.facts = cls.name, facts.fork()
    run.nominal.clear()
    try:
        _run_class(run, cls, init, "sizes")
    finally:
        run.entry, run.facts = entry, facts
        run.covered.intersection_update(covered)
        run.covered_functions.intersection_update(covered_functions)
        kept = [one for one in run.analysis.findings[found:] if any(one.complaint is each for each in run.nominal)]
        run.analysis.findings[found:] = kept
        run.reported = reported | {(one.statement, one.code) for one in kept}


def _is_wanted(run: Run, method: Method) -> bool:
    """Whether a statement of a method has not run, or somebody wants to see it with sizes that are open."""
    return uncovered(run, method.node) or undecided(run, method.seen)


def _is_doubted(run: Run, methods: list[Method]) -> bool:
    return any({method.node.id, method.function.node.id} & run.doubted for method in methods)


def _methods(cls: ClassValue) -> list[Method]:
    found: list[Method] = []
    for name, value in cls.attributes.items():
        function = _function_of(value)
        if isinstance(function, FunctionValue):
            seen = seen_by_callers(function)
            if isinstance(seen.node, nodes.FunctionDef):
                found.append(Method(name, value, function, seen))
    return found


def _has_sizes(run: Run, init: FunctionValue) -> bool:
    """Whether a constructor has sizes by default: its own, or those of the configuration that callers give it."""
    return has_size_default(init) or any(
        given_config(run, init, parameter.name) is not None for parameter in init.node.parameters[1:]
    )


def _all_default(run: Run, init: FunctionValue | None) -> bool:
    """Whether a class can be made without arguments."""
    if init is None:
        return True
    for parameter in init.node.parameters[1:]:
        if parameter.kind in ("star", "double_star") or parameter.name in init.defaults:
            continue
        if given_config(run, init, parameter.name) is not None:
            continue
        if parameter.annotation is not None and default_config(run, init, parameter) is not None:
            continue
        return False
    return True


def _run_class(run: Run, cls: ClassValue, init: FunctionValue | None, how: str) -> None:
    run.ambiguous_sizes = repeated_defaults(init) if how == "defaults" else frozenset()
    run.holds_defaults = how == "defaults" or (how == "sizes" and has_switch(init))
    abstract_classes.open_attributes(run, cls)
    instance = make_instance(run, cls, init, how)
    open_private(run)
    methods = _methods(cls)
    order = sorted(methods, key=lambda method: (method.name != "forward", method.name != "__call__", method.node.id))
    for method in order:
        if method.name == "__init__" or (
            method.name.startswith("__") and method.name not in ("__call__", "__getitem__", "__len__", "__iter__")
        ):
            continue
        if how == "defaults" and method.name not in ("forward", "__call__") and not method.name.endswith("_step"):
            continue
        is_done = not uncovered(run, method.node) and not _is_doubted(run, [method])
        if how == "options" and method.name != "forward" and is_done:
            continue
        if method.name != "forward" and run.has_run(method.node.id) and is_done:
            continue
        if how != "options" and method.name not in ("forward", "__call__") and _is_used(cls, method):
            # The class itself decides when this is called: an object that has not been led there may not be fit for it.
            continue
        optional = left_out(method.seen) if method.name == "forward" and how != "options" else None
        if optional is not None:
            run_plain_call(run, *optional, partial(_run_method_once, run, cls, instance, method, how))
        run.open_ranks.clear()
        run.lost_axes.clear()
        found, steps = len(run.analysis.findings), run.steps
        _run_method(run, cls, instance, method, how)
        used = steps - run.steps
        if method.name == "forward" and run.open_ranks and found == len(run.analysis.findings):
            run.takes_batches = True
            try:
                _run_method(run, cls, instance, method, how)
            finally:
                run.takes_batches = False
        if run.lost_axes and found == len(run.analysis.findings) and (how != "defaults" or _all_default(run, init)):
            # (Sizes that are only given where nothing else is may be what every caller replaces.)
            once = partial(_run_method_once, run, cls, instance, method, how)
            rank_trials.run_with_ranks(run, once, used)


def _is_used(cls: ClassValue, method: Method) -> bool:
    """Whether another method of the class, or of one of its bases, speaks of ``self.method``."""
    for base in classes.mro_of(cls):
        if not isinstance(base, ClassValue):
            continue
        for other in _methods(base):
            if other.node is method.node or not isinstance(other.node, nodes.FunctionDef):
                continue
            if method.name in other.node.mentions.attributes:
                return True
    return False


def _run_method(run: Run, cls: ClassValue, instance: Value, method: Method, how: str) -> None:
    exchanged.run_with_trials(run, partial(_run_method_once, run, cls, instance, method, how))


def _run_method_once(
    run: Run, cls: ClassValue, instance: Value, method: Method, how: str, given: Given | None = None
) -> bool:
    """Whether it came to an end. ``given``: of the parameters that have a default, those that are not left to it."""
    mark = run.store.push()
    facts = run.facts
    run.facts = facts.fork()
    run.tries.clear()
    try:
        skip = 0 if isinstance(method.held, StaticMethod) else 1
        receiver: Value = cls if isinstance(method.held, ClassMethod) else instance
        variables: dict[str, Value] = {}
        if skip and method.node.parameters:
            variables[method.node.parameters[0].name] = receiver
        if isinstance(instance, Instance):
            _forget_state(run, cls, instance, method)
        role = "input" if classes.is_module_class(cls) and method.name in ("forward", "__call__") else ""
        _fill(run, method.seen, variables, method.node.parameters[skip:], how, role, given)
        if run.takes_batches:
            batches.assume(run)
        if given is not None:
            assume_rank(run, given, variables)
        rank_trials.assume(run)
        inputs = dict(variables)
        run.entered = method.seen
        if method.seen is method.function:
            _run_function_body(run, method.function, variables)
        else:
            arguments, keywords = as_arguments(method.seen, variables)
            with scope_of(run, method.function.module):
                run.call(method.function, arguments, keywords, NOWHERE)
        if given is not None:
            note_rank(run, given, inputs)
    except Raised:
        return False
    finally:
        run.entered = None
        run.store.undo_to(mark)
        run.facts = facts
    return True


def _forget_state(run: Run, cls: ClassValue, instance: Instance, method: Method) -> None:
    """What other methods than the constructor set need not be any more what the constructor has made of it.

    Of the methods that everybody calls only a tensor without elements is taken for what is to be set first.
    """
    is_called_first = method.name in ("forward", "__call__")
    for base in classes.mro_of(cls):
        for other in _methods(base) if isinstance(base, ClassValue) else ():
            if other.name == "__init__" or other.node is method.node or not isinstance(other.node, nodes.FunctionDef):
                continue
            for name in other.node.mentions.written:
                if name in instance.attributes and (not is_called_first or _is_empty(instance.attributes[name])):
                    run.store.set_attribute(
                        instance, name, run.fresh(f"{other.name} sets this attribute", f"self.{name}")
                    )


def _is_empty(value: Value) -> bool:
    return isinstance(value, Tensor) and any(type(dim) is int and dim == 0 for dim in value.shape.dims)


def _function_of(value: Value) -> Value:
    if isinstance(value, StaticMethod | ClassMethod):
        return value.function
    return value.getter if isinstance(value, PropertyValue) else value


def _fill(
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


def _run_function_body(run: Run, function: FunctionValue, variables: dict[str, Value]) -> None:
    from attnlint.interpreter.binding import run_body, run_generator
    from attnlint.interpreter.objects import GeneratorValue

    with scope_of(run, function.module):
        if isinstance(function.node, nodes.FunctionDef) and function.node.is_generator:
            run_generator(run, GeneratorValue(function, variables), NOWHERE)
        else:
            run_body(run, function, variables, NOWHERE)


# --- functions -------------------------------------------------------------------------------------------------------


def _enter_function(run: Run, function: FunctionValue) -> None:
    if function.scope.kind != "module" or not (uncovered(run, function.node) or undecided(run, function)):
        return
    label = f"function {function.name}"
    _enter(run, label, lambda: _run_function(run, function, "sizes"), node=function.node)
    if not was_too_much(run, label) and function.defaults and uncovered(run, function.node):
        _enter(run, f"{label} (options)", lambda: _run_function(run, function, "options"), node=function.node)


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
        _fill(run, function, variables, function.node.parameters, how, "")
        rank_trials.assume(run)
        _run_function_body(run, function, variables)
    finally:
        run.store.undo_to(mark)
        run.facts = facts


__all__ = ["BoundMethod", "analyse", "run_imported"]
