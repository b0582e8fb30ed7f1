"""Rows of layers made alike: ``[Block(config, index) for index in range(config.num_layers)]``.

Forty equal layers cost forty constructors. Where a round for an index that may be any of the others makes the same
object as the second round did, but for what is reckoned with the index, the others are copies of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnlint.algebra import Expression, Symbol
from attnlint.algebra.dim import substitute, symbols_of
from attnlint.frozen import replace
from attnlint.interpreter.errors import Raised
from attnlint.interpreter.iteration import element_like
from attnlint.interpreter.objects import ClassValue
from attnlint.syntax import nodes
from attnlint.values import BoundMethod, Choice, DictValue, Instance, ListValue, SetValue, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.algebra import Dim
    from attnlint.interpreter.run import Run

FEWEST = 5
"""A shorter row is not worth the comparison."""
LARGEST = 2000
"""Objects with more parts than this are made one by one."""


class _Differ(Exception):
    """The two are not alike."""


def is_row(iterable: range, node: nodes.Comprehension) -> bool:
    """Whether a comprehension may make a row of equal layers."""
    clause = node.clauses[0]
    return (
        len(iterable) >= FEWEST
        and iterable.step == 1
        and node.kind in ("list", "generator")
        and len(node.clauses) == 1
        and not clause.conditions
        and isinstance(clause.target, nodes.Name)
        and isinstance(node.element, nodes.Call)
    )


def other_layers(
    run: Run, second: Value, indices: range, node: nodes.Node, round_: Callable[[Value], Value]
) -> list[Value] | None:
    """The elements of a row from the third on; ``None`` where only a round of its own can say what each is.

    ``second``: the second element. ``round_`` makes the element for an index.
    """
    if type(second) is not Instance or not isinstance(second.cls, ClassValue):
        return None
    rest = indices[2:]
    facts = run.facts
    run.facts = facts.fork()
    mark = run.store.push()
    scope = run.scope.variables
    likeness: _Likeness | None = None
    try:
        index = element_like(run, rest, node)
        pattern = round_(index)
        symbol = _symbol(index)
        if symbol is not None:
            likeness = _Likeness(symbol, indices[1])
            # A round that changes something else may matter to the next one.
            if not likeness.holds(pattern, second) or any(
                owner is not scope and id(owner) not in likeness.owners for owner, _ in run.store.written_since(mark)
            ):
                likeness = None
    except Raised:
        likeness = None
    finally:
        if likeness is None:
            run.store.undo_to(mark)
        else:
            run.store.commit_to(mark - 1)
        run.facts = facts
    if likeness is None:
        return None
    made = []
    row = Row(pattern, likeness.symbol, rest[0], rest[-1])
    for number in rest:
        run.step()
        copy = _Copying(run, {likeness.symbol: number}).copy(pattern, second)
        run.rows[id(copy)] = (copy, row, number)
        made.append(copy)
    return made


@dataclass(frozen=True, slots=True)
class Row:
    """Layers that are copies of one another."""

    pattern: Value
    """The layer whose index is ``symbol``, which may be any from ``first`` to ``last``."""
    symbol: Symbol
    first: int
    last: int

    def learn(self, run: Run) -> None:
        """The pattern is one of the row."""
        index = Expression.of(self.symbol)
        run.facts.learn_at_least(index, min(self.first, self.last))
        run.facts.learn_at_least(max(self.first, self.last), index)


def any_of_row(run: Run, items: Sequence[Value]) -> tuple[Value, Row] | None:
    """What stands for any one of the items of a loop, where they are the layers of a row, numbered or not."""
    first = items[0]
    if type(first) is not tuple:
        return _layer_of_row(run, items)
    parts: list[Value] = []
    found: Row | None = None
    for place, part in enumerate(first):
        column = [item[place] if type(item) is tuple and len(item) == len(first) else None for item in items]
        layer = _layer_of_row(run, column)
        if layer is not None and found is None:
            found = layer[1]
            parts.append(layer[0])
        elif all(each is part for each in column):
            parts.append(part)
        elif found is None and all(type(each) is int for each in column):
            parts.append(column)
        else:
            return None
    if found is None:
        return None
    numbers = range(found.first, found.last + 1)
    for place, part in enumerate(parts):
        if type(part) is list:
            if len(part) != len(numbers) or any(each - part[0] != index for index, each in enumerate(part)):
                return None
            parts[place] = Expression.of(found.symbol) + (part[0] - found.first)
    return tuple(parts), found


def _layer_of_row(run: Run, items: Sequence[Value]) -> tuple[Value, Row] | None:
    known = run.rows.get(id(items[0]))
    if known is None or known[0] is not items[0]:
        return None
    row = known[1]
    for place, item in enumerate(items):
        known = run.rows.get(id(item))
        if known is None or known[0] is not item or known[1] is not row or known[2] != row.first + place:
            return None
    # They were alike when they were made; since then one may have been moved, or got another layer.
    if not all(_Likeness(row.symbol, row.first + place).holds(row.pattern, item) for place, item in enumerate(items)):
        return None
    return row.pattern, row


def _symbol(index: Value) -> Symbol | None:
    symbols = index.symbols() if isinstance(index, Expression) else ()
    return next(iter(symbols)) if len(symbols) == 1 else None


class _Likeness:
    """Whether what was made for the index ``symbol`` is, where that is ``number``, what was made for ``number``."""

    def __init__(self, symbol: Symbol, number: int) -> None:
        self.symbol = symbol
        self.number = number
        self.owners: dict[int, Value] = {}
        """What is written to when parts of the first are changed, by identity."""
        self._partners: dict[Hashable, Hashable] = {}
        """For each object of the first, by identity, that of the second; the same of unknown objects, by key."""

    def holds(self, pattern: Value, made: Value) -> bool:
        """Compare two objects."""
        stack = [(pattern, made)]
        try:
            while stack:
                one, other = stack.pop()
                if one is other:
                    continue
                if type(one) is not type(other):
                    self._demand(isinstance(one, Expression) and self._at(one) == other)
                    continue
                if type(one) in _OBJECTS:
                    if id(one) in self._partners:
                        self._demand(self._partners[id(one)] == id(other))
                        continue
                    self._demand(len(self._partners) < LARGEST)
                    self._partners[id(one)] = id(other)
                    owner = one.attributes if isinstance(one, Instance) else one
                    self.owners[id(owner)] = owner
                stack += self._parts(one, other)
        except _Differ:
            return False
        return True

    def _demand(self, holds: bool) -> None:
        if not holds:
            raise _Differ

    def _at(self, expression: Expression) -> Dim:
        return substitute(expression, {self.symbol: self.number})

    def _parts(self, one: Value, other: Value) -> list[tuple[Value, Value]]:
        """The pairs of parts that have to be alike for two values of one type to be."""
        kind = type(one)
        if kind is Instance:
            self._demand(one.cls is other.cls or one.cls == other.cls)
            self._demand(one.key == other.key and list(one.attributes) == list(other.attributes))
            return list(zip(one.attributes.values(), other.attributes.values(), strict=True))
        if kind is ListValue:
            return self._paired(one.items, other.items)
        if kind is tuple:
            return self._paired(one, other)
        if kind is DictValue:
            self._demand(list(one.items) == list(other.items))
            values = zip(one.items.values(), other.items.values(), strict=True)
            return [*values, (one.default_factory, other.default_factory)]
        if kind is SetValue:
            self._demand(one.items == other.items)
            return []
        if kind is BoundMethod:
            return [(one.receiver, other.receiver), (one.function, other.function)]
        if kind is Choice:
            self._demand(one.guards == other.guards)
            return self._paired(one.values, other.values)
        if kind is Tensor:
            # (their makers, and with them their axes, are of two calls)
            self._demand(replace(one, axes=other.axes) == other and self.symbol not in symbols_of(*one.shape.dims))
            return []
        if kind is Expression:
            self._demand(self._at(one) == other)
            return []
        if kind is Unknown:
            same = _is_fresh(one) and _is_fresh(other) and replace(one, key=other.key) == other
            self._demand(one.key == other.key or (same and self._partners.setdefault(one.key, other.key) == other.key))
            return []
        self._demand(bool(one == other))
        return []

    def _paired(self, one: Sequence[Value], other: Sequence[Value]) -> list[tuple[Value, Value]]:
        self._demand(len(one) == len(other))
        return list(zip(one, other, strict=True))


_OBJECTS = (Instance, ListValue, DictValue, SetValue)


def _is_fresh(value: Unknown) -> bool:
    return isinstance(value.key, tuple) and value.key[:1] == ("fresh",)


class _Copying:
    """Copies of an object for another index; what it shares with other objects of the program stays shared."""

    def __init__(self, run: Run, index: dict[Symbol, int]) -> None:
        self.run = run
        self.index = index
        self._copies: dict[Hashable, Value] = {}

    def copy(self, pattern: Value, made: Value) -> Value:
        """``made`` as it is for the index, of which ``pattern`` says what is reckoned with it."""
        if pattern is made:
            return made
        kind = type(made)
        known = self._copies.get(id(made)) if kind in _OBJECTS else None
        if known is not None:
            return known
        if kind is Instance:
            instance = Instance(made.cls, {}, made.key, made.label, made.origin)
            self._copies[id(made)] = instance
            for name, value in made.attributes.items():
                instance.attributes[name] = self.copy(pattern.attributes[name], value)
            return self.run.store.born(instance)
        if kind is ListValue:
            items = self._copies[id(made)] = ListValue([])
            items.items += map(self.copy, pattern.items, made.items)
            return self.run.store.born(items)
        if kind is DictValue:
            table = self._copies[id(made)] = DictValue({}, made.default_factory)
            for key, value in made.items.items():
                table.items[key] = self.copy(pattern.items[key], value)
            return self.run.store.born(table)
        if kind is SetValue:
            elements = self._copies[id(made)] = SetValue(set(made.items))
            return self.run.store.born(elements)
        if kind is tuple:
            return tuple(map(self.copy, pattern, made))
        if kind is BoundMethod:
            return BoundMethod(self.copy(pattern.receiver, made.receiver), self.copy(pattern.function, made.function))
        if kind is Choice:
            return replace(made, values=tuple(map(self.copy, pattern.values, made.values)))
        if kind is Unknown and pattern.key != made.key:
            if made.key not in self._copies:
                self._copies[made.key] = self.run.fresh(made.reason, made.label, made.kind)
            return self._copies[made.key]
        return substitute(pattern, self.index) if isinstance(pattern, Expression) else made
