"""Values that are wholly known: to real Python objects and back, and calls of real Python functions on them.

Only functions that are pure and whose cost is bounded by their arguments may be called this way; the arguments are
bounded here. User code is never run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attnlint.interpreter.library.registry import Model, register
from attnlint.values import DictValue, ListValue, SetValue, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

LARGEST_COLLECTION = 10_000
LONGEST_TEXT = 100_000
LARGEST_INTEGER_BITS = 4_096


class NotConcrete(Exception):
    """The value is not wholly known, or too large, or of no builtin type."""


def concrete(value: Value) -> Any:
    """The Python object that ``value`` stands for; raises NotConcrete."""
    return _concrete(value, [LARGEST_COLLECTION], 0)


def _concrete(value: Value, budget: list[int], depth: int) -> Any:
    if value is None or isinstance(value, bool | float | complex) or value is ... or value is NotImplemented:
        return value
    if isinstance(value, int):
        if value.bit_length() > LARGEST_INTEGER_BITS:
            raise NotConcrete
        return value
    if isinstance(value, str | bytes):
        if len(value) > LONGEST_TEXT:
            raise NotConcrete
        return value
    if depth > 20:
        raise NotConcrete
    if isinstance(value, range):
        return value
    if isinstance(value, slice):
        return slice(*(_concrete(part, budget, depth + 1) for part in (value.start, value.stop, value.step)))
    if isinstance(value, tuple | ListValue | SetValue | DictValue):
        items = value if isinstance(value, tuple) else value.items
        budget[0] -= len(items)
        if budget[0] < 0 or (isinstance(value, DictValue) and value.default_factory is not None):
            raise NotConcrete
        if isinstance(items, dict):
            return {_concrete(k, budget, depth + 1): _concrete(v, budget, depth + 1) for k, v in items.items()}
        members = [_concrete(item, budget, depth + 1) for item in items]
        return tuple(members) if isinstance(value, tuple) else members if isinstance(value, ListValue) else set(members)
    raise NotConcrete


def is_concrete(value: Value) -> bool:
    """Whether :func:`concrete` succeeds."""
    try:
        concrete(value)
    except NotConcrete:
        return False
    return True


def abstract(result: Any) -> Value:
    """The value of a Python object made of builtin types; raises NotConcrete for anything else."""
    if (
        result is None
        or result is ...
        or isinstance(result, bool | int | float | complex | str | bytes | range | slice)
    ):
        return result
    if isinstance(result, tuple):
        return tuple(abstract(item) for item in result)
    if isinstance(result, list):
        return ListValue([abstract(item) for item in result])
    if isinstance(result, dict):
        return DictValue({abstract(key): abstract(item) for key, item in result.items()})
    if isinstance(result, set | frozenset):
        return SetValue({abstract(item) for item in result})
    raise NotConcrete


def call_real(
    run: Run,
    function: Callable[..., Any],
    arguments: Sequence[Value],
    keywords: Mapping[str, Value],
    node: Node,
    name: str,
) -> Value:
    """Call a real, pure function on concrete values: its result, or its exception; unknown for other values."""
    try:
        real = [concrete(argument) for argument in arguments]
        real_keywords = {key: concrete(value) for key, value in keywords.items()}
    except NotConcrete:
        return run.unknown(f"{name} of what is not known")
    try:
        result = function(*real, **real_keywords)
    except (MemoryError, RecursionError):
        return run.unknown(f"{name} of something too large")
    except Exception as error:
        return run.raise_error(type(error).__name__, str(error), node)
    try:
        return abstract(result)
    except NotConcrete:
        return run.unknown(f"the result of {name}")


def pure(name: str, function: Callable[..., Any], *, kind: str = "") -> None:
    """Declare that ``name`` is modelled by calling the real function where everything is known.

    ``kind``: what the result is where it is not (``str``, ``bool``, ``float``).
    """

    def model(run: Run, arguments: tuple[Value, ...], keywords: dict[str, Value], node: Node) -> Value:
        if not all(is_concrete(value) for value in (*arguments, *keywords.values())):
            return run.unknown(f"{name} of what is not known", kind=kind)
        return call_real(run, function, arguments, keywords, node, name)

    register(name, model)


def as_model(function: Callable[[Run, tuple[Value, ...], dict[str, Value], Node], Value]) -> Model:
    """``function`` as it is: a model that takes its arguments unbound."""
    return function
