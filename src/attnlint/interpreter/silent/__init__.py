"""ATN3xx: operations that run and compute the wrong thing.

Every op that succeeded is shown to the watchers of its name. They follow the makers of its operands
(``Tensor.maker``) and the histories of their axes (``Tensor.axes``) back; names only decide wording.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attnlint.interpreter.silent import (
    broadcasting,
    caches,
    copies,
    dropout,
    layouts,
    lone_letters,
    mask_arguments,
    mask_meaning,
    masks,
    one_element,
    pooling,
    positions,
    probabilities,
    reshapes,
    rotary,
    scale,
    softmax_axis,
    square,
    token_axis,
)
from attnlint.interpreter.silent.observation import Observation, Watcher

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.ops.call import Call
    from attnlint.ops.registry import Op
    from attnlint.syntax.nodes import Node
    from attnlint.values import Instance, Value


def _gathered(*tables: Mapping[str, Watcher]) -> dict[str, tuple[Watcher, ...]]:
    found: dict[str, tuple[Watcher, ...]] = {}
    for table in tables:
        for name, watcher in table.items():
            found[name] = (*found.get(name, ()), watcher)
    return found


WATCHERS: Mapping[str, tuple[Watcher, ...]] = _gathered(
    broadcasting.WATCHERS,
    caches.WATCHERS,
    copies.WATCHERS,
    dropout.WATCHERS,
    layouts.WATCHERS,
    lone_letters.WATCHERS,
    mask_arguments.WATCHERS,
    mask_meaning.WATCHERS,
    masks.WATCHERS,
    one_element.WATCHERS,
    pooling.WATCHERS,
    probabilities.WATCHERS,
    positions.WATCHERS,
    rotary.WATCHERS,
    scale.WATCHERS,
    reshapes.WATCHERS,
    softmax_axis.WATCHERS,
    square.WATCHERS,
    token_axis.WATCHERS,
)
"""By the last part of the op's name: ``softmax`` for ``torch.softmax``, ``F.softmax`` and ``Tensor.softmax``."""


def observe(
    run: Run,
    op: Op,
    call: Call,
    result: Value,
    arguments: tuple[Value, ...],
    keywords: Mapping[str, Value],
    node: Node,
    evidence: str,
    layer: Instance | None,
) -> None:
    """Show a call that succeeded to whoever watches that op."""
    watchers = WATCHERS.get(op.name.rpartition(".")[2])
    if watchers is None:
        return
    observation = Observation(run, op, call, result, arguments, keywords, node, evidence, layer)
    for watcher in watchers:
        try:
            watcher(observation)
        except Exception as error:
            if run.options.strict:
                raise
            run.analysis.debug.append(f"bug in a silent rule at {op.name}: {type(error).__name__}: {error}")


__all__ = ["WATCHERS", "Observation", "Watcher", "observe"]
