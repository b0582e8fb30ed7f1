"""Walking over lowered syntax without knowing its kinds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from attnlint.syntax.bodies import Body
from attnlint.syntax.nodes import Node

_PLAIN = frozenset(["int", "bool", "str", "str | None", "tuple[str, ...]", "Any"])
"""The types, as they are written, of fields that hold no nodes."""

_FIELD_NAMES: dict[type, tuple[str, ...]] = {}


def field_names(kind: type[Node]) -> tuple[str, ...]:
    """The fields of a kind of node that may hold nodes, in the order of their declaration."""
    names = _FIELD_NAMES.get(kind)
    if names is None:
        names = tuple(field.name for field in fields(kind) if field.init and str(field.type) not in _PLAIN)
        _FIELD_NAMES[kind] = names
    return names


def children(node: Node, lazy: bool = True) -> Iterator[Node]:
    """The parts of a node. Bodies that are parsed on demand are parsed for it, or with ``lazy=False`` left out."""
    for name in field_names(type(node)):
        value: Any = getattr(node, name)
        if value is None:
            continue
        if isinstance(value, Node):
            yield value
        elif lazy or type(value) is not Body:
            for element in value:
                if element is not None:
                    yield element


def descendants(node: Node) -> Iterator[Node]:
    """The node and everything in it, in no particular order."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(children(current))
