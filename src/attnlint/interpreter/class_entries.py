"""How classes are entered: with the defaults of the constructor, with sizes that are open, with all options open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from attnlint.interpreter import abstract_classes, batches, classes, exchanged, rank_trials
from attnlint.interpreter.configs_given import given_config
from attnlint.interpreter.coverage import uncovered, undecided, was_too_much
from attnlint.interpreter.decorated import as_arguments, seen_by_callers
from attnlint.interpreter.default_configs import open_private
from attnlint.interpreter.defaults_alone import has_switch
from attnlint.interpreter.entry import enter
from attnlint.interpreter.errors import Raised
from attnlint.interpreter.function_entries import fill, run_function_body
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
    ClassMethod,
    ClassValue,
    FunctionValue,
    PropertyValue,
    StaticMethod,
)
from attnlint.interpreter.plain_calls import Given, assume_rank, left_out, note_rank, run_plain_call
from attnlint.interpreter.run import Run
from attnlint.syntax import nodes
from attnlint.values import Instance, Tensor, Value

if TYPE_CHECKING:
    pass


KEPT_FOR_PARTS = 3
"""One part in so many of the budget of a file is for the classes that others are made of."""


def enter_classes(run: Run) -> None:
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
        enter(run, label, lambda: _run_with_defaults(run, cls, init), node=cls.node)
        if too_much is not None and was_too_much(run, label):
            too_much.append(cls)
            return
    _enter_class_with_sizes(run, cls)


def _enter_class_with_sizes(run: Run, cls: ClassValue) -> None:
    methods, init = _methods(cls), init_of(cls)
    if any(_is_wanted(run, method) for method in methods) or run.options.record_bindings or _is_doubted(run, methods):
        enter(run, cls.name, lambda: _run_class(run, cls, init, "sizes"), node=cls.node)
        if init is not None and _has_sizes(run, init) and not _all_default(run, init):
            # Whoever gives only what must be given gets these sizes.
            enter(run, f"{cls.name} (defaults)", lambda: _run_class(run, cls, init, "defaults"), node=cls.node)


def enter_class_with_options(run: Run, cls: ClassValue) -> None:
    """Enter a class once more, with its options open, for the statements that have not run."""
    # What was too much with the options at their defaults is more with all of them open.
    methods = _methods(cls)
    if not was_too_much(run, cls.name) and (
        any(uncovered(run, method.node) for method in methods) or _is_doubted(run, methods)
    ):
        enter(run, f"{cls.name} (options)", lambda: _run_class(run, cls, init_of(cls), "options"), node=cls.node)


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
        fill(run, method.seen, variables, method.node.parameters[skip:], how, role, given)
        if run.takes_batches:
            batches.assume(run)
        if given is not None:
            assume_rank(run, given, variables)
        rank_trials.assume(run)
        inputs = dict(variables)
        run.entered = method.seen
        if method.seen is method.function:
            run_function_body(run, method.function, variables)
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
