"""``copy.copy`` and ``copy.deepcopy``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.library.registry import python
from attnlint.interpreter.objects import OpenDict, Opened, OpenList, OpenSet
from attnlint.values import DictValue, Instance, ListValue, NamedTuple, PythonName, Repeated, SetValue, TorchName, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node


@python("copy.copy")
def copy(run: Run, node: Node, value: Value, /) -> Value:
    own = _own_method(run, value, "__copy__", node)
    if own is not None:
        return run.call(own, (), {}, node)
    return _rebuilt(value, lambda part: part)


@python("copy.deepcopy")
def deepcopy(run: Run, node: Node, value: Value, memo: Value = None, /) -> Value:
    done: dict[int, Value] = {}

    def deep(part: Value) -> Value:
        if id(part) in done:
            return done[id(part)]
        own = _own_method(run, part, "__deepcopy__", node)
        if own is not None:
            made = run.call(own, (DictValue({}),), {}, node)
            done[id(part)] = made
            return made
        return _rebuilt(part, deep, done)

    return deep(value)


def _own_method(run: Run, value: Value, name: str, node: Node) -> Value:
    """A method of the user's class."""
    if not isinstance(value, Instance) or isinstance(value.cls, TorchName | PythonName):
        return None
    from attnlint.interpreter.library.registry import MISSING

    if all(run.class_attribute(cls, name) is MISSING for cls in run.mro(value.cls)):
        return None
    return run.attribute(value, name, node)


def _rebuilt(value: Value, part: object, done: dict[int, Value] | None = None) -> Value:
    """A new object of the same parts, each passed through ``part``. Values that cannot change are their own copies."""
    assert callable(part)
    made: Value
    if isinstance(value, tuple):
        parts = tuple(part(item) for item in value)
        return value if all(a is b for a, b in zip(parts, value, strict=True)) else parts
    if isinstance(value, NamedTuple):
        return NamedTuple(value.name, value.fields, tuple(part(item) for item in value.values))
    if isinstance(value, Repeated):
        return Repeated(value.kind, part(value.element), value.length)
    if isinstance(value, SetValue):
        return SetValue(set(value.items))
    if isinstance(value, OpenList | OpenSet):
        return type(value)(Opened(part(value.items.element)))
    if isinstance(value, ListValue):
        made = ListValue([])
        _remember(done, value, made)
        made.items.extend(part(item) for item in value.items)
        return made
    if isinstance(value, DictValue | OpenDict):
        made = type(value)({}, value.default_factory)
        _remember(done, value, made)
        made.items.update((key, part(item)) for key, item in value.items.items())
        return made
    if isinstance(value, Instance) and not _is_single(value):
        made = Instance(value.cls, {}, value.key, value.label, value.origin)
        _remember(done, value, made)
        made.attributes.update((name, part(item)) for name, item in value.attributes.items())
        return made
    return value


def _remember(done: dict[int, Value] | None, value: Value, made: Value) -> None:
    if done is not None:
        done[id(value)] = made


def _is_single(value: Instance) -> bool:
    """Members of an enumeration are their own copies."""
    return "_name_" in value.attributes and "_value_" in value.attributes
