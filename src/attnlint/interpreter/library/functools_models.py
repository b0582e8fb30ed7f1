"""``functools``: ``partial``, ``reduce``, ``wraps`` and the caches."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from attnlint.interpreter.decorated import WRAPPED
from attnlint.interpreter.library.iterators import ABSENT, alike, elements
from attnlint.interpreter.library.registry import class_, python
from attnlint.interpreter.objects import FunctionValue
from attnlint.values import BoundMethod, Instance, PythonName, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

PARTIAL = PythonName("functools.partial")

class_("functools.cached_property", "object")
class_("functools.partial", "object")
class_("functools.partialmethod", "object")


@python("functools.partial")
def partial(run: Run, node: Node, function: Value, /, *arguments: Value, **keywords: Value) -> Value:
    if isinstance(function, Instance) and function.cls == PARTIAL:
        inner = function.attributes
        return _partial(inner["func"], inner["args"] + arguments, {**inner["keywords"].items, **keywords})
    return _partial(function, arguments, keywords)


def _partial(function: Value, arguments: tuple[Value, ...], keywords: dict[str, Value]) -> Instance:
    from attnlint.values import DictValue

    return Instance(PARTIAL, {"func": function, "args": arguments, "keywords": DictValue(dict(keywords))})


@python("functools.partial.__call__")
def call_partial(run: Run, node: Node, receiver: Value, /, *arguments: Value, **keywords: Value) -> Value:
    bound = receiver.attributes
    return run.call(bound["func"], (*bound["args"], *arguments), {**bound["keywords"].items, **keywords}, node)


@python("functools.partialmethod")
def partialmethod(run: Run, node: Node, function: Value, /, *arguments: Value, **keywords: Value) -> Value:
    return Instance(PythonName("functools.partialmethod"), {"_partial": _partial(function, arguments, keywords)})


@python("functools.partialmethod.__get__")
def bind_partialmethod(run: Run, node: Node, receiver: Value, instance: Value, owner: Value = None, /) -> Value:
    bound = receiver.attributes["_partial"].attributes
    if instance is None:
        return receiver.attributes["_partial"]
    return _partial(bound["func"], (instance, *bound["args"]), bound["keywords"].items)


@python("functools.reduce")
def reduce_(run: Run, node: Node, function: Value, iterable: Value, initial: Value = ABSENT, /) -> Value:
    items = elements(run, iterable, node)
    if items is None:
        pair = alike(run, iterable, node)
        if pair and isinstance(pair[0], Tensor):
            return run.call(function, (pair[0], pair[0]), {}, node)
        return run.unknown("a reduction of what is not known")
    if initial is not ABSENT:
        items = [initial, *items]
    if not items:
        return run.raise_error("TypeError", "reduce() of empty iterable with no initial value", node)
    total = items[0]
    for item in items[1:]:
        total = run.call(function, (total, item), {}, node)
    return total


@python("functools.wraps")
def wraps(run: Run, node: Node, wrapped: Value, /, *arguments: Value, **keywords: Value) -> Value:
    # The decorated function keeps its behaviour; only names and documentation are copied.
    return BoundMethod(wrapped, PythonName("functools.wraps.decorator"))


@python("functools.wraps.decorator")
def wraps_decorator(run: Run, node: Node, wrapped: Value, function: Value, /) -> Value:
    if isinstance(function, FunctionValue):
        run.store.put(function.attributes, WRAPPED, wrapped)
    return function


@python(
    "functools.singledispatch",
    "functools.total_ordering",
    "atexit.register",
)
def unchanged(run: Run, node: Node, function: Value, /) -> Value:
    return function


@python("functools.update_wrapper")
def update_wrapper(
    run: Run, node: Node, wrapper: Value, wrapped: Value, /, *arguments: Value, **keywords: Value
) -> Value:
    return wraps_decorator(run, node, wrapped, wrapper)


@python("functools.lru_cache")
def lru_cache(run: Run, node: Node, maxsize: Value = 128, typed: Value = False) -> Value:
    # Used bare, the decorated function is the first argument.
    if maxsize is None or isinstance(maxsize, int | Unknown):
        return PythonName("functools.cache")
    return cache(run, node, maxsize)


@python("functools.cache")
def cache(run: Run, node: Node, function: Value, /) -> Value:
    return replace(function, remembers=True) if isinstance(function, FunctionValue) else function


@python("functools.cmp_to_key", "functools.singledispatchmethod")
def not_modelled(run: Run, node: Node, function: Value, /) -> Value:
    return run.unknown("a function of functools that is not modelled")
