"""Objects of classes whose constructor's arguments nobody says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attnlint.algebra import Symbol
from attnlint.interpreter import classes, parameters
from attnlint.interpreter.conditions import Identity
from attnlint.interpreter.configs_given import GivenConfig, given_config, note_made, part_of
from attnlint.interpreter.decorated import seen_by_callers
from attnlint.interpreter.default_configs import is_default_config, make_default, with_open_sizes
from attnlint.interpreter.errors import Raised
from attnlint.interpreter.makers_given import maker_given
from attnlint.interpreter.objects import UNBOUND, ClassValue, FunctionValue, ModuleValue
from attnlint.interpreter.scopes import Frame
from attnlint.ops.registry import find_layer
from attnlint.syntax import nodes
from attnlint.values import Instance, TorchName, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

NOWHERE = nodes.Constant(0, None)
"""The call of an entry: it stands nowhere."""


def init_of(cls: ClassValue) -> FunctionValue | None:
    """The constructor of a class of the program, as callers see it."""
    found, _ = classes.find_in_class(cls, "__init__")
    return seen_by_callers(found) if isinstance(found, FunctionValue) else None


def has_size_default(init: FunctionValue) -> bool:
    """Whether a constructor has a size by default."""
    return any(type(default) is int and default > 1 for default in init.defaults.values())


def repeated_defaults(init: FunctionValue | None) -> frozenset[int]:
    """The sizes that several parameters have by default."""
    found: Counter[int] = Counter()
    for default in init.defaults.values() if init is not None else ():
        for each in default if isinstance(default, tuple) else (default,):
            if type(each) is int and each > 1:
                found[each] += 1
    return frozenset(size for size, count in found.items() if count > 1)


def default_config(run: Run, init: FunctionValue, parameter: nodes.Parameter) -> ClassValue | None:
    """A configuration class of the project that can be made with its defaults."""
    assert parameter.annotation is not None
    cls = parameters.config_class(run, init, parameter.annotation)
    if cls is None or classes.is_module_class(cls):
        return None
    inner = init_of(cls)
    if inner is None:
        return cls if cls.annotations else None
    return (
        cls
        if all(
            each.kind in ("star", "double_star") or each.name in inner.defaults for each in inner.node.parameters[1:]
        )
        else None
    )


def make_instance(run: Run, cls: ClassValue, init: FunctionValue | None, how: str) -> Value:
    """An object of a class whose constructor's arguments nobody says."""
    arguments: list[Value] = []
    keywords: dict[str, Value] = {}
    sizes: dict[str, Symbol] = {}
    if init is not None:
        run.covered_functions.add(init.node.id)
        for parameter in init.node.parameters[1:]:
            if parameter.kind in ("star", "double_star"):
                continue
            value = _argument(run, cls, init, parameter, how, sizes)
            if value is _OMITTED:
                continue
            if parameter.kind == "positional":
                arguments.append(value)
            else:
                keywords[parameter.name] = value
    if init is None and any(
        isinstance(base, TorchName) and find_layer(base.name) is not None for base in classes.mro_of(cls)
    ):
        # A layer's own constructor, and nobody says what it is given.
        return Instance(cls, {}, key=("instance", Identity(cls)), label="self")
    with scope_of(run, cls.module):
        try:
            return classes.construct(run, cls, tuple(arguments), keywords, NOWHERE)
        except Raised:
            # The constructor refuses these: its methods are run on an object of which nothing is known.
            return Instance(cls, {}, key=("instance", Identity(cls)), label="self")


_OMITTED = object()


def _argument(
    run: Run, cls: ClassValue, init: FunctionValue, parameter: nodes.Parameter, how: str, sizes: dict[str, Symbol]
) -> Value:
    given = given_config(run, init, parameter.name) if parameter.name not in init.defaults else None
    if given is not None and how in ("defaults", "sizes"):
        return _configuration(run, init, parameter, given, how)
    maker = maker_given(run, cls, init, parameter)
    if maker is not UNBOUND and given is None:
        return maker
    if how == "defaults" and parameter.name in init.defaults:
        return _OMITTED
    if is_default_config(init, parameter, how):
        config = default_config(run, init, parameter)
        if config is not None:
            return _configuration(run, init, parameter, GivenConfig(config, (), frozenset()), how)
    return parameters.symbolic(run, init, parameter, "hyper", options=how == "options", sizes=sizes)


def _configuration(run: Run, init: FunctionValue, parameter: nodes.Parameter, given: GivenConfig, how: str) -> Value:
    with scope_of(run, init.module):
        made = make_default(run, given.cls, NOWHERE)
    if isinstance(made, Instance):
        run.entry_configs.append(made)
    part = part_of(run, made, given)
    if how == "sizes":
        run.holds_defaults = True
        part = with_open_sizes(run, part, ("parameter", "hyper", init.node.id, parameter.name), parameter.name)
    if isinstance(made, Instance):
        note_made(run, made, given.cls)
    return part


@contextmanager
def scope_of(run: Run, module: ModuleValue | None) -> Iterator[None]:
    """The outermost scope, as nobody calls what is entered."""
    scope, frame = run.scope, run.frame
    assert run.main is not None
    holder = run.main.scope
    run.frames.append(Frame(holder, None, None, run.store.depth))
    run.scope, run.frame = holder, run.frames[-1]
    try:
        yield
    finally:
        run.frames.pop()
        run.scope, run.frame = scope, frame
