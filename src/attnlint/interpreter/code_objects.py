"""The code object of a function of the user's: its names, and how many of them are parameters."""

from __future__ import annotations

from attnlint.interpreter.objects import FunctionValue
from attnlint.syntax.nodes import FunctionDef
from attnlint.values import Instance, PythonName

KINDS = ("positional", "plain", "star", "keyword", "double_star")


def code_of(value: FunctionValue) -> Instance:
    """The code object: its variables begin with the parameters, `*` ones last; the order of the others is ours."""
    node = value.node
    by_kind = {kind: [each.name for each in node.parameters if each.kind == kind] for kind in KINDS}
    plain = by_kind["positional"] + by_kind["plain"]
    names = [*plain, *by_kind["keyword"], *filter(None, by_kind["star"]), *by_kind["double_star"]]
    if isinstance(node, FunctionDef):
        names += sorted(node.local_names.difference(names))
    counts = {"co_argcount": len(plain), "co_kwonlyargcount": len(by_kind["keyword"])}
    held = {"co_name": value.name, "co_filename": value.module.path, "co_varnames": tuple(names), **counts}
    return Instance(PythonName("types.CodeType"), held)
