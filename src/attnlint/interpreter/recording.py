"""Keeps what expressions of the checked file came to, for those who show it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attnlint.algebra import Expression
from attnlint.interpreter.reports import snapshot
from attnlint.interpreter.results import Binding
from attnlint.syntax import nodes
from attnlint.values import Tensor, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

MOST = 8
"""How many values of one expression in one entry are kept: a loop may go through a place many times."""

KINDS = (nodes.Name, nodes.Attribute, nodes.Subscript, nodes.Call, nodes.Binary, nodes.Unary)


def recording(run: Run, evaluate: Callable[[nodes.Expression], Value]) -> Callable[[nodes.Expression], Value]:
    """``evaluate``, keeping in ``run.analysis.expressions`` what is a tensor, a size or a shape."""
    seen: dict[tuple[str, int], int] = {}

    def recorded(node: nodes.Expression) -> Value:
        value = evaluate(node)
        if isinstance(node, KINDS) and run.scope.module is run.main and is_shown(value):
            key = (run.entry, node.id)
            count = seen.get(key, 0)
            if count < MOST:
                seen[key] = count + 1
                name = node.name if isinstance(node, nodes.Name) else ""
                run.analysis.expressions.append(Binding(run.entry, node.id, name, snapshot(run, value)))
        return value

    return recorded


def is_shown(value: Value) -> bool:
    """Whether a value says something of shapes: a tensor, a size, a tuple of these."""
    if isinstance(value, tuple):
        return bool(value) and all(type(item) in (int, Expression, Tensor) for item in value)
    return type(value) in (int, Expression, Tensor)
