"""Witnesses are distinct primes where nothing forbids it, and exist where the facts are simple."""

from __future__ import annotations

import pytest

from attnlint.algebra import Dim, Expression, Facts, Symbol, evaluate

B, T, S, C, HEADS, GROUPS, HEAD_DIM = (
    Expression.of(Symbol(name, ("int", name))) for name in ["B", "T", "S", "C", "heads", "groups", "head_dim"]
)
N = Expression.of(Symbol("n", ("int", "n"), minimum=None))


def value(found: dict[Symbol, int] | None, dim: Dim) -> int:
    assert found is not None
    return evaluate(dim, found)


def test_free_symbols_are_distinct_primes() -> None:
    found = Facts().witness([B, T, S, C * N])
    assert found is not None
    assert sorted(found.values()) == [2, 3, 5, 7, 11]


def test_it_is_the_same_every_time() -> None:
    assert Facts().witness([B, T, S]) == Facts().witness([S, T, B])


def test_ints_need_no_symbols() -> None:
    assert Facts().witness([3, 4]) == {}
    assert Facts().witness([3, 4], (3, 4)) == {}
    assert Facts().witness([3], (3, 3)) is None


def test_hidden_is_a_multiple_of_heads() -> None:
    facts = Facts()
    facts.learn_divides(HEADS, C)
    facts.learn_divides(GROUPS, HEADS)
    found = facts.witness([C])
    assert value(found, C % HEADS) == 0
    assert value(found, HEADS % GROUPS) == 0
    assert len(set(found.values())) == 3  # type: ignore[union-attr]


@pytest.mark.parametrize("broken", [(T, S), (C, HEADS), (C // HEADS, HEAD_DIM), (T * HEADS, S * HEADS)])
def test_broken_dims_differ(broken: tuple[Dim, Dim]) -> None:
    facts = Facts()
    facts.learn_divides(HEADS, C)
    found = facts.witness([B, T, S, C], broken)
    assert value(found, broken[0]) != value(found, broken[1])


def test_what_is_equal_cannot_be_broken() -> None:
    facts = Facts()
    facts.learn_equal(T, S)
    assert facts.witness([T], (T, S)) is None


def test_products_and_bounds() -> None:
    facts = Facts()
    facts.learn_equal(HEADS * HEAD_DIM, 512)
    facts.learn_at_least(HEADS, 4)
    facts.learn_at_least(32, HEADS)
    facts.learn_at_least(T, 600)
    facts.learn_at_least(S, T + 1)
    found = facts.witness([HEADS, S])
    assert value(found, HEADS * HEAD_DIM) == 512
    assert 4 <= value(found, HEADS) <= 32
    assert value(found, S) > value(found, T) >= 600


def test_solved_symbols_keep_their_minimum() -> None:
    facts = Facts()
    facts.learn_equal(T, S - 5)
    found = facts.witness([T])
    assert value(found, T) >= 1
    assert value(found, S - T) == 5


def test_remainders() -> None:
    facts = Facts()
    facts.learn_equal(T % 8, 3)
    facts.learn_different(S % 2, 0)
    facts.learn_divides(6, B)
    facts.learn_divides(4, B)
    found = facts.witness([T, S, B])
    assert value(found, T % 8) == 3
    assert value(found, S % 2) == 1
    assert value(found, B % 12) == 0


def test_a_search_that_finds_nothing_ends() -> None:
    facts = Facts()
    for left, right in ((T, S), (S, B), (B, C)):
        facts.learn_at_least(left * left, right * right * right + 7)
    sum_of_cubes = T * T * T + S * S * S
    facts.learn_equal(sum_of_cubes, B * B * B + 1234567)
    found = facts.witness([T])
    assert found is None or value(found, sum_of_cubes - B * B * B) == 1234567
