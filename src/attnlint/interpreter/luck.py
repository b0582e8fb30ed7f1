"""ATN201: operations that work only if two unrelated sizes happen to be equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attnlint.values import Instance, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.ops.call import Call
    from attnlint.ops.registry import Op
    from attnlint.syntax import nodes


def consider(
    run: Run,
    op: Op,
    call: Call,
    arguments: tuple[Value, ...],
    keywords: Mapping[str, Value],
    node: nodes.Node,
    evidence: str,
    layer: Instance | None,
) -> None:
    """Look at the demands of a call that were open and were assumed to hold."""
