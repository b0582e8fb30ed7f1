"""What is known on a path of the program."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal
from weakref import ref

from attnlint.algebra import decide, ranks
from attnlint.algebra.answer import Answer
from attnlint.algebra.dim import Dim, Expression, symbols_of
from attnlint.algebra.learn import Contradiction, Learner
from attnlint.algebra.models import divisibility, equality
from attnlint.algebra.rewrite import normal
from attnlint.algebra.shape import Rest, Shape
from attnlint.algebra.state import Fact, Question, State
from attnlint.algebra.symbol import Symbol

Forks = tuple[State, Any]
"""A state at which paths parted, and the forks before it."""


class Facts:
    """Equations, inequalities and divisibility between dims, and the ranks of shapes, as far as a path has taught them.

    Questions are answered with an :class:`Answer`; YES and NO hold for all integers that respect the facts and the
    minima of the symbols. A ``learn_...`` returns False, and changes nothing, when that contradicts what is known.
    """

    __slots__ = ("_forks", "_state")

    def __init__(self) -> None:
        self._state = State()
        self._forks: Forks | None = None
        """The states at which this path parted from others, the latest first."""

    # --- paths ------------------------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many facts this path has taught."""
        return len(self._state.log) + len(self._state.rests)

    def fork(self) -> Facts:
        """The facts of a path that branches off here: both go on from the same knowledge, separately."""
        if self._forks is None or self._forks[0] is not self._state:
            self._forks = (self._state, self._forks)
        other = Facts.__new__(Facts)
        other._state = self._state
        other._forks = self._forks
        return other

    def is_at(self, other: Facts) -> bool:
        """Whether both know just the same, having come from the same path: questions have the same answers."""
        return self._state is other._state

    @staticmethod
    def join(a: Facts, b: Facts) -> Facts:
        """The facts where two paths meet: what both know."""
        from attnlint.algebra.join import joined

        return joined(a, b)

    # --- normal forms -----------------------------------------------------------------------------------------------

    def normal(self, dim: Dim) -> Dim:
        """``dim`` rewritten with the known equalities; equal dims mostly have the same normal form."""
        return dim if isinstance(dim, int) else normal(self._state, dim)

    def resolve(self, shape: Shape) -> Shape:
        """``shape`` with bound rests expanded and its dims in normal form; the same object when nothing changes."""
        return ranks.resolve(self._state, shape)

    # --- questions --------------------------------------------------------------------------------------------------

    def equal(self, a: Dim, b: Dim) -> Answer:
        """Whether ``a == b``."""
        if isinstance(a, int) and isinstance(b, int):
            return Answer.YES if a == b else Answer.NO
        if a == b:
            return Answer.YES
        state = self._state
        answer = state.differences.get((a, b))
        if answer is None:
            is_open = all(equality(state.models, a, b))
            answer = Answer.OPEN if is_open else self._ask(("zero", a - b), decide.is_zero)
            state.differences[a, b] = answer
        return answer

    def surely_equal(self, a: Dim, b: Dim) -> bool:
        """Whether ``equal`` says yes; that it does not is found out sooner."""
        if a == b or (isinstance(a, int) and isinstance(b, int)):
            return a == b
        if (a, b) not in self._state.differences:
            _, other = equality(self._state.models, a, b)
            if other:
                return False
        return self.equal(a, b) is Answer.YES

    def at_least(self, a: Dim, b: Dim) -> Answer:
        """Whether ``a >= b``."""
        if isinstance(a, int) and isinstance(b, int):
            return Answer.YES if a >= b else Answer.NO
        return self._ask(("nonnegative", a - b), decide.is_nonnegative)

    def is_one(self, dim: Dim) -> Answer:
        """Whether an axis of this size broadcasts. A generic size is taken not to be 1 unless the facts say so."""
        if isinstance(dim, int):
            return Answer.YES if dim == 1 else Answer.NO
        return self._ask(("one", dim), decide.is_one)

    def may_be_empty(self, a: Dim, b: Dim) -> bool:
        """Whether one size is 0 and the other one is a symbol that only by general agreement is at least 1."""
        a, b = self.normal(a), self.normal(b)
        symbol = decide.single_symbol(b if a == 0 else a)
        return 0 in (a, b) and symbol is not None and symbol not in self._state.minima

    def divides(self, divisor: Dim, dim: Dim) -> Answer:
        """Whether ``dim`` is a multiple of ``divisor``."""
        if isinstance(divisor, int) and isinstance(dim, int):
            return Answer.NO if (dim % divisor if divisor else dim) else Answer.YES
        multiples = self._state.multiples
        answer = multiples.get((divisor, dim))
        if answer is None:
            answer = multiples[divisor, dim] = self._divides(divisor, dim)
        return answer

    def _divides(self, divisor: Dim, dim: Dim) -> Answer:
        if all(divisibility(self._state.models, divisor, dim)):
            return Answer.OPEN
        if self.normal(divisor) == 0:
            return self.equal(dim, 0)  # only 0 is a multiple of 0, and there is no remainder to ask about
        return self._ask(("zero", dim % divisor), decide.is_zero)

    def surely_divides(self, divisor: Dim, dim: Dim) -> bool:
        """Whether ``divides`` says yes; that it does not is found out sooner."""
        if isinstance(divisor, Expression) or isinstance(dim, Expression):
            if (divisor, dim) not in self._state.multiples:
                _, other = divisibility(self._state.models, divisor, dim)
                if other:
                    return False
        return self.divides(divisor, dim) is Answer.YES

    # --- learning ---------------------------------------------------------------------------------------------------

    def learn_equal(self, a: Dim, b: Dim, because: Any = None) -> bool:
        """Take it that ``a == b``."""
        if isinstance(a, int) and isinstance(b, int):
            return a == b
        if self.normal(a - b) == 0:
            return True
        told: dict[Question, Answer] = {("zero", a - b): Answer.YES, ("zero", b - a): Answer.YES}
        return self._learn(_said("equal", a, b, because), told, lambda learner: learner.zeros.append(a - b))

    def learn_different(self, a: Dim, b: Dim, because: Any = None) -> bool:
        """Take it that ``a != b``."""
        if isinstance(a, int) and isinstance(b, int):
            return a != b
        told: dict[Question, Answer] = {("zero", a - b): Answer.NO, ("zero", b - a): Answer.NO}
        return self._learn(_said("different", a, b, because), told, lambda learner: learner.differences.append(a - b))

    def learn_at_least(self, a: Dim, b: Dim, because: Any = None) -> bool:
        """Take it that ``a >= b``."""
        if isinstance(a, int) and isinstance(b, int):
            return a >= b
        told: dict[Question, Answer] = {("nonnegative", a - b): Answer.YES}
        return self._learn(_said("at_least", a, b, because), told, lambda learner: learner.inequalities.append(a - b))

    def learn_divides(self, divisor: Dim, dim: Dim, because: Any = None) -> bool:
        """Take it that ``dim`` is a multiple of ``divisor``."""
        if isinstance(divisor, int) and isinstance(dim, int):
            return dim % divisor == 0 if divisor else dim == 0
        fact = _said("divides", divisor, dim, because)
        told: dict[Question, Answer] = {}
        if not (isinstance(divisor, int) and not divisor):
            told["zero", dim % divisor] = Answer.YES
        return self._learn(fact, told, lambda learner: learner.divisions.append((divisor, dim)))

    def bind(self, rest: Rest, shape: Shape, because: Any = None) -> bool:
        """Take it that the unknown dims ``rest`` are ``shape``."""
        return self.same_shape(Shape((), rest), shape, because)

    def same_shape(self, one: Shape, other: Shape, because: Any = None) -> bool:
        """Take it that two shapes are the same: ranks and dims."""

        # Which dims meet is worked out on a copy of its own: the fact must be complete before it is learned.
        pairs: list[tuple[Dim, Dim]] = []
        if not ranks.unify(self._state.copy(), one, other, pairs):
            return False

        def tell(learner: Learner) -> None:
            ranks.unify(learner.state, one, other, [])
            learner.zeros += [a - b for a, b in pairs]

        symbols = symbols_of(*one.dims, *other.dims, *(dim for pair in pairs for dim in pair))
        return self._learn(Fact("bind", 0, 0, because, symbols, one, other, tuple(pairs)), {}, tell)

    # --- shapes of unknown rank -------------------------------------------------------------------------------------

    def require_rank(self, shape: Shape, rank: int, because: Any = None) -> Shape:
        """``shape`` as one of ``rank`` axes; the same symbols every time it is asked of the same rest."""
        shape = self.resolve(shape)
        missing = rank - len(shape.dims)
        if missing < 0 or (shape.rest is None and missing):
            raise ValueError(f"a shape of {len(shape.dims)} known dims cannot have rank {rank}")
        if shape.rest is None:
            return shape
        dims = ranks.leading_dims(shape.rest, missing)
        if not self.bind(shape.rest, Shape(dims), because):
            return self.resolve(Shape(dims + shape.dims))
        return self.resolve(shape)

    def require_trailing(self, shape: Shape, count: int, because: Any = None) -> Shape:
        """``shape`` with at least ``count`` known trailing dims, behind a new rest where the rank is not known."""
        shape = self.resolve(shape)
        missing = count - len(shape.dims)
        if missing <= 0:
            return shape
        if shape.rest is None:
            raise ValueError(f"a shape of rank {len(shape.dims)} cannot have {count} dims")
        self.bind(shape.rest, ranks.with_trailing(shape.rest, missing), because)
        return self.resolve(shape)

    def leading(self, rest: Rest | Shape, index: int) -> Dim:
        """The size of axis ``index``, counted from the front, of a shape of unknown rank that surely has it.

        A ``Rest`` asks for an axis of the rest itself; a ``Shape`` whose rest may turn out shorter for any of its axes.
        """
        shape = self.resolve(Shape((), rest) if isinstance(rest, Rest) else rest)
        if shape.rest is None:
            return shape.dims[index]
        state = self._state.copy()
        known = index + 1 - len(shape.dims)
        if known > state.lengths.get(shape.rest, 0):
            state.lengths[shape.rest] = known
        symbol = ranks.front_axis(state, shape, index)
        (key,) = symbol.symbols()
        state.fronts[key] = (shape, index)
        self._state = state
        return self.normal(symbol)

    def learn_least_rank(self, shape: Shape, count: int) -> None:
        """Take it that a shape has so many axes, or more."""
        shape = ranks.expand(self._state, shape)
        known = count - len(shape.dims)
        if shape.rest is not None and known > self._state.lengths.get(shape.rest, 0):
            state = self._state.copy()
            state.lengths[shape.rest] = known
            self._state = state

    def least_rank(self, shape: Shape) -> int:
        """The number of axes that a shape has at least."""
        shape = ranks.expand(self._state, shape)
        return len(shape.dims) + (self._state.lengths.get(shape.rest, 0) if shape.rest is not None else 0)

    # --- names and reasons ------------------------------------------------------------------------------------------

    def name(self, dim: Symbol | Dim, name: str, generic: bool = True) -> None:
        """Let a symbol be shown as ``name``: the author has unpacked it, so it is a size like others (``generic``)."""
        symbol = dim if isinstance(dim, Symbol) else decide.single_symbol(self.normal(dim))
        if symbol is None:
            return
        known = self._state.names.get(symbol, symbol)
        named = known.renamed(name, generic)
        if symbol in self._state.names and named.name == known.name and named.generic == known.generic:
            return
        state = self._state.copy()
        state.names[symbol] = named
        if named.generic == known.generic:
            # Only what is shown has changed.
            state.answers = self._state.answers
        self._state = state

    def found_different(self, dim: Dim) -> None:
        """The program has found ``dim`` to differ from another size, so it is a size like others no longer: where it
        meets that one all the same, as in ``if channels != 3: x = x.expand(-1, 3, -1, -1)``, it must be 1."""
        symbol = decide.single_symbol(self.normal(dim))
        if symbol is None or symbol in self._state.compared:
            return
        state = self._state.copy()
        state.compared |= {symbol}
        self._state = state

    def reasons(self, dim: Dim) -> tuple[Any, ...]:
        """Why ``dim`` is known to be what it is: the ``because`` of the facts about it, in the order of learning."""
        state = self._state
        symbols = set(symbols_of(dim))
        for symbol in list(symbols):
            symbols |= symbols_of(state.solved.get(symbol, 0))
        facts = [fact for fact in state.log if fact.because is not None and not symbols.isdisjoint(fact.symbols)]
        return tuple(dict.fromkeys(fact.because for fact in facts))

    def witness(self, dims: Iterable[Dim], require_broken: tuple[Dim, Dim] | None = None) -> dict[Symbol, int] | None:
        """Integers for the symbols of ``dims`` that respect all facts: distinct primes where possible.

        With ``require_broken`` those two dims differ. ``None`` when a bounded search finds none.
        """
        from attnlint.algebra.witness import witness

        return witness(self._state, dims, require_broken)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _ask(self, question: Question, decide: Callable[[State, Dim], Answer]) -> Answer:
        state = self._state
        answer = state.answers.get(question)
        if answer is None:
            answer = state.told.get(question)
        if answer is None:
            answer = state.answers[question] = decide(state, question[1])
        return answer

    def _learn(self, fact: Fact, told: dict[Question, Answer], tell: Callable[[Learner], None]) -> bool:
        before = self._state
        said = (fact.kind, fact.left, fact.right, fact.one, fact.other, fact.because)
        refused = said in before.refused
        # Another path may have learned just this from here: both are the same path again.
        state = None if refused or (made := before.learned.get(said)) is None else made()
        if state is None and not refused:
            state = self._state_with(fact, told, tell)
            if state is not None:
                before.learned[said] = ref(state)
        if state is None:
            before.refused.add(said)
            return False
        self._state = state
        return True

    def _state_with(self, fact: Fact, told: dict[Question, Answer], tell: Callable[[Learner], None]) -> State | None:
        """The state once the fact is taken in; ``None`` for a contradiction."""
        state = self._state.copy()
        state.say(fact)
        learner = Learner(state)
        try:
            tell(learner)
            learner.run()
        except Contradiction:
            return None
        state.told.update(told)
        return state


def _said(kind: Literal["equal", "different", "at_least", "divides"], a: Dim, b: Dim, because: Any) -> Fact:
    return Fact(kind, a, b, because, symbols_of(a, b))
