"""A model of what was known made into one of what is known now."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

from attnlint.algebra.dim import Dim, Expression, symbols_of
from attnlint.algebra.models import Model, Relation
from attnlint.algebra.monomial import Atom
from attnlint.algebra.symbol import Symbol

_MOST_CHANGES = 8
_DEEPEST = 3


def repaired(model: Model, broken: Relation, known: list[Relation], solved: dict[Symbol, Dim]) -> Model | None:
    """A model of all that is ``known``, the ``broken`` relation included, which is all that this one breaks.

    ``None`` when a short search finds none. ``solved`` are the symbols that are made of others.
    """
    return _Repair(known, solved).mended(model, broken, frozenset(), _DEEPEST)


class _Repair:
    """One integer is changed so that the broken relation holds, then what that has broken is mended."""

    def __init__(self, known: list[Relation], solved: dict[Symbol, Dim]) -> None:
        self.known = known
        self.solved = solved
        self.changes = _MOST_CHANGES

    def mended(self, model: Model, broken: Relation, touched: frozenset[Symbol], depth: int) -> Model | None:
        for symbol, value in _proposals(model, broken, self.solved):
            if symbol in touched or (symbol.minimum is not None and value < symbol.minimum):
                continue
            if not self.changes:
                return None
            self.changes -= 1
            values = self._values(model, symbol, value)
            if values is None:
                continue
            changed = model.changed(values)
            if not changed.holds(broken):
                continue
            both = touched | values.keys()
            worse = self._first_broken(changed, both)
            if worse is None:
                return changed
            found = self.mended(changed, worse, both, depth - 1) if depth else None
            if found is not None:
                return found
        return None

    def _first_broken(self, model: Model, touched: frozenset[Symbol]) -> Relation | None:
        for relation in self.known:
            if not touched.isdisjoint(relation.symbols) and not model.holds(relation):
                return relation
        return None

    def _values(self, model: Model, symbol: Symbol, value: int) -> dict[Symbol, int] | None:
        """The new integers, those of the symbols that are made of this one included."""
        values = {symbol: value}
        made = [other for other, dim in self.solved.items() if symbol in symbols_of(dim)]
        changed = model.changed(values) if made else model
        for other in made:
            try:
                values[other] = changed.value(self.solved[other])
            except ZeroDivisionError:
                return None
            if other.minimum is not None and values[other] < other.minimum:
                return None
        return values


def _proposals(model: Model, broken: Relation, solved: dict[Symbol, Dim]) -> Iterator[tuple[Symbol, int]]:
    """Integers for single symbols under which the relation may hold."""
    left, right = _free(broken.left, solved), _free(broken.right, solved)
    try:
        if broken.kind == "divides":
            yield from _multiples(model, left, right)
        elif broken.kind == "different":
            for atom, _ in _slopes(model, left - right):
                if isinstance(atom, Symbol):
                    yield atom, model[atom] + 1
                    yield atom, model[atom] * 2
        else:
            yield from _moves(model, left - right, broken.kind == "equal")
    except ZeroDivisionError:
        return


def _free(dim: Dim, solved: dict[Symbol, Dim]) -> Dim:
    return dim.substitute(solved) if isinstance(dim, Expression) else dim


def _moves(model: Model, difference: Dim, exactly: bool) -> Iterator[tuple[Symbol, int]]:
    """What makes the difference zero, or not negative."""
    value = model.value(difference)
    for atom, slope in _slopes(model, difference):
        if value % slope and exactly:
            continue
        wanted = model[atom] - (value // slope if exactly or slope > 0 else -(value // -slope))
        if isinstance(atom, Symbol):
            yield atom, wanted
        elif atom.operation == "floordiv":
            dividend, divisor = atom.arguments
            yield from _moves(model, dividend - wanted * model.value(divisor), True)


def _multiples(model: Model, divisor: Dim, dim: Dim) -> Iterator[tuple[Symbol, int]]:
    """What makes ``dim`` a multiple of the divisor."""
    value, step = model.value(dim), model.value(divisor)
    if not step:
        return
    for atom, slope in _slopes(model, dim):
        if not isinstance(atom, Symbol):
            continue
        if slope * model[atom] == value:
            yield atom, model[atom] * (step // gcd(step, value))
        elif abs(slope) == 1:
            yield atom, model[atom] + slope * (-value % step)
    for atom, slope in _slopes(model, divisor):
        if isinstance(atom, Symbol) and slope * model[atom] == step:
            yield atom, abs(gcd(step, value) // slope)


def _slopes(model: Model, dim: Dim) -> Iterator[tuple[Atom, int]]:
    """The atoms in which the dim is linear, the latest first, and what one more of each adds."""
    if isinstance(dim, int):
        return
    for atom in reversed(dim.atoms()):
        slope = 0
        for monomial, coefficient in dim.terms.items():
            power = monomial.powers.get(atom, 0)
            if power > 1:
                break
            if power:
                for other, times in monomial.powers.items():
                    if other is not atom and other != atom:
                        coefficient *= model[other] ** times
                slope += coefficient
        else:
            if slope:
                yield atom, slope
