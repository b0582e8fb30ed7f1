"""``torch.autograd.Function``: ``apply`` runs the class's ``forward`` with a context of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.interpreter.classes import find_in_class
from attnlint.interpreter.objects import ClassValue, FunctionValue, StaticMethod
from attnlint.values import Instance, TorchName, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

APPLY = "torch.autograd.Function.apply"
CONTEXT = TorchName("torch.autograd.function.FunctionCtx")


def apply(run: Run, cls: ClassValue, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
    """``cls.apply(*arguments)``"""
    found, _ = find_in_class(cls, "forward")
    forward = found.function if isinstance(found, StaticMethod) else found
    if not isinstance(forward, FunctionValue):
        return run.fresh(f"the forward of {cls.name} is not known")
    context = Instance(CONTEXT, {}, key=("fresh", run.next_serial()), label="ctx")
    setup, _ = find_in_class(cls, "setup_context")
    # With a setup_context of the class's own, forward is not given the context.
    separate = isinstance(setup, StaticMethod | FunctionValue)
    return run.call(forward, arguments if separate else (context, *arguments), keywords, node)
