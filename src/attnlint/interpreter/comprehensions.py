"""Comprehensions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attnlint.algebra import Dim, Expression
from attnlint.interpreter import assignment, containers, equal_layers, iteration
from attnlint.interpreter.conditions import Split, split
from attnlint.interpreter.costs import is_too_much
from attnlint.interpreter.forks import enter
from attnlint.interpreter.joins import alike, common_element
from attnlint.interpreter.library.iterators import make_iterator
from attnlint.interpreter.library.keys import is_certain_key
from attnlint.interpreter.objects import OpenDict
from attnlint.interpreter.scopes import Scope
from attnlint.syntax import nodes
from attnlint.syntax.walk import descendants
from attnlint.values import DictValue, Instance, ListValue, PythonName, Repeated, SetValue, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run


Enough = Callable[[Value], bool]
"""Whether the consumer of a generator asks for no more once it has an element."""


SHORT_CIRCUITS: dict[str, Callable[[Run, Value], bool]] = {
    "next": lambda run, element: True,
    "any": lambda run, element: run.truth(element) is True,
    "all": lambda run, element: run.truth(element) is False,
}
"""Functions that take no more of a generator once they have an element of which this holds."""


class _Done(Exception):
    """The consumer of a generator has enough."""


class _Collected:
    """What a comprehension has made so far."""

    __slots__ = ("elements", "enough", "first", "known", "length")

    def __init__(self, enough: Enough | None = None) -> None:
        self.enough = enough
        self.elements: list[tuple[Value, Value]] = []
        self.known = True
        self.length: Dim | None = None
        self.first: Value = None


def argument_of(run: Run, function: Value, node: nodes.Expression) -> Value:
    """The value of an argument of a call: of a generator expression, what the function takes."""
    if type(node) is nodes.Comprehension and type(function) is PythonName and node.kind == "generator":
        enough = SHORT_CIRCUITS.get(function.name)
        if enough is not None:
            return comprehension(run, node, lambda element: enough(run, element))
    return run.evaluate(node)


def comprehension(run: Run, node: nodes.Comprehension, enough: Enough | None = None) -> Value:
    """The value of a comprehension. A generator expression is run at once, as far as its consumer would take it."""
    collected = _Collected(enough)
    outer = run.scope
    first = run.evaluate(node.clauses[0].iterable)
    run.scope = Scope("comprehension", outer.module, outer)
    run.store.born(run.scope.variables)
    frame_scope = run.frame.scope
    try:
        _clause(run, node, 0, collected, first)
    except _Done:
        pass
    finally:
        run.scope = outer
        run.frame.scope = frame_scope
    elements = collected.elements
    if node.kind == "dict":
        if collected.known and all(is_certain_key(key) for key, _ in elements):
            return run.store.born(DictValue({key: run.keyed(value) for key, value in elements}))
        return OpenDict({}, common_element(run, [value for _, value in elements]))
    values = [value for value, _ in elements]
    if not collected.known:
        element = common_element(run, values)
        kind = "iterator" if node.kind == "generator" else "list"
        if node.kind == "set":
            return run.fresh("a set whose elements are not known", kind="set")
        if len(node.clauses) == 1 and not node.clauses[0].conditions:
            return Repeated(kind, element, collected.length, first=collected.first)
        return Repeated(kind, element, None)
    if node.kind == "list":
        return run.store.born(ListValue([run.keyed(value) for value in values]))
    if node.kind == "set":
        if all(is_certain_key(value) for value in values):
            return run.store.born(SetValue(set(values)))
        return run.fresh("a set whose elements are not known", kind="set")
    return make_iterator(run, [run.keyed(value) for value in values])


def _clause(run: Run, node: nodes.Comprehension, index: int, collected: _Collected, iterable: Value) -> None:
    clause = node.clauses[index]
    items = run.iterate(iterable, clause)
    if items is not None and len(items) > run.options.rounds * 16:
        items = items[:1] if items else items
        collected.known = False
    if items is None:
        collected.known = False
        if isinstance(iterable, Repeated):
            collected.length = iterable.length
        elif isinstance(iterable, Instance):
            collected.length = containers.length_of(iterable)
        if node.kind in ("list", "generator") and len(node.clauses) == 1 and not clause.conditions:
            _first_round(run, node, collected, iterable)
            if collected.first is not None and not _uses(node.element, clause.target):
                collected.elements.append((collected.first, None))
                return
        _uncertain_round(run, node, index, collected, iteration.element_like(run, iterable, clause))
        return
    row = iterable if isinstance(iterable, range) and equal_layers.is_row(iterable, node) else None
    for position, item in enumerate(items):
        run.step()
        steps = run.steps
        _round(run, node, index, collected, item)
        if position != 1:
            continue
        too_much = is_too_much(run, steps - run.steps, len(items) - 2)
        if row is not None and _rest_of_row(run, node, row, collected):
            return
        if too_much and _may_stop(node, collected):
            _rest_as_one(run, node, index, collected, iterable, items)
            return


def _rest_as_one(
    run: Run, node: nodes.Comprehension, index: int, collected: _Collected, iterable: Value, items: list[Value]
) -> None:
    """A row of blocks, of which two are made: one more stands for all that are left."""
    collected.known = False
    rest = iterable if type(iterable) is range else Repeated("list", common_element(run, items[2:]))
    item = iteration.element_like(run, rest, node.clauses[index])
    _uncertain_round(run, node, index, collected, item)
    if len(node.clauses) > 1:
        return
    collected.length = len(items)
    collected.first = run.keyed(collected.elements[0][0])
    made = [element for element, _ in collected.elements]
    if len(made) == 3 and all(
        alike(made[place], made[2], loose=True, numbers=_numbers(items[place], item)) for place in (0, 1)
    ):
        collected.elements = collected.elements[2:]


def _numbers(one: Value, other: Value) -> tuple[Dim, Dim] | None:
    are_numbers = isinstance(one, int) and isinstance(other, int | Expression)
    return (one, other) if are_numbers else None


def _may_stop(node: nodes.Comprehension, collected: _Collected) -> bool:
    """Whether the rounds that are left may be run as one: nothing is left out and nobody waits for a certain one."""
    return (
        node.kind in ("list", "generator")
        and collected.enough is None
        and collected.known
        and not any(clause.conditions for clause in node.clauses)
    )


def _rest_of_row(run: Run, node: nodes.Comprehension, row: range, collected: _Collected) -> bool:
    """Whether the elements from the third on are like the second."""

    def round_(item: Value) -> Value:
        alone = _Collected()
        run.step()
        _round(run, node, 0, alone, item)
        return alone.elements[0][0]

    if len(collected.elements) != 2 or collected.enough is not None:
        return False
    others = equal_layers.other_layers(run, collected.elements[1][0], row, node.clauses[0], round_)
    if others is None:
        return False
    collected.elements += [(each, None) for each in others]
    return True


def _first_round(run: Run, node: nodes.Comprehension, collected: _Collected, iterable: Value) -> None:
    """The first element, where the first item is known by itself."""
    first = iteration.first_of(run, iterable, node.clauses[0])
    if first is not None:
        alone = _Collected()
        _uncertain_round(run, node, 0, alone, first)
        if len(alone.elements) == 1:
            collected.first = run.keyed(alone.elements[0][0])


def _uses(element: nodes.Expression, target: nodes.Expression) -> bool:
    """Whether the element is another one for another item."""
    names = {each.name for each in descendants(target) if isinstance(each, nodes.Name)}
    return any(isinstance(each, nodes.Name) and each.name in names for each in descendants(element))


def _uncertain_round(run: Run, node: nodes.Comprehension, index: int, collected: _Collected, item: Value) -> None:
    """A round, if there is one: what it learns is not known."""
    mark = run.store.push()
    base = run.facts
    run.facts = base.fork()
    try:
        _round(run, node, index, collected, item)
    finally:
        if run.store.depth > mark:
            run.store.commit_to(mark - 1)
        run.facts = base


def _round(run: Run, node: nodes.Comprehension, index: int, collected: _Collected, item: Value) -> None:
    clause = node.clauses[index]
    assignment.assign(run, clause.target, run.keyed(item), clause.iterable, local=True)

    def body() -> None:
        if index + 1 < len(node.clauses):
            _clause(run, node, index + 1, collected, run.evaluate(node.clauses[index + 1].iterable))
            return
        element = run.evaluate(node.element)
        collected.elements.append((element, run.evaluate(node.value) if node.value is not None else None))
        # Where elements may be missing, which of them is the last that is asked for is not known.
        if collected.enough is not None and collected.known and collected.enough(element):
            raise _Done

    _when(run, clause.conditions, 0, collected, body)


def _when(
    run: Run, conditions: tuple[nodes.Expression, ...], index: int, collected: _Collected, body: Callable[[], None]
) -> None:
    if index == len(conditions):
        body()
        return
    found = split(run, conditions[index])
    if type(found) is not Split:
        if found:
            _when(run, conditions, index + 1, collected, body)
        return
    collected.known = False
    base = run.facts
    mark = run.store.push()
    try:
        enter(run, found.yes)
        _when(run, conditions, index + 1, collected, body)
    finally:
        run.store.undo_to(mark)
        run.facts = base


__all__ = ["Expression", "comprehension"]
