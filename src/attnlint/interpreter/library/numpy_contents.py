"""What small arrays of numpy hold, where a program writes it down: ``np.atleast_1d(kernel_size) - stride + 1``.

The contents are those of the array's tensor: nested tuples of Python numbers and dims. An array that is a view of
another has none of its own, and keeps the other in mind: what is written into it is written into both.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from attnlint.algebra import Expression
from attnlint.interpreter.errors import Raised
from attnlint.interpreter.library import floats
from attnlint.interpreter.library.numbers_builtins import extreme_number
from attnlint.values import Instance, ListValue, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.syntax.nodes import Node

BASE = "_bases"
"""The attribute of an array that is a view: the arrays that it may be a view of."""
MOST_ELEMENTS = 64
LARGEST = 2**31 - 1
"""Larger whole numbers may wrap around, in one dtype or another."""
_DTYPES = frozenset({"bool", "int32", "int64", "float64"})
"""Those whose numbers Python's own are: a float32 is rounded otherwise."""

SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "floor_divide": "//", "remainder": "%", "pow": "**"}
COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def contents_of(array: Instance) -> Value:
    """What an array holds; ``None`` when that is not known."""
    tensor: Tensor = array.attributes["_tensor"]
    return tensor.elements


def holding(tensor: Tensor, contents: Value) -> Tensor:
    """A tensor with its contents, where they are known numbers and few."""
    if contents is None or tensor.dtype not in _DTYPES:
        return tensor
    dims: list[int] = []
    leaves = _leaves(contents, dims, 0)
    if leaves is None or not 0 < leaves <= MOST_ELEMENTS or tensor.shape.dims != tuple(dims):
        return tensor
    return replace(tensor, elements=contents)


def _leaves(contents: Value, dims: list[int], depth: int) -> int | None:
    """How many numbers there are in nested tuples of one size a depth; ``None`` where that is not what they are."""
    if not isinstance(contents, tuple):
        is_number = depth == len(dims) and _is_exact(contents)
        return 1 if is_number else None
    if depth == len(dims):
        dims.append(len(contents))
    if dims[depth] != len(contents):
        return None
    found = 0
    for item in contents:
        leaves = _leaves(item, dims, depth + 1)
        if leaves is None:
            return None
        found += leaves
    return found


def _is_exact(value: Value) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, Unknown):
        return floats.is_symbolic(value)
    return isinstance(value, bool | Expression) or (isinstance(value, int) and abs(value) <= LARGEST)


def nested(data: Value) -> Value:
    """Numbers, or lists of them, as contents."""
    if isinstance(data, ListValue):
        data = tuple(data.items)
    elif isinstance(data, range):
        data = tuple(data) if len(data) <= MOST_ELEMENTS else None
    return tuple(nested(item) for item in data) if isinstance(data, tuple) else data


def flat(contents: Value) -> list[Value]:
    """All numbers, in order."""
    if not isinstance(contents, tuple):
        return [contents]
    return [leaf for item in contents for leaf in flat(item)]


def combined(run: Run, name: str, left: Value, right: Value, node: Node) -> Value:
    """What an operation makes of the contents of two arrays, element by element; ``None`` when that is not known."""
    if left is None or right is None or (name not in SIGNS and name not in COMPARISONS):
        return None

    def compute(one: Value, other: Value) -> Value:
        if name in COMPARISONS:
            return run.compare(COMPARISONS[name], one, other, node)
        if isinstance(one, bool) and isinstance(other, bool):
            return None  # numpy's bools know `or` and `and` only
        if name == "pow" and not (isinstance(other, int) and other >= 0) and isinstance(one, int | Expression):
            return None  # numpy has no negative powers of ints
        return run.binary(SIGNS[name], one, other, node)

    return _quietly(run, lambda: _broadcast(compute, left, right))


def mapped(run: Run, function: Callable[[Value], Value], contents: Value) -> Value:
    """What a function makes of every element; ``None`` when that is not known."""

    def inside(value: Value) -> Value:
        return tuple(inside(item) for item in value) if isinstance(value, tuple) else function(value)

    return None if contents is None else _quietly(run, lambda: inside(contents))


def folded(run: Run, name: str, contents: Value, node: Node) -> Value:
    """What a reduction makes of all that an array holds, as a Python number; ``None`` when that is not known.

    How numpy rounds a sum of floats is its own affair.
    """
    if contents is None:
        return None
    numbers = flat(contents)
    if name in ("any", "all"):
        known = [value for value in numbers if isinstance(value, bool | int | float)]
        return (any if name == "any" else all)(known) if len(known) == len(numbers) else None
    if name in ("min", "max"):
        return extreme_number(run, name, numbers)
    whole = [int(value) if isinstance(value, bool) else value for value in numbers]
    if not all(isinstance(value, int | Expression) for value in whole):
        return None
    if name in ("sum", "mean", "prod"):
        sign = "*" if name == "prod" else "+"
        found = whole[0]
        for value in whole[1:]:
            found = run.binary(sign, found, value, node)
        found = run.binary("/", found, len(whole), node) if name == "mean" else found
        return found if _is_exact(found) else None
    return None


def _quietly(run: Run, compute: Callable[[], Value]) -> Value:
    """What does not go in Python, a division by zero, numpy gives as it sees fit."""
    run.quiet += 1
    failures, uncertain = run.failures, run.uncertain
    try:
        return compute()
    except Raised:
        return None
    finally:
        run.quiet -= 1
        run.failures, run.uncertain = failures, uncertain


def _broadcast(compute: Callable[[Value, Value], Value], left: Value, right: Value) -> Value:
    one, other = _depth(left), _depth(right)
    if one == other == 0:
        return compute(left, right)
    if one < other:
        return tuple(_broadcast(compute, left, item) for item in right)
    if other < one:
        return tuple(_broadcast(compute, item, right) for item in left)
    count = max(len(left), len(right))
    if count > MOST_ELEMENTS or {len(left), len(right)} - {1, count} or not left or not right:
        return None
    rows = (left * count if len(left) == 1 else left, right * count if len(right) == 1 else right)
    return tuple(_broadcast(compute, a, b) for a, b in zip(*rows, strict=False))


def _depth(contents: Value) -> int:
    depth = 0
    while isinstance(contents, tuple) and contents:
        contents = contents[0]
        depth += 1
    return depth


def forget(run: Run, array: Instance) -> None:
    """Something was written into an array, or may have been: its contents, and those of what it is a view of, are not
    known any more."""
    tensor: Tensor = array.attributes["_tensor"]
    if tensor.elements is not None:
        run.store.set_attribute(array, "_tensor", replace(tensor, elements=None))
    for base in array.attributes.get(BASE, ()):
        forget(run, base)
