"""The configuration that a class of a file is given by those that make it.

``Block(config)`` is a part of ``Model``, whose ``config`` is one of the project's configurations. A block that is run
on its own gets such a configuration too; what its makers set before they hand it on (``config.is_decoder = True`` in a
copy) may be anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnlint.interpreter.joins import alike
from attnlint.interpreter.objects import OPEN, UNBOUND, ClassValue, FunctionValue
from attnlint.values import Instance, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

DEEPEST = 2
"""How deep a configuration lies in the one that was made: ``config.vision_config``."""


@dataclass(frozen=True, slots=True)
class GivenConfig:
    """What every caller gives for a parameter."""

    cls: ClassValue
    """The class of the configuration that was made with its defaults."""
    path: tuple[str, ...]
    """Where in it the one lies that is given."""
    changed: frozenset[str]
    """What may not be as it is by default."""


@dataclass(frozen=True, slots=True)
class Made:
    """A configuration as an entry has made it, or a part of it."""

    config: Instance
    root: ClassValue
    path: tuple[str, ...]
    attributes: dict[str, Value]
    """As they were when nobody had changed them."""


def note_made(run: Run, config: Instance, root: ClassValue, path: tuple[str, ...] = ()) -> None:
    """Remember a configuration that an entry has made."""
    run.made_configs.append(Made(config, root, path, dict(config.attributes)))
    if len(path) < DEEPEST:
        for name, value in config.attributes.items():
            if isinstance(value, Instance) and isinstance(value.cls, ClassValue):
                note_made(run, value, root, (*path, name))


def note_configs(run: Run, init: FunctionValue, arguments: tuple[Value, ...], keywords: dict[str, Value]) -> None:
    """Remember which configurations a constructor of the checked file is given."""
    if init.module is not run.main or not run.made_configs:
        return
    given = {parameter.name: value for parameter, value in zip(init.node.parameters[1:], arguments, strict=False)}
    given.update(keywords)
    for parameter in init.node.parameters[1:]:
        name = parameter.name
        if name is None or name not in given or name in init.defaults:
            continue
        key = (init.node.id, name)
        known = run.makers.get(key)
        if known is UNBOUND:
            continue
        found = _seen(run, given[name])
        if found is None or (isinstance(known, GivenConfig) and (found.cls, found.path) != (known.cls, known.path)):
            run.makers[key] = UNBOUND
        elif isinstance(known, GivenConfig):
            if not found.changed <= known.changed:
                run.makers[key] = GivenConfig(known.cls, known.path, known.changed | found.changed)
        else:
            run.makers[key] = found


def _seen(run: Run, value: Value) -> GivenConfig | None:
    """Which of the configurations that the entry has made a value is, or is a copy of."""
    if not isinstance(value, Instance) or not isinstance(value.cls, ClassValue):
        return None
    same = [made for made in run.made_configs if made.config is value]
    like = same or [made for made in run.made_configs if made.config.cls is value.cls]
    if len(like) != 1:
        return None
    made = like[0]
    changed = frozenset(name for name, held in value.attributes.items() if _is_changed(made.attributes, name, held))
    return GivenConfig(made.root, made.path, changed.union(made.attributes.keys() - value.attributes.keys()))


def _is_changed(before: dict[str, Value], name: str, held: Value) -> bool:
    """Whether an attribute was set. One that is not known any more is what a call may have set that was given up."""
    if name == OPEN or type(held) is Unknown:
        return False
    return name not in before or not alike(held, before[name])


def given_config(run: Run, init: FunctionValue, name: str) -> GivenConfig | None:
    """The configuration that every caller gives for a parameter; ``None`` where none is known, or not all agree."""
    found = run.makers.get((init.node.id, name))
    return found if isinstance(found, GivenConfig) else None


def part_of(run: Run, config: Value, given: GivenConfig) -> Value:
    """The part of a configuration that is given, with what the callers change left open."""
    for name in given.path:
        config = config.attributes.get(name, UNBOUND) if isinstance(config, Instance) else UNBOUND
    if isinstance(config, Instance):
        for name in sorted(given.changed):
            key = ("placeholder", id(config), name)
            run.store.set_attribute(config, name, Unknown("callers set this", key, name, optional=True))
    return config
