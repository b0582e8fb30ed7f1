"""Configurations that nobody gives: objects of a project's configuration classes, made with their defaults."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from attnlint.interpreter import classes
from attnlint.interpreter.objects import UNBOUND, ClassValue, FunctionValue
from attnlint.syntax import nodes
from attnlint.values import Instance, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run


def make_default(run: Run, config: ClassValue, node: nodes.Node) -> Value:
    """An object of a configuration class, made with its defaults.

    What a constructor of another file makes of nothing is the same in every entry. It is run once, apart from any path,
    and each entry takes the object as it was made: the store takes back what an entry writes into it.
    """
    if config.module is None or config.module is run.main:
        return _constructed(run, config, node)
    kept = run.default_configs.setdefault(id(config), [])
    taken = run.configs_taken.get(id(config), 0)
    run.configs_taken[id(config)] = taken + 1
    if taken == len(kept):
        # Two parameters of an entry do not share an object.
        kept.append(_made_apart(run, config, node))
    value, heard = kept[taken]
    if value is UNBOUND:
        return _constructed(run, config, node)
    run.heard.update(heard)
    run.uncertain += 1  # the call that made it may have been this one
    return value


def _constructed(run: Run, config: ClassValue, node: nodes.Node) -> Value:
    return _without_placeholders(classes.construct(run, config, (), {}, node))


def _made_apart(run: Run, config: ClassValue, node: nodes.Node) -> tuple[Value, dict[str, object]]:
    from attnlint.interpreter.entries import run_apart

    assert config.module is not None
    heard: dict[str, object] = {}

    def body(inner: Run) -> Value:
        value = _constructed(inner, config, node)
        heard.update(inner.heard)
        return value

    return run_apart(run, config.module, body), heard


def _without_placeholders(config: Value) -> Value:
    """A configuration made with its defaults: a negative number there is no size, but stands for one to be given."""
    if isinstance(config, Instance):
        for name, value in config.attributes.items():
            if type(value) is int and value < 0:
                reason = "the default is a placeholder"
                config.attributes[name] = Unknown(reason, ("placeholder", id(config), name), name, "int")
    return config


def with_open_sizes(run: Run, config: Value, key: Hashable, label: str) -> Value:
    """A configuration made with its defaults whose sizes may be any: what it chooses otherwise stays as it is.

    Its sizes are what the attributes of an unknown configuration are: 0 and 1 are rather switches. A list of sizes
    stays as it is, as the default of a parameter does.
    """
    if not isinstance(config, Instance):
        return config
    for name, value in list(config.attributes.items()):
        if type(value) is int and value > 1:
            opened: Value = Unknown(f"an attribute of {label}", ("attribute", key, name), f"{label}.{name}")
        elif isinstance(value, Instance) and _is_config(config, value):
            opened = with_open_sizes(run, value, ("attribute", key, name), f"{label}.{name}")
        else:
            continue
        run.store.set_attribute(config, name, opened)
    return config


def open_private(run: Run) -> None:
    """What a configuration keeps for those who take it in hand, and nobody has given: the entered class is a part of
    them, and they may have set it."""
    for config in run.entry_configs:
        stack = [config]
        while stack:
            one = stack.pop()
            for name, value in list(one.attributes.items()):
                if isinstance(value, Instance) and value is not one and _is_config(one, value):
                    stack.append(value)
                elif value is None and name.startswith("_") and not name.startswith("__"):
                    reason = "whoever takes the configuration in hand may set this"
                    key = ("placeholder", id(one), name)
                    run.store.set_attribute(one, name, Unknown(reason, key, name, optional=True))


def _is_config(config: Instance, part: Instance) -> bool:
    """Whether a part of a configuration is one itself: they share a class of the project that they derive from."""
    mine = {id(each) for each in classes.mro_of(config.cls) if isinstance(each, ClassValue)}
    return any(id(each) in mine for each in classes.mro_of(part.cls))


def is_default_config(init: FunctionValue, parameter: nodes.Parameter, how: str) -> bool:
    """Whether a parameter is one that a configuration of the project can stand in for."""
    return how in ("defaults", "sizes") and parameter.annotation is not None and parameter.name not in init.defaults
