"""ATN201: an operand that lacks an axis of size 1 where broadcasting lines its axes up with others from the right.

Weights of the shape ``(N,)`` times rows of ``(N, D)`` run only where N equals D. That they fit for every size with an
axis put in, ``(N, 1)``, tells that this was meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, combinations

from attnlint.algebra import Answer, Dim, Facts, Rest, Shape
from attnlint.frozen import replace
from attnlint.interpreter.axis_order import are_axes_of_one_parameter
from attnlint.ops.call import Call
from attnlint.ops.complaint import Clash, Complaint
from attnlint.ops.registry import Op
from attnlint.values import Tensor, Unknown, Value

POINTWISE = frozenset("add sub mul div add_ sub_ mul_ div_".split())
MOST_AXES = 5
_REDUCTIONS = frozenset("sum mean amax amin norm std".split())


def missing_axes(op: Op, call: Call, before: Facts) -> Complaint | None:
    """A complaint about an operand of fewer axes that fits by luck, and for every size with axes of size 1 put in."""
    if op.name.rpartition(".")[2] not in POINTWISE:
        return None
    met = list(chain(call.lucky, call.may_broadcast))
    for place, (left, right, sides) in enumerate(met):
        if len(met) == 1 and are_axes_of_one_parameter(left, right) and not _are_named_apart(call, left, right):
            continue  # that a matrix is square is mostly known: `adjacency / degree`
        if len(sides) == 2 and sides[0].argument != sides[1].argument:
            complaint = _complaint(call, before, sides, ", or one of them is 1" * (place >= len(call.lucky)))
            if complaint is not None:
                return complaint
    return None


def _are_named_apart(call: Call, left: Dim, right: Dim) -> bool:
    """Whether the author has two names for the axes, ``n, d = x.shape``, and one operand is what a reduction of the
    other without ``keepdim`` has left."""
    if not all(str(dim).isidentifier() for dim in (left, right)):
        return False
    values = [value for value in call.arguments.values() if isinstance(value, Tensor | Unknown)]
    for row, whole in (values, values[::-1]) if len(values) == 2 else ():
        maker = row.maker if isinstance(row, Tensor) else None
        if maker is not None and maker.operation.rpartition(".")[2] in _REDUCTIONS and maker.arguments:
            return _is_the_same(maker.arguments[0], whole)
    return False


def _is_the_same(one: Value, other: Value) -> bool:
    """Whether two values are one tensor, of which more may be known the second time."""
    if isinstance(one, Tensor) and isinstance(other, Tensor) and one.maker is not None:
        return one.maker is other.maker
    keys = [value.key if isinstance(value, Unknown) else None for value in (one, other)]
    if keys[0] is not None and keys[0] == keys[1]:
        return True
    labels = [value.label for value in (one, other) if isinstance(value, Tensor | Unknown)]
    return len(labels) == 2 and labels[0] == labels[1] != ""


def _complaint(call: Call, before: Facts, sides: tuple[Clash, ...], perhaps: str) -> Complaint | None:
    first, second = (_tensor(call.arguments.get(side.argument)) for side in sides)
    if first is None or second is None:
        return None
    shapes = (before.resolve(first.shape), before.resolve(second.shape))
    few, many = (0, 1) if len(shapes[0].dims) < len(shapes[1].dims) else (1, 0)
    short, whole = shapes[few].dims, shapes[many].dims
    if any(shape.rest is not None for shape in shapes) or not 0 < len(short) < len(whole) <= MOST_AXES:
        return None
    known = next((places for places in _other_places(short, whole) if _fits(short, whole, places, before)), None)
    if known is None:
        return None
    put_in = [str(short[known.index(place)]) if place in known else "1" for place in range(known[0], len(whole))]
    result = first if many == 0 else second
    return Complaint(
        "ATN201",
        f"runs only where {sides[few].dim} equals {sides[many].dim}{perhaps}; as ({', '.join(put_in)}) it fits for "
        "all sizes",
        advice=f"give it its axes first: `[{_index(known, len(whole))}]`",
        arguments=(sides[few].argument, sides[many].argument),
        clash=(sides[few], sides[many]),
        recovery=replace(result, elements=None, strides=None, maker=None),
    )


def _tensor(value: Value) -> Tensor | None:
    """An operand; a parameter of which nothing is said is a tensor here, too."""
    if isinstance(value, Unknown) and value.key is not None and value.kind in ("", "tensor"):
        return Tensor(Shape((), Rest(("shape", value.key), value.label)), label=value.label)
    return value if isinstance(value, Tensor) else None


def _other_places(short: Sequence[Dim], whole: Sequence[Dim]) -> Iterator[tuple[int, ...]]:
    """The places among the axes of the whole that the axes of the short one may have, save for the last ones."""
    last = tuple(range(len(whole) - len(short), len(whole)))
    return (places for places in combinations(range(len(whole)), len(short)) if places != last)


def _fits(short: Sequence[Dim], whole: Sequence[Dim], places: Sequence[int], facts: Facts) -> bool:
    """Whether each axis meets one of its own size, none of them a 1."""
    return all(
        dim != 1 and whole[place] != 1 and facts.equal(dim, whole[place]) is Answer.YES
        for dim, place in zip(short, places, strict=True)
    )


def _index(places: Sequence[int], rank: int) -> str:
    return ", ".join(":" if place in places else "None" for place in range(places[0], rank))
