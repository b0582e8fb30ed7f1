"""Shapes of unknown rank."""

from __future__ import annotations

import pytest

from attnlint.algebra import Answer, Expression, Facts, Rest, Shape, Symbol

X = Rest(("shape", "x"), "x")
WHOLE = Shape((), X)
C, D = (Expression.of(Symbol(name, ("int", name))) for name in "CD")


@pytest.mark.parametrize(
    ("shape", "text", "rank"),
    [
        (Shape(()), "()", 0),
        (Shape((512,)), "(512,)", 1),
        (Shape((C, 8)), "(C, 8)", 2),
        (Shape((512,), X), "(..., 512)", None),
        (WHOLE, "(...)", None),
    ],
)
def test_text_and_rank(shape: Shape, text: str, rank: int | None) -> None:
    assert str(shape) == text
    assert shape.rank == rank


def test_number_of_elements() -> None:
    assert Shape((C, 2, D)).numel() == 2 * C * D
    assert Shape(()).numel() == 1
    assert WHOLE.numel() is None


def test_nothing_new_is_the_same_object() -> None:
    facts = Facts()
    for shape in (WHOLE, Shape((C, 3)), Shape((C,), X)):
        assert facts.resolve(shape) is shape


def test_a_rank_gives_the_same_symbols_on_every_path() -> None:
    facts = Facts()
    other = facts.fork()
    shape = facts.require_rank(WHOLE, 3)
    assert shape == other.require_rank(WHOLE, 3)
    assert str(shape) == "(x.shape[0], x.shape[1], x.shape[2])"
    assert facts.resolve(WHOLE) == shape
    assert Facts.join(facts, other).resolve(WHOLE) == shape


def test_trailing_dims_in_one_step_or_two() -> None:
    facts, other = Facts(), Facts()
    facts.require_trailing(WHOLE, 1)
    assert facts.require_trailing(WHOLE, 2) == other.require_trailing(WHOLE, 2)
    assert facts.require_rank(WHOLE, 4).dims[-2:] == other.resolve(WHOLE).dims
    assert facts.require_rank(WHOLE, 4) == other.require_rank(WHOLE, 4)


def test_what_was_learned_of_the_last_dim_stays() -> None:
    facts = Facts()
    last = facts.require_trailing(WHOLE, 1)
    assert facts.learn_equal(last.dims[0], C)
    assert str(facts.require_rank(WHOLE, 3)) == "(x.shape[0], x.shape[1], C)"
    assert not facts.bind(X, Shape((2, 2)))
    assert not facts.bind(X, Shape((2, 2, C + 1)))
    assert facts.bind(X, Shape((2, 3, C)))
    assert facts.resolve(WHOLE).dims == (2, 3, C)


def test_a_required_rank_that_is_there() -> None:
    facts = Facts()
    shape = Shape((C, D))
    assert facts.require_rank(shape, 2) is shape
    assert facts.require_trailing(shape, 1) is shape
    with pytest.raises(ValueError):
        facts.require_rank(shape, 3)
    with pytest.raises(ValueError):
        facts.require_rank(Shape((C, D), X), 1)


def test_a_leading_axis_is_found_again() -> None:
    facts = Facts()
    first = facts.leading(X, 0)
    assert str(first) == "x.shape[0]"
    facts.require_trailing(WHOLE, 1)
    assert facts.require_rank(WHOLE, 3).dims[0] == first
    assert facts.leading(X, 1) == facts.resolve(WHOLE).dims[1]


def test_a_leading_axis_is_unified_with_a_given_shape() -> None:
    facts = Facts()
    first = facts.leading(X, 0)
    assert facts.bind(X, Shape((C, D)))
    assert facts.normal(first) == C


def test_a_leading_axis_may_be_a_trailing_one() -> None:
    facts = Facts()
    y = Rest("y", "y")
    first = facts.leading(Shape((C,), y), 0)
    assert facts.equal(first, C) is Answer.OPEN
    assert facts.bind(y, Shape(()))
    assert facts.normal(first) == C


def test_an_axis_that_was_looked_at_is_there() -> None:
    facts = Facts()
    facts.leading(X, 2)
    assert facts.least_rank(WHOLE) == 3
    assert not facts.bind(X, Shape((C, D)))
    assert facts.bind(X, Shape((C, D, 5)))


def test_shapes_of_unknown_rank_can_be_the_same() -> None:
    facts = Facts()
    y = Rest("y", "y")
    assert facts.same_shape(Shape((C,), X), Shape((2, D), y))
    assert facts.equal(C, D) is Answer.YES
    assert facts.bind(y, Shape((7,)))
    assert facts.resolve(WHOLE).dims == (7, 2)
    assert not facts.same_shape(Shape((), X), Shape((1,), X))


def test_a_join_keeps_the_rank_that_both_know() -> None:
    facts = Facts()
    left, right = facts.fork(), facts.fork()
    assert left.bind(X, Shape((2, C)))
    assert right.bind(X, Shape((3, C)))
    both = Facts.join(left, right).resolve(WHOLE)
    assert both.rank == 2
    assert both.dims[0] not in (2, 3)


def test_a_join_keeps_the_trailing_dims_that_both_know() -> None:
    facts = Facts()
    left, right = facts.fork(), facts.fork()
    left.require_rank(WHOLE, 3)
    right.require_rank(WHOLE, 4)
    both = Facts.join(left, right).resolve(WHOLE)
    assert both.rank is None
    assert len(both.dims) == 3
