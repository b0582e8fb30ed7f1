"""Whatever facts say must hold for every assignment of integers that respects what they were told."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from types import CodeType

from algebra_strategies import ANYTHING, SIZES, assignments, dims, facts
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlint.algebra import Answer, Dim, Expression, Facts, Symbol, evaluate

Told = list[tuple[str, Dim, Dim]]
USED = [*SIZES[:3], ANYTHING[0]]
BOX = list(assignments(USED, 5))
NAMED = {id(at): {symbol.name: value for symbol, value in at.items()} for at in BOX}


@lru_cache(maxsize=500)
def compiled(text: str) -> CodeType:
    return compile(text, "dim", "eval")


def holds(fact: tuple[str, Dim, Dim], at: dict[Symbol, int]) -> bool | None:
    """``None`` where something has no value."""
    kind, a, b = fact
    # `eval` of the text is many times as fast as `evaluate`; test_dim checks that both say the same.
    try:
        left, right = eval(compiled(str(a)), NAMED[id(at)]), eval(compiled(str(b)), NAMED[id(at)])
    except ZeroDivisionError:
        return None
    match kind:
        case "equal":
            return left == right
        case "different":
            return left != right
        case "at_least":
            return left >= right
        case _:
            return right == 0 if left == 0 else right % left == 0


def learn(known: Facts, fact: tuple[str, Dim, Dim]) -> bool:
    return getattr(known, f"learn_{fact[0]}")(*fact[1:], because=fact)


def ask(known: Facts, question: tuple[str, Dim, Dim]) -> Answer:
    kind, a, b = question
    if kind == "different":
        return known.equal(a, b).negated
    return getattr(known, kind)(a, b)


def told(told: Told) -> tuple[Facts, Told, list[dict[Symbol, int]]]:
    """The facts, those that were taken, and the assignments of the box that respect them."""
    known = Facts()
    box, taken = BOX, []
    for fact in told:
        left = [at for at in box if holds(fact, at)]
        if learn(known, fact):
            box = left
            taken.append(fact)
        else:
            assert not left, f"{fact} was called a contradiction of {taken}"
    return known, taken, box


@given(st.lists(facts(USED), max_size=4), st.lists(facts(USED), min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_answers_hold_for_all_integers(facts: Told, questions: Told) -> None:
    known, taken, box = told(facts)
    for question in questions:
        answer = ask(known, question)
        if answer is not Answer.OPEN:
            for at in box:
                assert holds(question, at) in (None, answer is Answer.YES), (question, taken, at)


@given(st.lists(facts(USED), max_size=4), dims(USED))
@settings(max_examples=120, deadline=None)
def test_normal_forms_have_the_same_value(facts: Told, dim: Dim) -> None:
    known, taken, box = told(facts)
    simple = known.normal(dim)
    assert known.normal(simple) == simple or known.equal(known.normal(simple), simple) is not Answer.NO
    for at in box:
        assert holds(("equal", dim, simple), at) in (None, True), (dim, simple, taken, at)


@given(st.lists(facts(USED), max_size=2), st.lists(facts(USED), max_size=2), st.lists(facts(USED), max_size=2))
@settings(max_examples=120, deadline=None)
def test_a_join_holds_on_both_paths(before: Told, left: Told, right: Told) -> None:
    known, common, box = told(before)
    one, other = known.fork(), known.fork()
    mine = [fact for fact in left if learn(one, fact)]
    theirs = [fact for fact in right if learn(other, fact)]
    both = Facts.join(one, other)
    for question in before + left + right:
        answer = ask(both, question)
        for path in (mine, theirs) if answer is not Answer.OPEN else ():
            for at in box:
                if all(holds(fact, at) for fact in path):
                    assert holds(question, at) in (None, answer is Answer.YES), (question, common, mine, theirs)
    for fact in common:
        assert ask(both, fact) is ask(known, fact) or ask(known, fact) is Answer.OPEN


@given(st.lists(facts(USED), max_size=4), dims(USED), dims(USED))
@settings(max_examples=100, deadline=None)
def test_a_witness_respects_all_facts(facts: Told, a: Dim, b: Dim) -> None:
    known, taken, _ = told(facts)
    for broken in (None, (a, b)):
        found = known.witness([a, b], broken)
        if found is None:
            continue
        at = dict.fromkeys(USED, 1) | found
        for fact in taken:
            symbols = {s for side in fact[1:] if isinstance(side, Expression) for s in side.symbols()}
            if symbols and symbols <= found.keys():
                NAMED[id(at)] = {symbol.name: value for symbol, value in at.items()}
                assert holds(fact, at), (fact, found)
        if broken is not None:
            assert evaluate(a, at) != evaluate(b, at)
        assert all(symbol.minimum is None or value >= symbol.minimum for symbol, value in found.items())


def test_few_answers_stay_open_that_a_box_of_integers_would_settle() -> None:
    """Not a law: a measure of strength that is to be noticed when it falls."""
    counts: Counter[str] = Counter()
    strategy = st.tuples(st.lists(facts(USED[:3]), max_size=3), facts(USED[:3]))

    @given(strategy)
    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    def measure(case: tuple[Told, tuple[str, Dim, Dim]]) -> None:
        known, _, box = told(case[0])
        truths = {truth for at in box if (truth := holds(case[1], at)) is not None}
        if len(truths) == 1:
            counts["open" if ask(known, case[1]) is Answer.OPEN else "decided"] += 1

    measure()
    assert counts["decided"] > 4 * counts["open"], counts
