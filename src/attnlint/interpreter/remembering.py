"""Calls of functions that are decorated with ``functools.cache`` or ``lru_cache``: the same arguments run them once."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from attnlint.interpreter import binding
from attnlint.interpreter.objects import UNBOUND, Condition, FunctionValue
from attnlint.values import Choice, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node


def call(
    run: Run, function: FunctionValue, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node
) -> Value:
    """Call a cached function."""
    if not (_is_plain(arguments) and _is_plain(tuple(keywords.values()))):
        return binding.call_function(run, function, arguments, keywords, node)
    key = (function.node.id, arguments, tuple(keywords.items()))
    if function.module is not run.main:
        value = _constant(run, function, arguments, keywords, node, key)
        if value is not UNBOUND:
            return value
    known = run.store.knowledge.get(("remembered", function.module.path, key), UNBOUND)
    if known is not UNBOUND:
        return known
    value = run.keyed(binding.call_function(run, function, arguments, keywords, node))
    run.store.know(("remembered", function.module.path, key), value)
    return value


def _constant(
    run: Run,
    function: FunctionValue,
    arguments: tuple[Value, ...],
    keywords: dict[str, Value],
    node: Node,
    key: Hashable,
) -> Value:
    """What a cached function of another file makes of constants is a constant of that file, as its global names are:
    worked out once, apart from any path. UNBOUND where it is not, because the call raises, or makes an object.

    What it calls for other constants, itself above all, is under the budget of the first call: with a budget for each
    it might never end.
    """
    module = function.module
    kept = module.remembered
    if key not in kept:
        is_inner = module.remembering or any(frame.function is function for frame in run.frames)
        if is_inner or not (_is_known(arguments) and _is_known(tuple(keywords.values()))):
            return UNBOUND
        from attnlint.interpreter.entries import run_apart

        module.remembering = True
        try:
            value = run_apart(
                run, module, lambda inner: binding.call_function(inner, function, arguments, keywords, node)
            )
        finally:
            module.remembering = False
        kept[key] = UNBOUND
        if _is_plain(value):
            kept[key] = run.keyed(value)
    run.uncertain += 1  # the call that ran it may have been this one
    return kept[key]


def _is_plain(value: Value) -> bool:
    """Whether a value is a constant, or an unknown one that is itself wherever it goes."""
    if type(value) is tuple:
        return all(map(_is_plain, value))
    if type(value) is Choice:
        return all(map(_is_plain, value.values))
    return value is None or type(value) in (bool, int, float, str, bytes, Unknown, Condition)


def _is_known(value: Value) -> bool:
    """Whether a value is the same for whoever asks: an unknown one of the caller's is not."""
    if type(value) is tuple:
        return all(map(_is_known, value))
    return value is None or type(value) in (bool, int, float, str, bytes)
