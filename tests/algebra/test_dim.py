"""Arithmetic and canonical form of dims; sympy and plain integers are the judges."""

from __future__ import annotations

import pickle

import pytest
import sympy
from algebra_strategies import SYMBOLS, dims
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlint.algebra import (
    Dim,
    Expression,
    Symbol,
    evaluate,
    floor_divide,
    maximum,
    minimum,
    modulo,
    product,
    substitute,
)

B, T, C, HEADS, HEAD_DIM = (Expression.of(Symbol(name, name)) for name in ["B", "T", "C", "heads", "head_dim"])
N = Expression.of(Symbol("n", "n", minimum=None))


@pytest.mark.parametrize(
    ("dim", "text"),
    [
        (HEADS * HEAD_DIM, "heads*head_dim"),
        (HEAD_DIM * HEADS, "head_dim*heads"),
        (C // HEADS, "C // heads"),
        (2 * T - 1, "2*T - 1"),
        (-B + T, "T - B"),
        (512 - T, "512 - T"),
        (-T, "-T"),
        (T**2, "T**2"),
        (HEADS * (C // HEADS), "heads*(C // heads)"),
        ((T + 1) // 2, "(T + 1) // 2"),
        ((T - 3) // 2 + 1, "(T - 3) // 2 + 1"),
        (-(T // 2), "-(T // 2)"),
        (C // (HEADS * 2), "C // (2*heads)"),
        (T % 64, "T % 64"),
        (maximum(T, C), "max(T, C)"),
        (minimum(T, 512) + 1, "min(T, 512) + 1"),
        (B * T // 4, "B*T // 4"),
        (B * (T + 1), "B*T + B"),
    ],
)
def test_reads_as_its_author_wrote_it(dim: Dim, text: str) -> None:
    assert str(dim) == text


@pytest.mark.parametrize(
    ("dim", "simple"),
    [
        (HEADS * HEAD_DIM // HEADS, HEAD_DIM),
        ((C * HEADS + T) // HEADS, C + T // HEADS),
        ((B * T * C) // (B * T * HEADS), C // HEADS),
        ((3 * C) % (2 * C), C),
        (C % C, 0),
        ((HEADS * C + 3) % HEADS, 3 % HEADS),
        ((T + HEADS - 1) // HEADS, (T - 1) // HEADS + 1),
        ((HEADS * C + HEADS - 1) // HEADS, C),
        ((T + 1) * (T + 2) // (T + 1), T + 2),
        ((HEADS - 1) // HEADS, 0),
        (((T - 3) // 2 + 1) // 2, (T - 1) // 4),
        (C // HEADS // 2, C // (2 * HEADS)),
        ((6 * T + 3) // 2, 3 * T + 1),
        ((5 * T) // (2 * T), 2),
        (-T // -2, T // 2),
        (T - T, 0),
        (maximum(T, T - 1), T),
        (minimum(T + 1, T, T + 2), T),
        (maximum(maximum(B, T), C), maximum(C, B, T)),
        (T * 0, 0),
        (product([B, 4, T]), 4 * T * B),
        (product([]), 1),
    ],
)
def test_simplifies(dim: Dim, simple: Dim) -> None:
    assert dim == simple
    assert hash(dim) == hash(simple)


def test_ints_stay_ints() -> None:
    assert type(T - T + 3) is int
    assert type(product([2, 3])) is int
    assert type((2 * T) // T) is int


def test_is_neither_true_nor_ordered() -> None:
    for question in (lambda: bool(T), lambda: T < 3, lambda: T >= C, lambda: T < 3):
        with pytest.raises(TypeError):
            question()


def test_division_by_zero_is_an_error() -> None:
    for operation in (floor_divide, modulo):
        for dividend in (T, 1):
            with pytest.raises(ZeroDivisionError):
                operation(dividend, 0)
    nowhere = substitute(T // (C - 1), {next(iter(C.symbols())): 1})
    with pytest.raises(ZeroDivisionError):
        evaluate(nowhere, dict.fromkeys(nowhere.symbols(), 5))


def test_symbols_are_equal_by_key() -> None:
    assert Symbol("a", "k") == Symbol("b", "k")
    assert Symbol("a") != Symbol("a")
    assert Expression.of(Symbol("a", "k")) - Expression.of(Symbol("b", "k")) == 0


def test_survives_pickling() -> None:
    dim = maximum(HEADS * (C // HEADS), T) + N % 3
    copy = pickle.loads(pickle.dumps(dim))
    assert copy == dim
    assert str(copy) == str(dim)


def test_too_large_a_polynomial_is_just_unknown() -> None:
    many: Dim = 0
    for number in range(30):
        many = many + Expression.of(Symbol(f"s{number}"))
    large = many**20
    assert isinstance(large, Expression)
    assert len(large.terms) == 1


values = st.fixed_dictionaries(
    {symbol: st.integers(-9 if symbol.minimum is None else symbol.minimum, 12) for symbol in SYMBOLS}
)


@given(dims(), dims(), values, st.sampled_from(["+", "-", "*", "//", "%", "max", "min"]))
@settings(max_examples=200, deadline=None)
def test_operators_agree_with_integers(a: Dim, b: Dim, at: dict[Symbol, int], operation: str) -> None:
    try:
        x, y = evaluate(a, at), evaluate(b, at)
        expected = {
            "+": lambda: x + y,
            "-": lambda: x - y,
            "*": lambda: x * y,
            "//": lambda: x // y,
            "%": lambda: x % y,
            "max": lambda: max(x, y),
            "min": lambda: min(x, y),
        }[operation]()
        result = {
            "+": lambda: a + b,
            "-": lambda: a - b,
            "*": lambda: a * b,
            "//": lambda: a // b,
            "%": lambda: a % b,
            "max": lambda: maximum(a, b),
            "min": lambda: minimum(a, b),
        }[operation]()
    except ZeroDivisionError:
        return
    assert evaluate(result, at) == expected


@given(dims(), values)
@settings(max_examples=150, deadline=None)
def test_text_is_python(dim: Dim, at: dict[Symbol, int]) -> None:
    try:
        expected = evaluate(dim, at)
    except ZeroDivisionError:
        return
    assert eval(str(dim), {symbol.name: value for symbol, value in at.items()}) == expected


@given(dims(), st.dictionaries(st.sampled_from(SYMBOLS), dims(size=3), max_size=2), values)
@settings(max_examples=150, deadline=None)
def test_substitution_agrees_with_integers(dim: Dim, replaced: dict[Symbol, Dim], at: dict[Symbol, int]) -> None:
    try:
        inner = {symbol: evaluate(replaced.get(symbol, Expression.of(symbol)), at) for symbol in SYMBOLS}
        if any(symbol.minimum is not None and inner[symbol] < symbol.minimum for symbol in SYMBOLS):
            return
        expected = evaluate(dim, inner)
        assert evaluate(substitute(dim, replaced), at) == expected
    except ZeroDivisionError:
        return


polynomials = st.lists(
    st.tuples(st.integers(-5, 5), st.lists(st.sampled_from(range(4)), max_size=3)), min_size=1, max_size=4
)
LETTERS = sympy.symbols("a b c d")


def ours(terms: list[tuple[int, list[int]]]) -> Dim:
    total: Dim = 0
    for coefficient, factors in terms:
        total = total + coefficient * product([Expression.of(SYMBOLS[index]) for index in factors])
    return total


def theirs(terms: list[tuple[int, list[int]]]) -> sympy.Expr:
    return sympy.expand(sum(c * sympy.prod([LETTERS[index] for index in factors]) for c, factors in terms))


@given(polynomials, polynomials, polynomials)
@settings(max_examples=100, deadline=None)
def test_canonical_form_agrees_with_sympy(p: list, q: list, r: list) -> None:
    mine, other = ours(p) * ours(q) + ours(r), ours(r) + ours(q) * ours(p)
    assert mine == other and hash(mine) == hash(other)
    expected = sympy.expand(theirs(p) * theirs(q) + theirs(r))
    assert sympy.expand(sympy.sympify(str(mine).replace("//", "/"))) == expected
    assert (ours(p) == ours(q)) == (theirs(p) == theirs(q))


@given(polynomials, polynomials)
@settings(max_examples=100, deadline=None)
def test_a_product_divides_exactly(p: list, q: list) -> None:
    dividend, divisor = ours(p), ours(q)
    if isinstance(divisor, int) and not divisor:
        return
    assert (dividend * divisor) // divisor == dividend
    assert (dividend * divisor) % divisor == 0


def test_growth_has_a_bound() -> None:
    nested: Dim = T
    total: Dim = 0
    greatest: Dim = T
    for number in range(400):
        symbol = Expression.of(Symbol(f"s{number}", minimum=None))
        nested = minimum(nested // HEADS, symbol) + symbol % 3
        total = total + symbol * symbol
        greatest = maximum(greatest, symbol)
    for dim in (nested, total, greatest):
        assert len(str(dim)) < 10_000
        assert isinstance(dim, Expression) and len(dim.symbols()) < 200


def test_what_doubles_on_each_level_does_not_grow_for_ever() -> None:
    """``filled += min(length, width - filled)``, round after round."""

    def written_out(dim: Dim) -> int:
        atoms = [] if isinstance(dim, int) else dim.atoms()
        return sum(1 if isinstance(atom, Symbol) else sum(map(written_out, atom.arguments)) for atom in atoms)

    length, width = Expression.of(Symbol("length")), Expression.of(Symbol("width"))
    filled: Dim = 0
    for _ in range(40):
        filled = filled + minimum(length, width - filled)
        assert written_out(filled) < 2_000
