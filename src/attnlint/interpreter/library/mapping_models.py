"""The methods that ``collections.abc`` gives to mappings of the user's: in terms of those that they define."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.errors import Raised
from attnlint.interpreter.library.registry import Model, register
from attnlint.values import Instance, ListValue, PythonName, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

Arguments = tuple[Value, ...]


def _keys(run: Run, arguments: Arguments, keywords: dict[str, Value], node: Node) -> Value:
    keys = run.iterate(arguments[0], node)
    return run.unknown("the keys of a mapping") if keys is None else ListValue(keys)


def _values(run: Run, arguments: Arguments, keywords: dict[str, Value], node: Node) -> Value:
    keys = run.iterate(arguments[0], node)
    if keys is None:
        return run.unknown("the values of a mapping")
    return ListValue([run.item(arguments[0], key, node) for key in keys])


def _items(run: Run, arguments: Arguments, keywords: dict[str, Value], node: Node) -> Value:
    keys = run.iterate(arguments[0], node)
    if keys is None:
        return run.unknown("the items of a mapping")
    return ListValue([(key, run.item(arguments[0], key, node)) for key in keys])


def _get(run: Run, arguments: Arguments, keywords: dict[str, Value], node: Node) -> Value:
    default = arguments[2] if len(arguments) > 2 else keywords.get("default")
    if len(arguments) < 2:
        return run.unknown("the item of a mapping")
    try:
        return run.item(arguments[0], arguments[1], node)
    except Raised as raised:
        if isinstance(raised.value, Instance) and raised.value.cls == PythonName("KeyError"):
            return default
        raise


def _contains(run: Run, arguments: Arguments, keywords: dict[str, Value], node: Node) -> Value:
    keys = run.iterate(arguments[0], node)
    if keys is None or not all(isinstance(key, str | int) for key in (*keys, *arguments[1:])):
        return run.unknown("whether a mapping has a key", kind="bool")
    return arguments[1] in keys


_METHODS: dict[str, Model] = {
    "keys": _keys,
    "values": _values,
    "items": _items,
    "get": _get,
    "__contains__": _contains,
}
for _name, _model in _METHODS.items():
    for _base in ("Mapping", "MutableMapping"):
        for _package in ("collections.abc", "typing"):
            register(f"{_package}.{_base}.{_name}", _model)
