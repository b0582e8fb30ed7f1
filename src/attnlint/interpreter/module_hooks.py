"""Forward hooks: what a module calls before and after its forward, and what may replace what goes in or comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.values import Instance, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

BEFORE = "__forward_pre_hooks__"
AFTER = "__forward_hooks__"
"""The attributes of an instance that hold what was registered, in order."""
METHODS = {"register_forward_pre_hook": BEFORE, "register_forward_hook": AFTER}


def register(
    run: Run, instance: Instance, name: str, arguments: tuple[Value, ...], keywords: dict[str, Value]
) -> Value:
    """``module.register_forward_hook(hook)``"""
    hook = arguments[0] if arguments else keywords.get("hook")
    if len(arguments) > 1 or keywords.keys() - {"hook"}:
        hook = run.unknown("a hook that is called in a way of its own")
    slot = METHODS[name]
    hooks = _registered(instance, slot)
    run.store.set_attribute(instance, slot, hook if hooks is None else (*hooks, hook))
    return run.fresh("the handle of a hook")


def _registered(instance: Instance, slot: str) -> tuple[Value, ...] | None:
    """The hooks in their order; ``None`` where that is not known: ``if trace: module.register_forward_hook(hook)``."""
    hooks = instance.attributes.get(slot, ())
    return hooks if isinstance(hooks, tuple) else None


def before(run: Run, instance: Instance, arguments: tuple[Value, ...], node: Node) -> tuple[Value, ...] | None:
    """What the forward is called with; ``None`` where that is not known."""
    hooks = _registered(instance, BEFORE)
    if hooks is None:
        return None
    for hook in hooks:
        result = run.call(hook, (instance, arguments), {}, node)
        if isinstance(result, tuple):
            arguments = result
        elif result is not None:
            if isinstance(result, Unknown) or not arguments:
                return None
            arguments = (result,)
    return arguments


def after(run: Run, instance: Instance, arguments: tuple[Value, ...], output: Value, node: Node) -> Value:
    """What comes out of a call."""
    hooks = _registered(instance, AFTER)
    if hooks is None:
        return run.unknown("hooks that may be there")
    for hook in hooks:
        result = run.keyed(run.call(hook, (instance, arguments, output), {}, node))
        if result is not None:
            output = result
    return output
