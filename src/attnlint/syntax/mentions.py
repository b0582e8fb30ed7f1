"""What a function speaks of: asked again for every class that derives from its own, and for every call given up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from attnlint.syntax import nodes
from attnlint.syntax.effects import MUTATORS
from attnlint.syntax.walk import descendants


@dataclass(frozen=True, slots=True)
class Mentions:
    """Names, and attributes of what a name holds, ``self`` mostly."""

    names: frozenset[str]
    attributes: frozenset[str]
    """``name`` in every ``self.name``."""
    written: tuple[str, ...]
    """``name`` in every ``self.name = ...``, each once."""
    written_into: tuple[str, ...]
    """``name`` in ``name[...] = value``, ``del name[...]`` and ``name.append(value)``, each once."""
    words: frozenset[str]
    """All names, and all attributes, whatever they are attributes of."""
    set_attributes: frozenset[str]
    """``name`` in every ``anything.name = ...``."""
    called: tuple[str, ...]
    """``name`` in ``name(...)``, each once."""
    called_attributes: tuple[str, ...]
    """``name`` in ``anything.name(...)``, each once."""


def mentions(body: Iterable[nodes.Node]) -> Mentions:
    """What the body of a function speaks of, that of the functions in it included."""
    names: set[str] = set()
    attributes: set[str] = set()
    written: dict[str, None] = {}
    written_into: dict[str, None] = {}
    words: set[str] = set()
    set_attributes: set[str] = set()
    called: dict[str, None] = {}
    called_attributes: dict[str, None] = {}
    for statement in body:
        for node in descendants(statement):
            if isinstance(node, nodes.Name):
                names.add(node.name)
            elif isinstance(node, nodes.Attribute):
                words.add(node.name)
                if isinstance(node.value, nodes.Name):
                    attributes.add(node.name)
            elif isinstance(node, nodes.Assign | nodes.AugmentedAssign):
                for target in node.targets if isinstance(node, nodes.Assign) else (node.target,):
                    _add_written(target, written, written_into)
                    set_attributes.update(
                        each.name for each in descendants(target) if isinstance(each, nodes.Attribute)
                    )
            elif isinstance(node, nodes.Delete):
                for target in node.targets:
                    _add_written(target, {}, written_into)
            elif isinstance(node, nodes.Call):
                function = node.function
                if isinstance(function, nodes.Name):
                    called[function.name] = None
                elif isinstance(function, nodes.Attribute):
                    called_attributes[function.name] = None
                    if isinstance(function.value, nodes.Name) and function.name in MUTATORS:
                        written_into[function.value.name] = None
    return Mentions(
        frozenset(names),
        frozenset(attributes),
        tuple(written),
        tuple(written_into),
        frozenset(words | names),
        frozenset(set_attributes),
        tuple(called),
        tuple(called_attributes),
    )


def _add_written(target: nodes.Node, written: dict[str, None], written_into: dict[str, None]) -> None:
    if isinstance(target, nodes.Subscript) and isinstance(target.value, nodes.Name):
        written_into[target.value.name] = None
    for each in descendants(target):
        if isinstance(each, nodes.Attribute) and isinstance(each.value, nodes.Name):
            written[each.name] = None
