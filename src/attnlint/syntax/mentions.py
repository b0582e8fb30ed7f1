"""The attributes that a function speaks of: asked again for every class that derives from its own."""

from __future__ import annotations

from dataclasses import dataclass

from attnlint.syntax import nodes
from attnlint.syntax.walk import descendants


@dataclass(frozen=True, slots=True)
class Mentions:
    """Attributes of what a name holds, ``self`` mostly."""

    attributes: frozenset[str]
    """``name`` in every ``self.name``."""
    written: tuple[str, ...]
    """``name`` in every ``self.name = ...``, each once."""


def function_mentions(function: nodes.FunctionDef) -> Mentions:
    """What the body of a function speaks of, that of the functions in it included."""
    attributes: set[str] = set()
    written: dict[str, None] = {}
    for statement in function.body:
        for node in descendants(statement):
            if isinstance(node, nodes.Attribute):
                if isinstance(node.value, nodes.Name):
                    attributes.add(node.name)
            elif isinstance(node, nodes.Assign):
                for target in node.targets:
                    _add_written(target, written)
            elif isinstance(node, nodes.AugmentedAssign):
                _add_written(node.target, written)
    return Mentions(frozenset(attributes), tuple(written))


def _add_written(target: nodes.Node, written: dict[str, None]) -> None:
    for each in descendants(target):
        if isinstance(each, nodes.Attribute) and isinstance(each.value, nodes.Name):
            written[each.name] = None
