"""A row of blocks that differ in the number that each was made with: ``[Block(width, i) for i in range(12)]``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnlint.algebra import Expression, Symbol
from attnlint.interpreter.joins import alike
from attnlint.interpreter.objects import ClassValue
from attnlint.interpreter.widening import WIDENED, is_any_size
from attnlint.values import Instance, ListValue, Value

if TYPE_CHECKING:
    from attnlint.interpreter.run import Run

DEEPEST = 8


def any_of_a_row(run: Run, left: Value, right: Value) -> Instance | None:
    """One block that stands for either; ``None`` where they differ in more than numbers and rates of their own.

    The sizes of torch's layers are no such numbers: blocks of several widths are kept apart.
    """
    if isinstance(left, Instance) and isinstance(right, Instance) and isinstance(left.cls, ClassValue):
        found = _merged(run, left, right, DEEPEST, numbers=False)
        return None if found is None else found[0]
    return None


def _merged(run: Run, left: Value, right: Value, depth: int, *, numbers: bool) -> tuple[Value] | None:
    """The merged value in a 1-tuple. ``numbers``: what differs may be a number that a block keeps."""
    if alike(left, right):
        return (left,)
    if depth == 0:
        return None
    if _is_number(left) and _is_number(right):
        if not numbers:
            return None
        known = isinstance(left, Expression) and is_any_size(left)
        return (left if known else Expression.of(Symbol("n", (WIDENED, run.next_serial()), None)),)
    if isinstance(left, float) and isinstance(right, float):
        return (run.fresh("a rate that differs from block to block", kind="float"),)
    if isinstance(left, ListValue) and isinstance(right, ListValue) and len(left.items) == len(right.items):
        items = _each(run, zip(left.items, right.items, strict=True), depth)
        return None if items is None else (run.store.born(ListValue(items)),)
    if not (isinstance(left, Instance) and isinstance(right, Instance) and left.cls == right.cls):
        return None
    if left.key != right.key or left.attributes.keys() != right.attributes.keys():
        return None
    attributes: dict[str, Value] = {}
    for name, value in left.attributes.items():
        found = _merged(run, value, right.attributes[name], depth - 1, numbers=isinstance(left.cls, ClassValue))
        if found is None:
            return None
        attributes[name] = found[0]
    return (run.store.born(Instance(left.cls, attributes, key=left.key, label=left.label, origin=left.origin)),)


def _each(run: Run, pairs: zip[tuple[Value, Value]], depth: int) -> list[Value] | None:
    found = [_merged(run, one, other, depth - 1, numbers=False) for one, other in pairs]
    return None if None in found else [each[0] for each in found if each is not None]


def _is_number(value: Value) -> bool:
    return isinstance(value, int | Expression) and not isinstance(value, bool)
