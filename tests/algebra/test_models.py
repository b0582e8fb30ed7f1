"""Models respect all that was learned, and what they show to be open is open to the proofs as well."""

from __future__ import annotations

from algebra_strategies import SIZES, facts
from hypothesis import given, settings
from hypothesis import strategies as st
from test_facts_sound import USED, Told, ask, learn

from attnlint.algebra import Answer, Expression, Facts

C, H, T, S = [Expression.of(symbol) for symbol in SIZES]


@given(st.lists(facts(USED), max_size=5))
@settings(max_examples=100, deadline=None)
def test_all_that_was_learned_holds_in_each_model(told: Told) -> None:
    known = Facts()
    for fact in told:
        learn(known, fact)
    state = known._state
    for model in state.models:
        for fact in state.log:
            assert all(model.holds(relation) for relation in fact.relations()), (fact.left, fact.right, dict(model))
        assert all(symbol.minimum is None or model[symbol] >= symbol.minimum for symbol in USED)


@given(st.lists(facts(USED), max_size=3), st.lists(facts(USED), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_without_models_no_other_question_is_decided(told: Told, questions: Told) -> None:
    known = Facts()
    for fact in told:
        learn(known, fact)
    bare = known.fork()
    bare._state = bare._state.copy()
    bare._state.models = ()
    for question in questions:
        assert ask(known, question) is ask(bare, question), question


@given(st.lists(facts(USED), max_size=3), facts(USED))
@settings(max_examples=100, deadline=None)
def test_what_is_surely_so_is_what_is_answered_with_yes(
    told: Told, question: tuple[str, Expression, Expression]
) -> None:
    known = Facts()
    for fact in told:
        learn(known, fact)
    _, a, b = question
    assert known.surely_equal(a, b) is (known.equal(a, b) is Answer.YES)
    assert known.surely_divides(a, b) is (known.divides(a, b) is Answer.YES)


def test_models_are_mended_where_something_new_holds() -> None:
    known = Facts()
    assert known.learn_divides(H, C) and known.learn_equal(T, S) and known.learn_at_least(S, 5)
    assert known.learn_different(T, 6) and known.learn_equal(C, 512)
    models = known._state.models
    assert len(models) >= 3
    assert all(model.value(C) == 512 and not 512 % model.value(H) and model.value(T) >= 5 for model in models)


def test_no_model_is_left_of_what_cannot_be() -> None:
    known = Facts()
    assert known.learn_equal(T * T, 49)
    assert not known.learn_equal(T * T, 64) or not known._state.models
