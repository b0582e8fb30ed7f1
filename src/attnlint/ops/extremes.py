"""The greatest element that a tensor of whole numbers certainly holds: what an index is checked against.

Small contents are known one by one (``Tensor.elements``). Of the rest it is known how they were made:
``torch.arange(n)`` holds ``n - 1``, and so does what views, repeats and copies make of it. ``torch.randint`` draws:
among many draws one is great, all but certainly.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attnlint.values import ListValue, Maker, Tensor, Value

SAME_ELEMENTS = frozenset(
    """unsqueeze squeeze view reshape expand expand_as repeat tile transpose permute swapaxes t contiguous clone detach
    to long int flatten unflatten flip roll repeat_interleave cuda cpu type type_as rearrange broadcast_to view_as
    reshape_as as_tensor requires_grad_ movedim moveaxis""".split()
)
"""Ops by the last part of their name: each element of the first operand is one of the result as well."""
MOST_STEPS = 24
ALMOST_NEVER = 1e-12
"""How probable it may be that all draws are small."""


def greatest(tensor: Tensor) -> int | None:
    """An element that the tensor holds, as great as is known."""
    return _greatest(tensor, MOST_STEPS, _count(tensor))


def _count(tensor: Tensor) -> int | None:
    """How many elements there are."""
    if tensor.shape.rest is not None:
        return None
    count = 1
    for dim in tensor.shape.dims:
        if not isinstance(dim, int):
            return None
        count *= dim
    return count


def _greatest(tensor: Value, steps: int, count: int | None) -> int | None:
    if not isinstance(tensor, Tensor) or steps == 0 or count == 0:
        return None
    if tensor.elements is not None:
        return max(_whole(tensor.elements), default=None)
    maker = tensor.maker
    if maker is None or maker.whole is not None:
        return None
    name = maker.operation.rpartition(".")[2]
    arguments = maker.arguments
    if name in SAME_ELEMENTS and arguments:
        return _greatest(arguments[0], steps - 1, _count(arguments[0]) if isinstance(arguments[0], Tensor) else None)
    if name in ("add", "sub", "__add__", "__sub__", "__radd__") and len(arguments) == 2 and not maker.keywords:
        return _shifted(name, arguments, steps)
    if name in ("cat", "concat", "stack") and arguments and isinstance(arguments[0], ListValue | tuple):
        items = arguments[0].items if isinstance(arguments[0], ListValue) else arguments[0]
        found = [_greatest(item, steps - 1, _count(item)) for item in items if isinstance(item, Tensor)]
        return max((each for each in found if each is not None), default=None)
    if name == "arange":
        return _last_of_range(maker)
    if name == "randint":
        return _among_draws(maker, count)
    if name == "randperm" and len(arguments) == 1 and isinstance(arguments[0], int):
        return arguments[0] - 1
    if name == "full" and len(arguments) == 2 and isinstance(arguments[1], int):
        return arguments[1]
    return None


def _shifted(name: str, arguments: tuple[Value, ...], steps: int) -> int | None:
    tensor, other = arguments
    if not isinstance(tensor, Tensor):
        tensor, other = other, tensor
        if "sub" in name:
            return None
    if not isinstance(other, int) or isinstance(other, bool):
        return None
    inner = _greatest(tensor, steps - 1, _count(tensor) if isinstance(tensor, Tensor) else None)
    return None if inner is None else inner - other if "sub" in name else inner + other


def _numbers(maker: Maker, names: tuple[str, ...]) -> dict[str, Any] | None:
    """The leading numbers of a call, positional or by name."""
    found = dict(zip(names, maker.arguments, strict=False))
    found.update({name: maker.keywords[name] for name in names if name in maker.keywords})
    return found if all(isinstance(value, int) and not isinstance(value, bool) for value in found.values()) else None


def _last_of_range(maker: Maker) -> int | None:
    given = [value for value in maker.arguments if isinstance(value, int) and not isinstance(value, bool)]
    if len(given) != len(maker.arguments) or not given:
        named = _numbers(maker, ("start", "end", "step")) if not maker.arguments else None
        if not named or "end" not in named:
            return None
        given = [named.get("start", 0), named["end"], named.get("step", 1)]
    elif any(name in maker.keywords for name in ("start", "end", "step")):
        return None
    numbers = range(*given) if len(given) <= 3 and (len(given) < 3 or given[2] != 0) else range(0)
    return max(numbers[0], numbers[-1]) if len(numbers) else None


def _among_draws(maker: Maker, count: int | None) -> int | None:
    """Of ``count`` draws one is at least this, but for a chance of :data:`ALMOST_NEVER`."""
    given = maker.arguments
    bounds = [value for value in given[:2] if isinstance(value, int) and not isinstance(value, bool)]
    low = maker.keywords.get("low", bounds[0] if len(bounds) == 2 else 0)
    high = maker.keywords.get("high", bounds[-1] if bounds else None)
    if not isinstance(low, int) or not isinstance(high, int) or not count or high <= low:
        return None
    return low + min(int((high - low) * ALMOST_NEVER ** (1 / count)), high - low - 1)


def _whole(value: Value) -> Iterator[int]:
    if isinstance(value, tuple | list | ListValue):
        for item in value.items if isinstance(value, ListValue) else value:
            yield from _whole(item)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value
