"""Builtins that compute with numbers: ``abs``, ``round``, ``int``, ``sum``, ``min``, ``max``, ..."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attnlint.algebra import Answer, Dim, Expression, maximum, minimum
from attnlint.interpreter.contents import current
from attnlint.interpreter.library import floats
from attnlint.interpreter.library.concrete import call_real, is_concrete, pure
from attnlint.interpreter.library.iterators import ABSENT, alike, elements, fresh_int
from attnlint.interpreter.library.registry import class_, python
from attnlint.ops.call import unknown_int
from attnlint.values import Instance, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

LARGEST_POWER_BITS = 100_000


class_("object")
class_("int", "object")
class_("bool", "int")
class_("float", "object")
class_("complex", "object")
for _name in ("ord", "chr", "bin", "hex", "oct", "ascii", "format"):
    pure(_name, getattr(builtins, _name), kind="int" if _name == "ord" else "str")


@python("int")
def int_(run: Run, node: Node, value: Value = 0, /, base: Value = ABSENT) -> Value:
    if base is not ABSENT:
        return call_real(run, int, (value, base), {}, node, "int") if is_concrete(value) else fresh_int("n")
    if isinstance(value, Expression):
        return value
    if isinstance(value, Tensor):
        value = current(run, value)
        return value.elements if isinstance(value.elements, int | Expression) else fresh_int(value.label or "n")
    if isinstance(value, Unknown):
        if value.kind == "float":
            whole = floats.truncate(run, value)
            return fresh_int(value.label or "n") if isinstance(whole, Unknown) else whole
        if value.key is not None and value.kind in ("", "int"):
            # int(None) raises: from here on it is an int.
            return unknown_int(value.key, value.label or "n")
        return fresh_int(value.label or "n")
    if isinstance(value, Instance) or not is_concrete(value):
        return fresh_int("n")
    return call_real(run, int, (value,), {}, node, "int")


@python("float")
def float_(run: Run, node: Node, value: Value = 0.0, /) -> Value:
    if isinstance(value, Expression):
        return floats.make_quotient(value, 1)
    if isinstance(value, Tensor | Instance):
        return run.unknown("the float of an object", kind="float")
    if isinstance(value, Unknown):
        dim = floats.as_dim(value)
        if dim is not None:
            return floats.make_quotient(dim, 1)
        return value if value.kind == "float" else floats.opaque("float", value)
    return (
        call_real(run, float, (value,), {}, node, "float")
        if is_concrete(value)
        else run.unknown("a float", kind="float")
    )


@python("complex")
def complex_(run: Run, node: Node, real: Value = 0, imag: Value = 0) -> Value:
    return call_real(run, complex, (real, imag), {}, node, "complex")


@python("abs")
def abs_(run: Run, node: Node, value: Value, /) -> Value:
    if isinstance(value, Expression):
        if floats.is_size(run, value):
            return value
        return maximum(value, -value)
    if isinstance(value, Unknown) and value.kind == "float":
        return floats.opaque("abs", value)
    if isinstance(value, Tensor):
        return run.call(run.attribute(value, "abs", node), (), {}, node)
    if isinstance(value, Instance):
        return run.unknown("the absolute value of an object")
    return call_real(run, abs, (value,), {}, node, "abs")


@python("round")
def round_(run: Run, node: Node, number: Value, ndigits: Value = None) -> Value:
    if isinstance(number, Tensor):
        return run.call(run.attribute(number, "round", node), (), {}, node)
    if isinstance(number, Expression) and ndigits is None:
        return number
    if isinstance(number, Unknown) and number.kind == "float" and ndigits is None:
        whole = floats.round_(run, number)
        return fresh_int(number.label or "n") if isinstance(whole, Unknown) else whole
    if floats.is_number(number) and not is_concrete(number):
        return floats.opaque("round", number, ndigits)
    return call_real(run, round, (number,) if ndigits is None else (number, ndigits), {}, node, "round")


@python("divmod")
def divmod_(run: Run, node: Node, left: Value, right: Value, /) -> Value:
    return run.binary("//", left, right, node), run.binary("%", left, right, node)


@python("pow")
def pow_(run: Run, node: Node, base: Value, exp: Value, mod: Value = None) -> Value:
    if mod is None:
        return run.binary("**", base, exp, node)
    return call_real(run, pow, (base, exp, mod), {}, node, "pow")


@python("sum")
def sum_(run: Run, node: Node, iterable: Value, /, start: Value = 0) -> Value:
    items = elements(run, iterable, node)
    if items is None:
        pair = alike(run, iterable, node)
        if pair and isinstance(pair[0], Tensor) and start == 0:
            return run.binary("+", pair[0], pair[0], node)
        if pair and isinstance(pair[0], int | Expression) and not isinstance(pair[0], bool) and isinstance(start, int):
            return fresh_int("sum")
        return run.unknown("the sum of what is not known")
    total = start
    for item in items:
        total = run.binary("+", total, item, node)
    return total


@python("any")
def any_(run: Run, node: Node, iterable: Value, /) -> Value:
    return _quantify(run, iterable, node, decides=True)


@python("all")
def all_(run: Run, node: Node, iterable: Value, /) -> Value:
    return _quantify(run, iterable, node, decides=False)


def _quantify(run: Run, iterable: Value, node: Node, *, decides: bool) -> Value:
    """Whether some element has the truth ``decides``, and the answer that follows from it."""
    items = elements(run, iterable, node)
    if items is None:
        return run.unknown("whether elements that are not known are true", kind="bool")
    truths = [run.truth(item) for item in items]
    if decides in truths:
        return decides
    return run.unknown("whether elements that are not known are true", kind="bool") if None in truths else not decides


@python("min")
def min_(run: Run, node: Node, /, *arguments: Value, key: Value = None, default: Value = ABSENT) -> Value:
    return _extreme(run, node, "min", arguments, key, default)


@python("max")
def max_(run: Run, node: Node, /, *arguments: Value, key: Value = None, default: Value = ABSENT) -> Value:
    return _extreme(run, node, "max", arguments, key, default)


def _extreme(run: Run, node: Node, name: str, arguments: tuple[Value, ...], key: Value, default: Value) -> Value:
    if not arguments:
        return run.unknown(f"{name} of nothing")
    items = elements(run, arguments[0], node) if len(arguments) == 1 else list(arguments)
    if items is None:
        pair = alike(run, arguments[0], node)
        if pair and isinstance(pair[0], int | Expression) and key is None:
            return fresh_int(name)
        return run.unknown(f"{name} of what is not known")
    if not items:
        if default is not ABSENT:
            return default
        return run.raise_error("ValueError", f"{name}() arg is an empty sequence", node)
    ranks = items if key is None else [run.call(key, (item,), {}, node) for item in items]
    if all(is_concrete(rank) for rank in ranks):
        index = call_real(run, lambda *each: each.index(getattr(builtins, name)(each)), ranks, {}, node, name)
        return items[index] if isinstance(index, int) else index
    if len(items) == 1:
        return items[0]
    if key is not None:
        return run.unknown(f"{name} by a key that is not known")
    return extreme_number(run, name, items)


def extreme_number(run: Run, name: str, items: Sequence[Value]) -> Value:
    """The least or greatest of numbers that are not all known."""
    dims = [floats.as_dim(item) for item in items]
    if all(dim is not None for dim in dims):
        found: Dim = dims[0]  # type: ignore[assignment]
        for dim in dims[1:]:
            assert dim is not None
            low, high = (found, dim) if name == "max" else (dim, found)
            if run.facts.at_least(high, low) is Answer.YES:
                found = dim
            elif run.facts.at_least(low, high) is not Answer.YES:
                found = maximum(found, dim) if name == "max" else minimum(found, dim)
        return found
    if all(floats.is_number(item) for item in items):
        return floats.opaque(name, *items)
    return run.unknown(f"{name} of what is not known")


@python("hash", "id")
def hash_(run: Run, node: Node, value: Value, /) -> Value:
    return run.unknown("an identity", kind="int")
