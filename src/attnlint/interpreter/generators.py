"""Generators of the user's: they run as a whole when they are first asked for an item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.objects import GeneratorValue
from attnlint.values import Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

MOST_ITEMS = 512


def items_of(run: Run, generator: GeneratorValue, node: Node) -> tuple[Value, ...] | None:
    """Everything that it yields; ``None`` when not known."""
    items = generator.attributes["items"]
    if items is None:
        from attnlint.interpreter.binding import run_generator

        found = run_generator(run, generator, node)
        items = "unknown" if found is None else tuple(found)
        run.store.put(generator.attributes, "items", items)
    # Where paths meet of which one has asked it for an item, both what it yields and how far it got may be open.
    return items if type(items) is tuple and type(generator.attributes["position"]) is int else None


def drain(run: Run, generator: GeneratorValue, node: Node) -> list[Value] | None:
    """What is left of it."""
    items = items_of(run, generator, node)
    if items is None:
        return None
    position = generator.attributes["position"]
    run.store.put(generator.attributes, "position", len(items))
    return list(items[position:])


def advance(run: Run, generator: GeneratorValue, node: Node, default: tuple[Value, ...] = ()) -> Value:
    """``next(generator)``"""
    items = items_of(run, generator, node)
    if items is None:
        return run.fresh("an item of a generator that is not known")
    position = generator.attributes["position"]
    if position >= len(items):
        if default:
            return default[0]
        run.raise_error("StopIteration", "", node)
    run.store.put(generator.attributes, "position", position + 1)
    return items[position]
