"""Where two paths meet, what both know survives."""

from __future__ import annotations

from attnlint.algebra import decide, ranks
from attnlint.algebra.answer import Answer
from attnlint.algebra.facts import Facts, Forks
from attnlint.algebra.shape import Shape
from attnlint.algebra.state import Fact, State


def joined(a: Facts, b: Facts) -> Facts:
    """Those of their common ancestor, and of what each has learned since, what the other knows too."""
    if a._state is b._state:
        return a.fork()
    base, forks = _ancestor(a, b)
    # One of them has learned nothing since they parted: what both know is what it knows.
    if base is a._state:
        return a.fork()
    if base is b._state:
        return b.fork()
    start = len(base.log)
    # Or one has learned only what the other knows too.
    for one, two in ((a, b), (b, a)):
        if all(_knows(two, fact) for fact in one._state.log[start:]):
            result = one.fork()
            _join_displays(result, a._state, b._state)
            return result
    result = Facts()
    result._state = base
    result._forks = forks
    told: set[tuple[object, ...]] = set()
    for mine, other in ((a, b), (b, a)):
        for fact in mine._state.log[start:]:
            # Rounds of a loop, and both paths, learn the same again and again.
            said = (fact.kind, fact.left, fact.right, fact.one, fact.other)
            if said in told:
                continue
            told.add(said)
            if fact.kind == "bind":
                _join_shapes(result, fact, mine._state, other._state)
            elif _knows(other, fact) and not _knows(result, fact):
                _tell(result, fact)
    _join_displays(result, a._state, b._state)
    return result


def _ancestor(a: Facts, b: Facts) -> Forks:
    """The latest state that both paths come from, and the forks before it."""
    seen: set[int] = set()
    link: Forks | None = (a._state, a._forks)
    while link is not None:
        seen.add(id(link[0]))
        link = link[1]
    link = (b._state, b._forks)
    while link is not None:
        if id(link[0]) in seen:
            return link
        link = link[1]
    return State(), None


def _knows(facts: Facts, fact: Fact) -> bool:
    state = facts._state
    if any(not model.holds(relation) for relation in fact.relations() for model in state.models):
        return False
    match fact.kind:
        case "equal":
            return facts.equal(fact.left, fact.right) is Answer.YES
        case "different":
            return facts.equal(fact.left, fact.right) is Answer.NO
        case "at_least":
            return facts.at_least(fact.left, fact.right) is Answer.YES
        case "divides":
            return facts.divides(fact.left, fact.right) is Answer.YES
        case "bind":
            assert fact.one is not None and fact.other is not None
            return _same(state, ranks.expand(state, fact.one), ranks.expand(state, fact.other))


def _tell(facts: Facts, fact: Fact) -> None:
    match fact.kind:
        case "equal":
            facts.learn_equal(fact.left, fact.right, fact.because)
        case "different":
            facts.learn_different(fact.left, fact.right, fact.because)
        case "at_least":
            facts.learn_at_least(fact.left, fact.right, fact.because)
        case _:
            facts.learn_divides(fact.left, fact.right, fact.because)


def _join_shapes(result: Facts, fact: Fact, mine: State, other: State) -> None:
    """A shape that both paths know to have the same rank has it still; and the same dims where both say so."""
    assert fact.one is not None and fact.other is not None
    here, there = ranks.expand(mine, fact.one), ranks.expand(other, fact.one)
    also = ranks.expand(other, fact.other)
    if _same(other, there, also):
        if _same(result._state, ranks.expand(result._state, fact.one), ranks.expand(result._state, fact.other)):
            return
        result.same_shape(fact.one, fact.other, fact.because)
        return
    now = result.resolve(fact.one)
    if now.rest is None:
        return
    if here.rest is None and there.rest is None and len(here.dims) == len(there.dims) >= len(now.dims):
        result.require_rank(now, len(here.dims), fact.because)
    else:
        count = min(len(here.dims), len(there.dims))
        if count > len(now.dims):
            result.require_trailing(now, count, fact.because)


def _same(state: State, one: Shape, other: Shape) -> bool:
    return (
        one.rest == other.rest
        and len(one.dims) == len(other.dims)
        and all(decide.is_zero(state, a - b) is Answer.YES for a, b in zip(one.dims, other.dims, strict=True))
    )


def _join_displays(result: Facts, a: State, b: State) -> None:
    before = result._state
    state = before.copy()
    state.names = {}
    for symbol in {**before.names, **a.names, **b.names}:
        first, second = a.names.get(symbol), b.names.get(symbol)
        named = first or second
        assert named is not None
        generic = (first or symbol).generic and (second or symbol).generic
        state.names[symbol] = (
            named if named.generic == generic else type(named)(named.name, named.key, named.minimum, generic)
        )
    state.compared = before.compared | (a.compared & b.compared)
    for symbol, front in {**a.fronts, **b.fronts}.items():
        if ranks.expand(state, front[0]).rest is not None:
            state.fronts[symbol] = front
    for rest, length in a.lengths.items():
        if rest in b.lengths and rest not in state.rests:
            state.lengths[rest] = min(length, b.lengths[rest])
    if not _shown_alike(before, state):
        result._state = state


def _shown_alike(one: State, other: State) -> bool:
    """Whether names, axes counted from the front, least ranks and what was compared are the same in both."""
    return (
        one.fronts == other.fronts
        and one.compared == other.compared
        and one.lengths == other.lengths
        and len(one.names) == len(other.names)
        and all(
            (named := one.names.get(symbol)) is not None and named.name == new.name and named.generic == new.generic
            for symbol, new in other.names.items()
        )
    )
