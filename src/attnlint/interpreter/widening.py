"""Forgetting what changes from round to round of a loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attnlint.algebra import Expression, Rest, Shape, Symbol
from attnlint.interpreter.joins import alike
from attnlint.interpreter.objects import UNBOUND, FunctionValue, OpenDict, Opened, OpenList, OpenSet
from attnlint.interpreter.scopes import Outcome
from attnlint.interpreter.store import Snapshot
from attnlint.values import BoundMethod, Choice, Instance, ListValue, Repeated, Tensor, Unknown, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run
    from attnlint.interpreter.store import Delta

WIDENED = "widened"
"""First part of the keys of what was forgotten: such a value stands for any of its kind."""


def widened(run: Run, before: Delta, state: Outcome) -> Outcome:
    """A state that stands for any number of rounds more: values that differ from before the round are forgotten."""
    delta: Delta = {}
    for location, (owner, slot, value) in state.delta.items():
        known = before[location][2] if location in before else run.store.read(owner, slot)
        if owner is run.store.knowledge or stands_for(known, value):
            delta[location] = (owner, slot, value)
        else:
            delta[location] = (owner, slot, forget(run, value))
    return Outcome(delta, state.facts, state.value)


def forget(run: Run, value: Value) -> Value:
    """What is left of a value that changes from round to round: its kind, and a tensor's rank."""
    if isinstance(value, Snapshot):
        if isinstance(value.items, dict):
            return Snapshot(OpenDict, {}, run.unknown("an item that changes from round to round"))
        if isinstance(value.items, Opened | tuple):
            cls = OpenList if value.cls in (ListValue, OpenList) else OpenSet
            element = value.items.element if isinstance(value.items, Opened) else None
            return Snapshot(cls, Opened(_any_like(run, element)))
        return Snapshot(OpenSet, Opened(run.unknown("an element that changes from round to round")))
    if isinstance(value, Choice):
        return _forget_choice(run, value)
    if isinstance(value, Tensor):
        if value.shape.rest is not None:
            return Tensor(Shape((), Rest((WIDENED, run.next_serial()))), value.dtype, assumed=value.assumed)
        dims = tuple(_any_size(run, 0) for _ in value.shape.dims)
        return Tensor(Shape(dims), value.dtype, value.device, assumed=value.assumed)
    if isinstance(value, int | Expression) and not isinstance(value, bool):
        return _any_size(run, None)
    if isinstance(value, tuple):
        return tuple(forget(run, item) for item in value)
    if value is UNBOUND:
        return value
    return _anything(run, value)


def _forget_choice(run: Run, value: Choice) -> Value:
    grown = _grown(run, value)
    if grown is not None:
        return grown
    bound = [each for each in value.values if each is not UNBOUND]
    if bound and all(isinstance(each, Tensor) for each in bound):
        ranks = {each.shape.rank for each in bound}
        if len(ranks) == 1 and None not in ranks:
            dtype = bound[0].dtype if all(each.dtype == bound[0].dtype for each in bound) else None
            return Tensor(
                Shape(tuple(_any_size(run, 0) for _ in bound[0].shape.dims)),
                dtype,
                assumed=any(each.assumed for each in bound),
            )
    if all(isinstance(each, int | Expression) and not isinstance(each, bool) for each in bound):
        return _any_size(run, None)
    if not any(isinstance(each, Instance | FunctionValue | BoundMethod) for each in bound):
        return _anything(run, None if None in bound else value)
    return value if len(bound) < 4 else _anything(run, value)


def _any_like(run: Run, element: Value) -> Value:
    """What stands for the elements that the rounds of a loop give a list: tensors of one rank, pairs of such."""
    if isinstance(element, tuple):
        return tuple(_any_like(run, item) for item in element)
    return _any_of(run, element.values if isinstance(element, Choice) else (element,))


def _any_of(run: Run, parts: Sequence[Value]) -> Value:
    """What stands for each of some elements, and for those of later rounds."""
    if all(isinstance(each, Tensor) for each in parts):
        shapes = [run.facts.resolve(each.shape) for each in parts]
        if all(shape.rest == shapes[0].rest and len(shape.dims) == len(shapes[0].dims) for shape in shapes):
            rest = shapes[0].rest
            dims = tuple(
                column[0] if len(column) > 1 and len(set(column)) == 1 else _any_size(run, 0)
                for column in zip(*(shape.dims for shape in shapes), strict=True)
            )
            dtype = parts[0].dtype if all(each.dtype == parts[0].dtype for each in parts) else None
            if rest is None or len(parts) > 1:
                return Tensor(Shape(dims, rest), dtype, assumed=any(each.assumed for each in parts))
    if all(type(each) in (int, Expression) for each in parts):
        return _any_size(run, None)
    kinds = {each.kind if isinstance(each, Unknown) else type(each).__name__ for each in parts}
    kind = kinds.pop() if len(kinds) == 1 else ""
    return run.unknown("an element that changes from round to round", kind=kind if kind in _KINDS else "")


def _grown(run: Run, value: Choice) -> Repeated | None:
    """What stands for a tuple that becomes longer from round to round: `states = states + (x,)`."""
    items: list[Value] = []
    for each in value.values:
        if isinstance(each, tuple):
            items += each
        elif isinstance(each, Repeated) and each.kind == "tuple":
            items.append(each.element)
        else:
            return None
    lengths = {len(each) if isinstance(each, tuple) else None for each in value.values}
    return Repeated("tuple", _any_of(run, items)) if items and len(lengths) > 1 else None


_KINDS = frozenset(["float", "bool", "str"])


def _any_size(run: Run, minimum: int | None) -> Expression:
    return Expression.of(Symbol("n", (WIDENED, run.next_serial()), minimum))


def _anything(run: Run, value: Value) -> Unknown:
    return Unknown("a value that changes from round to round", (WIDENED, run.next_serial()), optional=value is None)


def stands_for(general: Value, special: Value) -> bool:
    """Whether a value, of a state that stands for several, stands for another one as well."""
    if general is special:
        return True
    if isinstance(general, Unknown) and _is_widened(general.key):
        return True
    if isinstance(general, Snapshot) and isinstance(special, Snapshot):
        return _snapshot_stands_for(general, special)
    if general is UNBOUND or special is UNBOUND:
        return False
    if isinstance(general, Repeated) and isinstance(special, Repeated):
        return general.kind == special.kind and stands_for(general.element, special.element)
    if isinstance(general, Repeated) and general.kind == "tuple" and isinstance(special, tuple):
        return general.length is None and all(stands_for(general.element, item) for item in special)
    if type(general) is Choice:
        parts = special.values if type(special) is Choice else (special,)
        return all(any(stands_for(each, part) for each in general.values) for part in parts)
    if type(special) is Choice:
        return all(stands_for(general, part) for part in special.values)
    if isinstance(general, Expression) and isinstance(special, int | Expression):
        return is_any_size(general) or general == special
    if isinstance(general, Tensor) and isinstance(special, Tensor):
        if general.shape.rest is not None and _is_widened(general.shape.rest.key):
            return True
        if general.shape.rank is not None and general.shape.rank == special.shape.rank:
            return all(map(stands_for, general.shape.dims, special.shape.dims)) and general.dtype in (
                None,
                special.dtype,
            )
    if isinstance(general, tuple) and isinstance(special, tuple):
        return len(general) == len(special) and all(map(stands_for, general, special))
    return alike(general, special)


def _is_widened(key: Any) -> bool:
    return isinstance(key, tuple) and key[:1] == (WIDENED,)


def one_of_many(run: Run, value: Tensor) -> Tensor:
    """One of the tensors that a list of them stands for: its sizes are its own."""
    sizes = {
        symbol: Expression.of(Symbol(symbol.name, ("fresh", run.next_serial()), symbol.minimum, symbol.generic))
        for dim in value.shape.dims
        if isinstance(dim, Expression)
        for symbol in dim.symbols()
        if _is_widened(symbol.key)
    }
    if not sizes:
        return value
    dims = tuple(dim.substitute(sizes) if isinstance(dim, Expression) else dim for dim in value.shape.dims)
    return Tensor(Shape(dims, value.shape.rest), value.dtype, value.device, assumed=value.assumed)


def is_any_size(value: Expression) -> bool:
    """Whether a number stands for any."""
    symbols = value.symbols()
    return len(symbols) == 1 and all(_is_widened(symbol.key) and value == Expression.of(symbol) for symbol in symbols)


def _snapshot_stands_for(general: Snapshot, special: Snapshot) -> bool:
    if isinstance(general.items, Opened):
        element = general.items.element
        if isinstance(element, Unknown) and element.key is None:
            return True
        if isinstance(special.items, Opened):
            return stands_for(element, special.items.element)
        return isinstance(special.items, tuple) and all(stands_for(element, item) for item in special.items)
    if (
        general.cls is OpenDict
        and not general.items
        and isinstance(general.extra, Unknown)
        and general.extra.key is None
    ):
        return True
    if general.cls is not special.cls:
        return False
    if isinstance(general.items, tuple):
        return len(general.items) == len(special.items) and all(map(stands_for, general.items, special.items))
    if isinstance(general.items, dict):
        return general.items.keys() == special.items.keys() and all(
            stands_for(value, special.items[key]) for key, value in general.items.items()
        )
    return bool(general.items == special.items)
