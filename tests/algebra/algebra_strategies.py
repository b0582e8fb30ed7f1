"""Random dims and facts, and integers for their symbols."""

from __future__ import annotations

from itertools import product as boxes
from typing import Any

from hypothesis import strategies as st

from attnlint.algebra import Dim, Expression, Symbol, maximum, minimum

SIZES = [Symbol(name, ("size", name)) for name in "abcd"]
ANYTHING = [Symbol(name, ("int", name), minimum=None) for name in "xy"]
SYMBOLS = SIZES + ANYTHING


def leaves(symbols: list[Symbol]) -> st.SearchStrategy[Dim]:
    return st.one_of(st.integers(-4, 6), st.sampled_from([Expression.of(symbol) for symbol in symbols]))


def _grown(inner: st.SearchStrategy[Dim]) -> st.SearchStrategy[Dim]:
    def apply(operation: str, a: Dim, b: Dim) -> Dim:
        if operation in ("//", "%") and isinstance(b, int) and not b:
            b = 2
        match operation:
            case "+":
                return a + b
            case "-":
                return a - b
            case "*":
                return a * b
            case "//":
                return a // b
            case "%":
                return a % b
            case "max":
                return maximum(a, b)
            case _:
                return minimum(a, b)

    return st.builds(apply, st.sampled_from(["+", "-", "*", "+", "-", "*", "//", "%", "max", "min"]), inner, inner)


def dims(symbols: list[Symbol] = SYMBOLS, size: int = 6) -> st.SearchStrategy[Dim]:
    return st.recursive(leaves(symbols), _grown, max_leaves=size)


def facts(symbols: list[Symbol] = SIZES) -> st.SearchStrategy[tuple[str, Dim, Dim]]:
    kinds = st.sampled_from(["equal", "equal", "different", "at_least", "divides"])
    return st.tuples(kinds, dims(symbols, 4), dims(symbols, 4))


def assignments(symbols: list[Symbol], greatest: int) -> Any:
    ranges = [range(-3 if symbol.minimum is None else symbol.minimum, greatest + 1) for symbol in symbols]
    for values in boxes(*ranges):
        yield dict(zip(symbols, values, strict=True))
