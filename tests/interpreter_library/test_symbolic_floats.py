"""Sizes that meet floats: the arithmetic agrees with Python's for every value of the symbols."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlint.algebra import Expression, Facts, Symbol, evaluate
from attnlint.interpreter.library import floats
from attnlint.values import Unknown

A, B = Symbol("a", key="a"), Symbol("b", key="b")
RUN = SimpleNamespace(facts=Facts())
a, b = Expression.of(A), Expression.of(B)

sizes = st.integers(min_value=1, max_value=100_000)
constants = st.one_of(
    st.sampled_from([0.5, 0.25, 2.0, 4.0, 1.5, 2.75, 3.0]), st.integers(min_value=1, max_value=12), st.floats(0.1, 8.0)
)
steps = st.lists(st.tuples(st.sampled_from("*/+"), st.one_of(constants, st.just("b"))), min_size=1, max_size=4)


def compute(start: object, by: object, program: list[tuple[str, object]], symbolic: bool) -> object:
    """Apply the steps one after the other, with numbers or with symbols."""
    value = start
    for sign, operand in program:
        other = by if operand == "b" else operand
        if symbolic and not (isinstance(value, int | float) and isinstance(other, int | float)):
            integral = all(isinstance(each, int | Expression) for each in (value, other)) and sign != "/"
            value = _integral(sign, value, other) if integral else floats.binary(sign, value, other)
        else:
            value = value * other if sign == "*" else value / other if sign == "/" else value + other  # type: ignore[operator]
    return value


def _integral(sign: str, left: object, right: object) -> object:
    return left * right if sign == "*" else left + right  # type: ignore[operator]


@settings(max_examples=300, deadline=None)
@given(sizes, sizes, steps, st.sampled_from(["int", "floor", "ceil", "round"]))
def test_whole_numbers_agree_with_python(x: int, y: int, program: list[tuple[str, object]], how: str) -> None:
    symbolic = compute(a, b, program, symbolic=True)
    real = compute(x, y, program, symbolic=False)
    convert = {"int": floats.truncate, "floor": floats.floor, "ceil": floats.ceil, "round": floats.round_}[how]
    whole = symbolic if isinstance(symbolic, Expression) else convert(RUN, symbolic)  # type: ignore[arg-type]
    if not isinstance(whole, int | Expression) or (isinstance(whole, Expression) and not whole.symbols() <= {A, B}):
        return  # a symbol of its own: claims nothing
    expected = {"int": int, "floor": math.floor, "ceil": math.ceil, "round": round}[how](real)  # type: ignore[operator]
    assert evaluate(whole, {A: x, B: y}) == expected


def test_the_same_computation_is_the_same_symbol() -> None:
    once = floats.truncate(RUN, floats.binary("*", a, 2.67))  # type: ignore[arg-type]
    again = floats.truncate(RUN, floats.binary("*", 2.67, a))  # type: ignore[arg-type]
    other = floats.truncate(RUN, floats.binary("*", a, 2.68))  # type: ignore[arg-type]
    assert once == again
    assert once != other
    assert str(once) == "int(a*2.67)"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (floats.binary("/", a, b), "a // b"),
        (floats.binary("*", a, 4.0), "4*a"),
        (floats.binary("/", a * 8, 3), "8*a // 3"),
        (floats.binary("*", a, 0.5), "a // 2"),
        (floats.binary("/", a * b, b), "a"),
    ],
)
def test_quotients_are_floor_divisions(value: Unknown, text: str) -> None:
    assert str(floats.truncate(RUN, value)) == text  # type: ignore[arg-type]


def test_a_rounded_quotient_is_not_taken_apart() -> None:
    """``(a / b) * b`` need not be ``a`` in floating point: ``(1 / 49) * 49 < 1``."""
    product = floats.binary("*", floats.binary("/", a, b), b)
    assert floats.truncate(RUN, product) != a  # type: ignore[arg-type]


def test_what_may_be_negative_is_not_truncated_downwards() -> None:
    whole = floats.truncate(RUN, floats.binary("/", a - b, 2))  # type: ignore[arg-type]
    assert whole != (a - b) // 2


def test_scales_have_structure() -> None:
    assert floats.binary("**", a, -0.5).key == floats.binary("**", a, -0.5).key
    assert floats.binary("**", a, -0.5).key != floats.binary("**", b, -0.5).key
