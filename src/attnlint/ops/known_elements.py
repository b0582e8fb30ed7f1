"""Whole numbers that a program writes down in a tensor, and what reductions make of them: lengths, levels, sizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

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
