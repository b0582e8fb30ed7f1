"""What a ``Facts`` object holds at one moment. A state is never changed once another has been made from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from weakref import ref

from attnlint.algebra.answer import Answer
from attnlint.algebra.dim import Dim, Expression, symbols_of
from attnlint.algebra.models import Model, Relation, fresh_models
from attnlint.algebra.monomial import Atom, Monomial
from attnlint.algebra.opaque import Opaque
from attnlint.algebra.repair import repaired
from attnlint.algebra.shape import Rest, Shape
from attnlint.algebra.symbol import Symbol


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """One thing that was learned, as it was said."""

    kind: Literal["equal", "different", "at_least", "divides", "bind"]
    left: Dim
    right: Dim
    because: Any
    symbols: frozenset[Symbol]
    one: Shape | None = None
    other: Shape | None = None
    pairs: tuple[tuple[Dim, Dim], ...] = ()
    """For ``bind``: the dims that are equal by it."""

    def relations(self) -> list[Relation]:
        """What it says of dims."""
        if self.kind == "bind":
            return [Relation("equal", left, right, symbols_of(left, right)) for left, right in self.pairs]
        return [Relation(self.kind, self.left, self.right, self.symbols)]


Question = tuple[Literal["zero", "nonnegative", "one"], Dim]
"""Something to ask about a dim."""


class Rule(NamedTuple):
    """``coefficient * lead`` is ``replacement``: how an equation is used to rewrite."""

    lead: Monomial
    coefficient: int
    replacement: Dim
    first: Atom
    """An atom of ``lead``, for a quick look whether the rule can apply."""


class Division(NamedTuple):
    """``divisor`` divides ``dividend``; ``quotient`` is the atom ``dividend // divisor``."""

    dividend: Dim
    divisor: Dim
    quotient: Opaque


@dataclass(slots=True, eq=False)
class Ground:
    """What proofs of ``dim >= 0`` start from."""

    minima: dict[Symbol, int]
    divisions: list[Division]
    nonnegative: list[Expression]
    bounds: dict[Atom, int | None] = field(default_factory=dict)
    """Least values of operations."""


@dataclass(slots=True, eq=False)
class Order:
    """The part of a state that proofs of ``dim >= 0`` lean on, and the proofs made so far.

    Most of what is learned is an equality of sizes, which is solved and changes none of this: the next state goes on
    with the proofs of the one before.
    """

    ground: Ground
    """Apart, so that who proves something need not hold on to who holds on to the proof."""
    least: dict[Dim, int | None] = field(default_factory=dict)
    """Least values by the minima alone."""
    zeros: dict[Dim, Answer] = field(default_factory=dict)
    """Whether dims are zero that are in normal form and hold no operation."""
    provers: dict[tuple[Dim, ...], Any] = field(default_factory=dict)


@dataclass
class State:
    """All that is known, in the form in which it is used."""

    log: list[Fact] = field(default_factory=list)
    solved: dict[Symbol, Dim] = field(default_factory=dict)
    """Symbols that are something else. No value mentions a solved symbol."""
    equations: list[Expression] = field(default_factory=list)
    """Zero, and could not be solved for a symbol."""
    divisions: list[Division] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    """One for each equation and division."""
    nonnegative: list[Expression] = field(default_factory=list)
    different: list[Expression] = field(default_factory=list)
    """Not zero."""
    minima: dict[Symbol, int] = field(default_factory=dict)
    """Where more is known than the symbol says."""
    rests: dict[Rest, Shape] = field(default_factory=dict)
    fronts: dict[Symbol, tuple[Shape, int]] = field(default_factory=dict)
    """Symbols that stand for an axis, counted from the front, of a shape of unknown rank."""
    lengths: dict[Rest, int] = field(default_factory=dict)
    """The number of dims that a rest has at least."""
    names: dict[Symbol, Symbol] = field(default_factory=dict)
    compared: frozenset[Symbol] = frozenset()
    """Sizes that the program compared with others and found different: on this path they may well be 1."""
    told: dict[Question, Answer] = field(default_factory=dict)
    """What was learned, word for word; asked again, it is answered whatever became of it in the forms above."""
    cache: dict[Dim, Dim] = field(default_factory=dict)
    """Normal forms, under just this state."""
    resolved: dict[int, tuple[Shape, Shape]] = field(default_factory=dict)
    """Shapes, by which object they are, as they are known under just this state."""
    simpler: dict[Opaque, Dim | None] = field(default_factory=dict)
    """What operations are rewritten to, under just this state."""
    bounds: dict[Atom, int | None] = field(default_factory=dict)
    """Least values of operations, under just this state."""
    answers: dict[Question, Answer] = field(default_factory=dict)
    """Answers once given; a state that is not changed any more gives no others."""
    multiples: dict[tuple[Dim, Dim], Answer] = field(default_factory=dict)
    """Whether the second of two dims is a multiple of the first, where that was asked."""
    differences: dict[tuple[Dim, Dim], Answer] = field(default_factory=dict)
    """Whether two dims are equal, where that was asked."""
    depth: int = 0
    """How many normal forms within normal forms are being worked out."""
    known_order: Order | None = None
    """Shared by all states since the latest change of what it is made of."""
    learned: dict[tuple[Any, ...], ref[State]] = field(default_factory=dict)
    """The states that were made from this one, by what they learned."""
    refused: set[tuple[Any, ...]] = field(default_factory=set)
    """What would have been a contradiction."""
    relations: list[Relation] = field(default_factory=list)
    """What the log says of dims."""
    models: tuple[Model, ...] = field(default_factory=fresh_models)
    """Integers under which all of that holds. None at all says nothing."""

    def forget(self) -> None:
        """Drop what was worked out before the latest change."""
        self.cache = {}
        self.resolved = {}
        self.simpler = {}
        self.bounds = {}

    def reorder(self) -> None:
        """Minima, divisions, inequalities or differences have changed: no proof made before counts."""
        self.known_order = None

    def order(self) -> Order:
        """What proofs are made from."""
        if self.known_order is None:
            self.known_order = Order(Ground(self.minima.copy(), self.divisions.copy(), self.nonnegative.copy()))
        return self.known_order

    def copy(self) -> State:
        """A state to go on from."""
        return State(
            self.log.copy(),
            self.solved.copy(),
            self.equations.copy(),
            self.divisions.copy(),
            self.rules.copy(),
            self.nonnegative.copy(),
            self.different.copy(),
            self.minima.copy(),
            self.rests.copy(),
            self.fronts.copy(),
            self.lengths.copy(),
            self.names.copy(),
            self.compared,
            self.told.copy(),
            known_order=self.known_order,
            relations=self.relations.copy(),
            models=self.models,
        )

    def say(self, fact: Fact) -> None:
        """Add to the log. The fact is not in the other forms yet."""
        self.log.append(fact)
        for relation in fact.relations():
            self.relations.append(relation)
            kept: list[Model] = []
            for model in self.models:
                found = model if model.holds(relation) else repaired(model, relation, self.relations, self.solved)
                if found is not None:
                    kept.append(found)
            self.models = tuple(kept)
