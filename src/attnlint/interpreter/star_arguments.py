"""Calls with ``*`` and ``**``: what they pass, as far as that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra import Shape
from attnlint.interpreter.binding import REST_KEYWORDS, StarArguments
from attnlint.interpreter.iteration import element_like
from attnlint.interpreter.objects import UNBOUND, OpenDict
from attnlint.syntax import nodes
from attnlint.values import Choice, DictValue, Instance, Repeated, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run


def columns(run: Run, rows: Value, node: nodes.Node) -> list[Value] | None:
    """What ``zip(*rows)`` gives for rows that are alike, how many there are of them being unknown."""
    if type(rows) is not StarArguments or isinstance(rows.element, Tensor | Unknown):
        return None
    row = run.iterate(rows.element, node)
    return None if row is None else [Repeated("tuple", item, rows.length) for item in row]


def add_sequence(run: Run, arguments: list[Value], value: Value, node: nodes.Node) -> None:
    """Add what ``*value`` passes."""
    if isinstance(value, Shape):
        shape = run.facts.resolve(value)
        if shape.rest is None:
            arguments.extend(shape.dims)
        else:
            arguments.append(shape)
        return
    items = run.iterate(value, node)
    if items is not None:
        arguments.extend(items)
    else:
        length = value.length if isinstance(value, Repeated) else None
        arguments.append(StarArguments(element_like(run, value, node), length))


def add_mapping(run: Run, keywords: dict[str, Value], value: Value) -> None:
    """Add what ``**value`` passes."""
    if isinstance(value, Choice):
        value = next((each for each in value.values if isinstance(each, DictValue)), value)
        if isinstance(value, DictValue) and value.items:
            value = OpenDict({key: Choice((each, UNBOUND)) for key, each in value.items.items()}, UNBOUND)
    if isinstance(value, DictValue) and all(isinstance(key, str) for key in value.items):
        keywords.update(value.items)
    elif isinstance(value, OpenDict) and all(isinstance(key, str) for key in value.items):
        keywords.update(value.items)
        if value.default_factory is not UNBOUND:
            keywords[REST_KEYWORDS] = StarArguments(value.default_factory)
    elif isinstance(value, Instance) and isinstance(value.attributes.get("items"), DictValue):
        keywords.update(value.attributes["items"].items)
    elif value is not None:
        keywords[REST_KEYWORDS] = StarArguments(run.unknown("an option that ** may pass"))
