"""Whole numbers that a program writes down in a tensor, and what reductions make of them: lengths, levels, sizes."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence

from attnlint.frozen import replace
from attnlint.values import Tensor, Value

LARGEST = 2**31 - 1
"""Larger results may wrap around, in one dtype or another."""

FOLDS: dict[str, Callable[[Sequence[int]], int]] = {
    "max": max,
    "amax": max,
    "min": min,
    "amin": min,
    "sum": sum,
    "prod": math.prod,
}


def whole_numbers_of(tensor: Tensor) -> tuple[int, ...] | None:
    """All elements of a tensor, in order, where they are known whole numbers."""
    found: list[int] = []
    return tuple(found) if tensor.elements is not None and _collect(tensor.elements, found) else None


def _collect(contents: Value, found: list[int]) -> bool:
    if isinstance(contents, tuple):
        return all(_collect(item, found) for item in contents)
    if type(contents) is int and abs(contents) <= LARGEST:
        found.append(contents)
        return True
    return False


def folded(name: str, tensor: Tensor, result: Tensor) -> Tensor:
    """The result of a reduction of all elements, with its value where that is known."""
    fold = FOLDS.get(name)
    numbers = whole_numbers_of(tensor) if fold is not None and result.shape.rank == 0 else None
    if fold is None or not numbers:
        return result
    value = fold(numbers)
    return replace(result, elements=value) if abs(value) <= LARGEST else result


def sorted_elements(tensor: Tensor, descending: Value, *, stable: bool) -> tuple[Value, Value] | None:
    """The elements of a vector of known whole numbers in order, and where each came from (``lengths.sort()``).

    The places are ``None`` where equal elements may come in any order.
    """
    numbers = whole_numbers_of(tensor) if tensor.shape.rank == 1 else None
    if not numbers or type(descending) is not bool:
        return None
    places = sorted(range(len(numbers)), key=lambda place: -numbers[place] if descending else numbers[place])
    certain = stable or len(set(numbers)) == len(numbers)
    return tuple(numbers[place] for place in places), tuple(places) if certain else None


ARITHMETIC: dict[str, Callable[[int, int], int]] = {
    "add": operator.add,
    "sub": operator.sub,
    "subtract": operator.sub,
    "mul": operator.mul,
    "multiply": operator.mul,
}


def combined(name: str, left: Value, right: Value, result: Tensor) -> Tensor:
    """The vector of whole numbers that one such vector and a number, or two vectors, make: ``lengths - 1``."""
    compute = ARITHMETIC.get(name)
    if compute is None or result.dtype != "int64" or result.shape.rank != 1:
        return result
    vectors = [whole_numbers_of(value) if isinstance(value, Tensor) else None for value in (left, right)]
    count = max((len(vector) for vector in vectors if vector), default=0)
    rows = [
        (value,) * count if type(value) is int else vector for value, vector in zip((left, right), vectors, strict=True)
    ]
    if not count or rows[0] is None or rows[1] is None or len(rows[0]) != len(rows[1]):
        return result
    values = tuple(compute(one, other) for one, other in zip(rows[0], rows[1], strict=True))
    return replace(result, elements=values) if all(abs(value) <= LARGEST for value in values) else result


def picked(tensor: Tensor, index: Value, result: Tensor) -> Tensor:
    """The elements of a vector that another one names: ``lengths[order]``."""
    if not isinstance(index, Tensor) or index.dtype != "int64" or tensor.shape.rank != 1 or result.shape.rank != 1:
        return result
    numbers, places = whole_numbers_of(tensor), whole_numbers_of(index)
    if not numbers or not places or not all(-len(numbers) <= place < len(numbers) for place in places):
        return result
    return replace(result, elements=tuple(numbers[place] for place in places))
