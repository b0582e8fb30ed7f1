"""What facts conclude in the situations of attention code."""

from __future__ import annotations

import pytest

from attnlint.algebra import Answer, Dim, Expression, Facts, Symbol, maximum, minimum, product
from attnlint.algebra.state import Rule

YES, NO, OPEN = Answer.YES, Answer.NO, Answer.OPEN


def hyper(name: str, minimum: int | None = 1, generic: bool = True) -> Expression:
    return Expression.of(Symbol(name, ("int", name), minimum, generic))


def axis(name: str) -> Expression:
    return Expression.of(Symbol(name, ("axis", name, 0)))


B, T, S = axis("B"), axis("T"), axis("S")
C, HEADS, HEAD_DIM, GROUPS = hyper("C"), hyper("heads"), hyper("head_dim"), hyper("groups")
N = hyper("n", minimum=None)


def test_an_answer_is_no_bool() -> None:
    with pytest.raises(TypeError):
        bool(Facts().equal(B, T))


def test_nothing_is_known_of_two_symbols() -> None:
    facts = Facts()
    assert facts.equal(B, T) is OPEN
    assert facts.at_least(B, T) is OPEN
    assert facts.divides(HEADS, C) is OPEN
    assert facts.equal(C, HEADS * (C // HEADS)) is OPEN


@pytest.mark.parametrize(
    ("a", "b", "answer"),
    [
        (3, 3, YES),
        (3, 4, NO),
        (B, B, YES),
        (B * T, T * B, YES),
        (B, B + 1, NO),
        (2 * T, 5, NO),
        (4 * T + 2 * B, 2 * S + 1, NO),
        (T, 0, NO),
        (N, 0, OPEN),
        (T * B, 0, NO),
        (T - 1, 0, OPEN),
        (B * T, B * T + B, NO),
        (B * T, 2 * B * T, NO),
        (B * T, B * S, OPEN),
        ((T - 3) // 2 + 1, (T - 1) // 2, YES),
        (T // 2 * 2 + T % 2, T, YES),
        (maximum(T, S) + 1, S, NO),
        (minimum(T, S), T + 1, NO),
        (T % 4, 4, NO),
        (T % N, N, NO),
    ],
)
def test_equality_without_facts(a: Dim, b: Dim, answer: Answer) -> None:
    if a == T % N:
        facts = Facts()
        facts.learn_at_least(N, 1)
    else:
        facts = Facts()
    assert facts.equal(a, b) is answer
    assert facts.equal(b, a) is answer


@pytest.mark.parametrize(
    ("a", "b", "answer"),
    [
        (T, 1, YES),
        (T, 0, YES),
        (0, T, NO),
        (B * T, B, YES),
        (T, T // 2, YES),
        (T, T - 1, YES),
        (T - 1, T, NO),
        (T, S, OPEN),
        (maximum(T, S), S, YES),
        (T, minimum(T, S), YES),
        (3, T % 4, YES),
        ((T + 1) // 2, 1, YES),
        (N * N, 0, YES),
        (N, 0, OPEN),
    ],
)
def test_order_without_facts(a: Dim, b: Dim, answer: Answer) -> None:
    assert Facts().at_least(a, b) is answer


def test_an_input_takes_the_name_of_the_hyper_parameter() -> None:
    for a, b in ((T, C), (C, T)):
        facts = Facts()
        assert facts.learn_equal(a, b)
        assert str(facts.normal(T)) == "C"
        assert str(facts.normal(T * 2 + B)) == "2*C + B"


def test_ints_win_over_symbols() -> None:
    facts = Facts()
    assert facts.learn_equal(T, C)
    assert facts.learn_equal(C, 512)
    assert facts.normal(T) == 512
    assert not facts.learn_equal(T, 256)
    assert facts.normal(T) == 512


def test_equalities_chain() -> None:
    facts = Facts()
    assert facts.learn_equal(B, T)
    assert facts.learn_equal(T, S)
    assert facts.equal(B, S) is YES
    assert not facts.learn_different(S, B)


def test_a_view_teaches_that_heads_divide_hidden() -> None:
    facts = Facts()
    assert facts.learn_equal(B * T * C, product([B, T, HEADS, C // HEADS]))
    assert facts.divides(HEADS, C) is YES
    assert facts.normal(HEADS * (C // HEADS)) == C
    assert facts.normal(C % HEADS) == 0
    assert facts.normal((B * T * C) // (B * T * HEADS)) == C // HEADS
    assert facts.normal(T * C // HEADS) == T * (C // HEADS)


def test_heads_times_head_dim_is_hidden() -> None:
    facts = Facts()
    assert facts.learn_equal(B * T * C, B * T * HEADS * HEAD_DIM)
    assert facts.normal(HEADS * HEAD_DIM) == facts.normal(C)
    assert facts.normal(C // HEADS) == HEAD_DIM
    assert facts.normal(C % HEADS) == 0
    assert facts.equal(C, HEADS * HEAD_DIM + 1) is NO


def test_a_common_factor_may_be_a_sum() -> None:
    facts = Facts()
    assert facts.learn_equal((T + 1) * C, (T + 1) * HEADS * HEAD_DIM)
    assert facts.equal(C, HEADS * HEAD_DIM) is YES


@pytest.mark.parametrize("first", ["divides", "equal"])
def test_an_assert_of_the_remainder_and_the_quotient(first: str) -> None:
    facts = Facts()
    steps = {"divides": (C % HEADS, 0), "equal": (C // HEADS, 64)}
    for step in [first, *(other for other in steps if other != first)]:
        assert facts.learn_equal(*steps[step])
    assert facts.equal(C, 64 * HEADS) is YES
    assert facts.equal(C, 65 * HEADS) is NO


def test_the_product_of_two_symbols_is_known() -> None:
    facts = Facts()
    assert facts.learn_equal(HEADS * HEAD_DIM, 512)
    assert facts.normal(512 // HEADS) == HEAD_DIM
    assert facts.normal(512 % HEADS) == 0
    assert facts.normal(HEADS * HEAD_DIM * T) == 512 * T
    assert facts.divides(HEADS, 512) is YES
    assert not facts.learn_equal(HEAD_DIM * HEADS, 500)


def test_heads_divide_a_number() -> None:
    facts = Facts()
    assert facts.learn_divides(HEADS, 512)
    assert facts.normal(HEADS * (512 // HEADS)) == 512
    assert facts.learn_equal(HEADS * HEAD_DIM, 512)
    assert facts.equal(HEAD_DIM, 512 // HEADS) is YES
    assert facts.at_least(512, HEADS) is YES


def test_grouped_query_attention() -> None:
    facts = Facts()
    assert facts.learn_divides(HEADS, C)
    assert facts.learn_divides(GROUPS, HEADS)
    assert facts.normal(GROUPS * (HEADS // GROUPS) * (C // HEADS)) == C
    assert facts.equal(T * GROUPS * (HEADS // GROUPS), T * HEADS) is YES


def test_divisibility_by_more_and_by_less() -> None:
    facts = Facts()
    assert facts.learn_divides(2 * HEADS, C)
    assert facts.divides(HEADS, C) is YES
    assert facts.divides(2, C) is YES
    assert facts.normal(C // HEADS) == 2 * (C // (2 * HEADS))


def test_parity() -> None:
    facts = Facts()
    assert facts.learn_divides(2, T)
    assert facts.normal(T // 2 * 2) == T
    assert facts.normal(T // 2 + T // 2) == T
    assert not facts.learn_divides(2, T + 1)
    assert facts.equal((T * C) // 2, C * (T // 2)) is YES
    assert facts.equal(2 * S + 1, T) is NO


def test_the_halves_of_a_rotary_embedding() -> None:
    facts = Facts()
    even, odd = (HEAD_DIM + 1) // 2, HEAD_DIM // 2
    assert facts.equal(even + odd, HEAD_DIM) is YES
    assert facts.equal(odd + (HEAD_DIM - odd), HEAD_DIM) is YES
    assert facts.learn_equal(even, odd)
    assert facts.divides(2, HEAD_DIM) is YES
    assert facts.normal(even * 2) == HEAD_DIM


def test_a_view_with_an_axis_left_open() -> None:
    facts = Facts()
    elements = B * T * C
    assert facts.learn_divides(8, elements)
    rows = facts.normal(elements // 8)
    assert facts.equal(rows * 8, elements) is YES
    assert facts.normal((rows * 8) // (B * T)) == C


def test_not_divisible() -> None:
    facts = Facts()
    assert facts.learn_different(C % HEADS, 0)
    assert facts.divides(HEADS, C) is NO
    assert not facts.learn_divides(HEADS, C)
    assert not facts.learn_equal(C, HEADS * HEAD_DIM)


def test_inequalities_combine() -> None:
    facts = Facts()
    assert facts.learn_at_least(C, T)
    assert facts.learn_at_least(512, C)
    assert facts.at_least(512, T) is YES
    assert facts.at_least(512 * B, B * T) is YES
    assert facts.equal(T, 600) is NO
    assert not facts.learn_at_least(T, 513)
    assert facts.learn_at_least(T, 512)
    assert facts.normal(T) == 512
    assert facts.normal(C) == 512


def test_not_the_least_value_is_more() -> None:
    facts = Facts()
    assert facts.learn_different(T, 1)
    assert facts.at_least(T, 2) is YES
    assert facts.is_one(T) is NO


def test_what_is_different_stays_so() -> None:
    facts = Facts()
    assert facts.learn_different(B, T)
    assert facts.equal(B, T) is NO
    assert facts.equal(2 * B, 2 * T) is NO
    assert facts.equal(B * S, T * S) is NO
    assert not facts.learn_equal(T, B)
    assert facts.learn_equal(T, C)
    assert facts.equal(B, C) is NO


def test_a_failed_lesson_changes_nothing() -> None:
    facts = Facts()
    facts.learn_equal(T, 5)
    before = facts.normal(T + S)
    assert not facts.learn_equal(T + S, S + 6)
    assert facts.normal(T + S) == before
    assert facts.equal(S, 1) is OPEN


def test_broadcasting_asks_for_generic_sizes() -> None:
    facts = Facts()
    assert facts.is_one(C) is NO
    assert facts.is_one(T) is OPEN
    assert facts.is_one(1) is YES
    assert facts.is_one(2 * T) is NO
    assert facts.is_one(HEADS * HEAD_DIM) is NO
    assert facts.is_one(hyper("width", minimum=None)) is NO
    assert facts.is_one(C // HEADS) is OPEN
    facts.learn_divides(HEADS, C)
    assert facts.is_one(C // HEADS) is NO
    assert facts.is_one(T - S) is OPEN
    facts.learn_equal(C, 1)
    assert facts.is_one(C) is YES
    facts.learn_equal(T, C)
    assert facts.is_one(T) is YES


def test_a_name_is_for_display_and_makes_generic() -> None:
    facts = Facts()
    length = Expression.of(Symbol("x.shape[1]", ("axis", "x", 1)))
    dim = length * 2 + maximum(length, 3)
    facts.name(length, "L")
    assert str(facts.normal(dim)) == "2*L + max(L, 3)"
    assert facts.normal(dim) == dim
    assert facts.is_one(length) is NO


def test_reasons_in_the_order_of_learning() -> None:
    facts = Facts()
    facts.learn_equal(T, C, because="q_proj")
    facts.learn_equal(B, 4, because="other")
    facts.learn_divides(HEADS, C, because="view")
    assert facts.reasons(T) == ("q_proj", "view")
    assert facts.reasons(B) == ("other",)
    assert facts.reasons(S) == ()


def test_paths_learn_separately_and_keep_what_both_know() -> None:
    facts = Facts()
    facts.learn_equal(B, 4, because="before")
    left, right = facts.fork(), facts.fork()
    left.learn_equal(T, 7)
    left.learn_equal(S, 3)
    assert right.equal(T, 7) is OPEN
    right.learn_equal(T, 8)
    right.learn_equal(S + 1, 4)
    both = Facts.join(left, right)
    assert both.normal(B) == 4
    assert both.normal(S) == 3
    assert both.equal(T, 7) is OPEN
    assert both.reasons(B) == ("before",)


def test_a_join_keeps_what_one_says_and_the_other_knows() -> None:
    facts = Facts()
    left, right = facts.fork(), facts.fork()
    left.learn_at_least(T, 4)
    right.learn_equal(T, 9)
    both = Facts.join(left, right)
    assert both.at_least(T, 4) is YES
    assert both.equal(T, 9) is OPEN


def test_a_join_of_forks_of_forks() -> None:
    facts = Facts()
    outer = facts.fork()
    outer.learn_equal(T, C)
    inner = outer.fork()
    inner.learn_equal(B, 1)
    outer = Facts.join(outer, inner)
    assert outer.equal(T, C) is YES
    assert outer.equal(B, 1) is OPEN
    other = facts.fork()
    assert Facts.join(outer, other).equal(T, C) is OPEN


def test_learning_does_not_depend_on_the_order_of_the_sides() -> None:
    one, other = Facts(), Facts()
    one.learn_equal(T * C, S * HEADS)
    other.learn_equal(S * HEADS, T * C)
    assert one.normal(T * C * B) == other.normal(T * C * B)
    assert one.equal(T * C * B, HEADS * B * S) is YES


def test_bounds_settle_operations() -> None:
    facts = Facts()
    dim = maximum(T - S, 0) + T % 512
    assert facts.learn_at_least(T, S)
    assert facts.learn_at_least(511, T)
    assert facts.normal(dim) == 2 * T - S
    assert facts.normal(minimum(S, T)) == S
    assert facts.normal(T // 512) == 0


def test_a_size_that_was_found_different_may_be_one() -> None:
    facts = Facts()
    facts.name(B, "B")
    assert facts.is_one(B) is NO
    other = facts.fork()
    facts.found_different(B)
    assert facts.is_one(B) is OPEN
    assert Facts.join(facts, other).is_one(B) is NO
    facts.learn_at_least(B, 2)
    assert facts.is_one(B) is NO


def test_rules_that_feed_each_other_come_to_an_end() -> None:
    x, y, z = hyper("x"), hyper("y"), hyper("z")
    facts = Facts()
    for left, right in ((x * y, 2 * x * z + y), (x * z, 2 * x * y + z)):
        ((lead, coefficient),) = left.terms.items()
        facts._state.rules.append(Rule(lead, coefficient, right, next(iter(lead.powers))))
    assert facts.normal(x * y) == x * y
