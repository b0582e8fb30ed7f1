"""Shape rules with symbols for sizes: replaced by integers, they must say what the rule says for the integers.

Every size above 1 becomes a generic symbol (now and then, one that is not generic, or an int as it is). Two things are
checked:

- a complaint with symbols claims that *no* sizes work, so the same call with these integers must be refused as well;
- a result with symbols, with the integers put in, must be the result for the integers.
"""

from __future__ import annotations

import random
from typing import Any

from attnlint.algebra import Dim, Expression, Facts, Shape, Symbol, evaluate
from attnlint.ops.complaint import BadArguments, CannotTell, Complaint
from attnlint.ops.dispatch import call_op
from attnlint.ops.registry import find_op
from attnlint.ops.strides import contiguous_strides
from attnlint.values import ListValue, NamedTuple, Repeated, Tensor

from .differential import abstract, show


class Lift:
    """Replaces sizes by symbols and remembers their values."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.values: dict[Symbol, int] = {}
        self.by_value: dict[int, list[Expression]] = {}

    def size(self, value: int) -> Dim:
        if value < 2 or self.random.random() < 0.3:
            return value
        known = self.by_value.setdefault(value, [])
        if known and self.random.random() < 0.7:
            return self.random.choice(known)
        symbol = Symbol(f"s{len(self.values)}", generic=self.random.random() < 0.8)
        self.values[symbol] = value
        known.append(Expression.of(symbol))
        return known[-1]

    def value(self, value: Any) -> Any:
        """Tensors get symbolic sizes; sizes given as arguments get the symbols of the same value, at times."""
        if isinstance(value, Tensor) and all(isinstance(dim, int) for dim in value.shape.dims):
            dims = tuple(self.size(dim) for dim in value.shape.dims if isinstance(dim, int))
            plain = value.strides == contiguous_strides(value.shape.dims)
            elements = value.elements if dims == value.shape.dims else None
            return Tensor(
                Shape(dims), value.dtype, strides=contiguous_strides(dims) if plain else None, elements=elements
            )
        if isinstance(value, ListValue):
            return ListValue([self.value(item) for item in value.items])
        if isinstance(value, tuple):
            return tuple(self.value(item) for item in value)
        if isinstance(value, int) and not isinstance(value, bool) and value in self.by_value:
            return self.random.choice([value, *self.by_value[value]])
        return value


def run(name: str, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """The result of a rule, or what it raised."""
    op = find_op(name)
    assert op is not None, name
    try:
        return call_op(op, arguments, keywords, Facts(), exact_dtypes=True)
    except (Complaint, CannotTell, BadArguments) as raised:
        return raised


def difference(name: str, seed: int, *args: Any, **kwargs: Any) -> str:
    """What is wrong with the rule on a lifted call; empty when nothing is."""
    arguments = tuple(abstract(arg) for arg in args)
    keywords = {key: abstract(value) for key, value in kwargs.items()}
    concrete = run(name, arguments, keywords)
    lift = Lift(seed)
    lifted_arguments = tuple(lift.value(value) for value in arguments)
    lifted_keywords = {key: lift.value(value) for key, value in keywords.items()}
    symbolic = run(name, lifted_arguments, lifted_keywords)
    shown = f"{name}{show(lifted_arguments, lifted_keywords)} with {lift.values}"
    if isinstance(symbolic, Complaint):
        if not isinstance(concrete, Complaint | BadArguments):
            return f"{shown}: complains ({symbolic.summary}), but with the integers it does not: {concrete}"
        return ""
    if isinstance(symbolic, CannotTell | BadArguments) or isinstance(concrete, Complaint | CannotTell | BadArguments):
        return ""
    text = _compare(symbolic, concrete, lift.values)
    return f"{shown}: {text}" if text else ""


def _compare(symbolic: Any, concrete: Any, values: dict[Symbol, int]) -> str:
    if isinstance(symbolic, Tensor) and isinstance(concrete, Tensor):
        if symbolic.dtype not in (None, concrete.dtype):
            return f"dtype {symbolic.dtype}, not {concrete.dtype}"
        have, want = symbolic.shape, concrete.shape
        if len(have.dims) > len(want.dims) or (have.rest is None and len(have.dims) != len(want.dims)):
            return f"shape {have}, not {want}"
        for dim, wanted in zip(reversed(have.dims), reversed(want.dims), strict=False):
            if _value(dim, values) not in (None, wanted) and isinstance(wanted, int):
                return f"shape {have}, not {want}"
        if symbolic.strides is not None and concrete.strides is not None and have.rest is None:
            for size, stride, wanted in zip(want.dims, symbolic.strides, concrete.strides, strict=True):
                if size != 1 and _value(stride, values) not in (None, wanted) and isinstance(wanted, int):
                    return f"strides {symbolic.strides}, not {concrete.strides}"
        return ""
    if isinstance(symbolic, Repeated) or isinstance(concrete, Repeated):
        items = _items(concrete)
        if isinstance(symbolic, Repeated) and items is not None:
            if isinstance(_value(symbolic.length, values), int) and _value(symbolic.length, values) != len(items):
                return f"{symbolic.length} items, not {len(items)}"
            return next((text for item in items if (text := _compare(symbolic.element, item, values))), "")
        return ""
    if _items(symbolic) is not None and _items(concrete) is not None:
        ours, theirs = _items(symbolic), _items(concrete)
        if len(ours) != len(theirs):
            return f"{len(ours)} items, not {len(theirs)}"
        return next((text for a, b in zip(ours, theirs, strict=True) if (text := _compare(a, b, values))), "")
    if isinstance(symbolic, int | Expression) and isinstance(concrete, int):
        return "" if _value(symbolic, values) in (None, concrete) else f"{symbolic}, not {concrete}"
    return ""


def _items(value: Any) -> Any:
    if isinstance(value, ListValue):
        return value.items
    return value.values if isinstance(value, NamedTuple) else value if isinstance(value, tuple) else None


def _value(dim: Any, values: dict[Symbol, int]) -> int | None:
    """The size with the integers put in; ``None`` when it has symbols of its own."""
    if isinstance(dim, Expression):
        return evaluate(dim, values) if dim.symbols() <= values.keys() else None
    return dim


__all__ = ["Lift", "difference", "run"]
