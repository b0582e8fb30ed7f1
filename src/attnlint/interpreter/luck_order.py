"""ATN201: axes that stand in another order than the operation takes them for.

Relative positions of the shape ``(T, T, heads)`` added to scores ``(B, heads, T, T)`` run where there are as many heads
as tokens. That the same axes in another order fit for every size tells that they were meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, permutations

from attnlint.algebra import Answer, Dim, Facts, Shape, symbols_of
from attnlint.interpreter.axis_order import (
    are_axes_of_one_parameter,
    are_unrelated,
    is_from_outside,
    is_known_to_be_square,
)
from attnlint.ops.call import Call
from attnlint.ops.complaint import BadArguments, CannotTell, Clash, Complaint
from attnlint.ops.einsum import ELLIPSIS, parsed
from attnlint.ops.registry import Op
from attnlint.values import ListValue, Tensor, Value

POINTWISE = frozenset("add sub mul div add_ sub_ mul_ div_ masked_fill masked_fill_".split())
EINSUMS = frozenset({"torch.einsum", "torch.functional.einsum"})
MOST_AXES = 4
LEAST_ALIKE = 4
"""Of two tensors with as many axes, fewer than these, one may be the other's transpose on purpose: ``a + a.T``."""


def another_order(op: Op, call: Call, before: Facts) -> Complaint | None:
    """A complaint about an operand whose axes fit in another order, and only by luck in the one they have."""
    if op.name in EINSUMS:
        return _swapped_letters(call, before) or _letter_twice(op, call, before)
    if op.name.rpartition(".")[2] in POINTWISE:
        return _turned_operand(op, call, before)
    return None


# --- broadcasting -----------------------------------------------------------------------------------------------------


def _turned_operand(op: Op, call: Call, before: Facts) -> Complaint | None:
    clash = next(
        (
            sides
            for left, right, sides in call.lucky
            if len(sides) == 2 and are_unrelated(left, right) and not is_known_to_be_square(op, call, left, right)
        ),
        None,
    )
    if clash is None or clash[0].argument == clash[1].argument:
        return None
    tensors = [call.arguments.get(side.argument) for side in clash]
    shapes = [before.resolve(tensor.shape) if isinstance(tensor, Tensor) else Shape(()) for tensor in tensors]
    large, small = (0, 1) if len(shapes[0].dims) > len(shapes[1].dims) else (1, 0)
    whole, turned = shapes[large], shapes[small]
    if whole.rest is not None or turned.rest is not None or len(turned.dims) < 2:
        return None
    if len(turned.dims) == len(whole.dims) < LEAST_ALIKE:
        return None
    tail = whole.dims[-len(turned.dims) :]
    order = _fitting_order(turned.dims, tail, before)
    result = tensors[large]
    if order is None or not isinstance(result, Tensor):
        return None
    if not all(map(is_from_outside, symbols_of(*(side.dim for side in clash if side.dim is not None)))):
        return None
    wanted = ", ".join(str(turned.dims[place]) for place in order)
    sides = (clash[large], clash[small])
    return Complaint(
        "ATN201",
        f"runs only where {sides[0].dim} equals {sides[1].dim}; as ({wanted}) its axes fit",
        advice=f"turn its axes first: `.permute({', '.join(map(str, order))})`",
        arguments=(sides[1].argument, sides[0].argument),
        clash=sides,
        recovery=replace(result, elements=None, strides=None, maker=None),
    )


def _fitting_order(dims: Sequence[Dim], wanted: Sequence[Dim], facts: Facts) -> tuple[int, ...] | None:
    """The order in which less must be equal: nothing more than in the order there is, and not all of that."""
    if len(dims) > MOST_AXES:
        return None
    as_they_are = _open_pairs(dims, wanted, facts)
    best: tuple[int, ...] | None = None
    least = as_they_are
    for order in permutations(range(len(dims))):
        turned = [dims[place] for place in order]
        if _stretched(turned, wanted) > _stretched(dims, wanted):
            continue  # where a 1 meets a size that met its like before, nothing fits better
        needed = _open_pairs(turned, wanted, facts)
        if needed is not None and least is not None and needed < least:
            best, least = order, needed
    return best


def _stretched(dims: Sequence[Dim], wanted: Sequence[Dim]) -> int:
    """How many axes of size 1 meet another size."""
    return sum((one == 1) != (other == 1) for one, other in zip(dims, wanted, strict=True))


def _open_pairs(dims: Sequence[Dim], wanted: Sequence[Dim], facts: Facts) -> frozenset[frozenset[Dim]] | None:
    """The pairs of sizes that would have to be equal and are not known to be; ``None`` when some cannot."""
    pairs = set()
    for one, other in zip(dims, wanted, strict=True):
        answer = facts.equal(one, other)
        if one == 1 or other == 1:
            continue
        if answer is Answer.NO:
            return None
        if answer is Answer.OPEN:
            pairs.add(frozenset((facts.normal(one), facts.normal(other))))
    return frozenset(pairs)


# --- einsum -----------------------------------------------------------------------------------------------------------


def _swapped_letters(call: Call, before: Facts) -> Complaint | None:
    equation, operands = call.arguments.get("equation"), _operands(call)
    if not isinstance(equation, str) or operands is None:
        return None
    letters = parsed(equation).operands
    shapes = [before.resolve(tensor.shape) for tensor in operands]
    if len(letters) != len(shapes) or any(ELLIPSIS in each for each in letters):
        return None
    if any(shape.rest is not None or len(shape.dims) != len(each) for shape, each in zip(shapes, letters, strict=True)):
        return None
    for index, (mine, shape) in enumerate(zip(letters, shapes, strict=True)):
        others = _agreed(
            [pair for place, pair in enumerate(zip(letters, shapes, strict=True)) if place != index], before
        )
        if others is None or any(set(theirs) == set(mine) for place, theirs in enumerate(letters) if place != index):
            continue  # `ij,ji->`: a square matrix and its transpose
        swap = _swap(mine, shape.dims, others, before)
        if swap is None:
            continue
        first, second = swap
        size, other = before.normal(shape.dims[first]), before.normal(others[mine[first]])
        if are_axes_of_one_parameter(size, other) or not all(map(is_from_outside, symbols_of(size, other))):
            continue
        turned = list(mine)
        turned[first], turned[second] = mine[second], mine[first]
        return Complaint(
            "ATN201",
            f"runs only where {size} equals {other}; with `{''.join(turned)}` for `{''.join(mine)}` it always fits",
            advice="name the axes in the order in which they stand",
            arguments=("equation", f"operands[{index}]"),
            clash=(Clash(f"operands[{index}]", first, size), Clash("equation", None, other)),
        )
    return None


def _letter_twice(op: Op, call: Call, before: Facts) -> Complaint | None:
    """A letter that stands twice in one operand, where two sizes have nothing to do with each other: a diagonal that is
    none. With two letters of the equation exchanged everything fits, for all sizes."""
    equation = call.arguments.get("equation")
    if not isinstance(equation, str) or _operands(call) is None:
        return None
    for left, right, sides in call.lucky:
        if len(sides) != 2 or sides[0].argument != sides[1].argument:
            continue
        if not are_unrelated(left, right) or are_axes_of_one_parameter(left, right):
            continue
        for meant in _with_two_exchanged(equation):
            if _always_fits(op, call, meant, before):
                return Complaint(
                    "ATN201",
                    f"runs only where {left} equals {right}; as `{meant}` it always fits",
                    advice="give each axis a letter of its own",
                    arguments=("equation", sides[0].argument),
                    clash=sides,
                )
    return None


def _with_two_exchanged(equation: str) -> Iterator[str]:
    """The equation with two of its letters in each other's place, neighbours first."""
    places = [place for place, letter in enumerate(equation) if letter.isalpha()]
    for first, second in sorted(combinations(places, 2), key=lambda pair: pair[1] - pair[0]):
        if equation[first] != equation[second]:
            letters = list(equation)
            letters[first], letters[second] = letters[second], letters[first]
            yield "".join(letters)


def _always_fits(op: Op, call: Call, equation: str, before: Facts) -> bool:
    trial = Call(call.name, {**call.arguments, "equation": equation}, before.fork(), call.overload, call.layer)
    try:
        op.rule(trial)
    except (Complaint, CannotTell, BadArguments):
        return False
    return not trial.lucky and not trial.may_broadcast


def _agreed(operands: Sequence[tuple[list[str], Shape]], facts: Facts) -> dict[str, Dim] | None:
    """The size of each letter of some operands; ``None`` when they do not agree by themselves."""
    sizes: dict[str, Dim] = {}
    for letters, shape in operands:
        for letter, dim in zip(letters, shape.dims, strict=True):
            if facts.equal(sizes.setdefault(letter, dim), dim) is not Answer.YES:
                return None
    return sizes


def _operands(call: Call) -> list[Tensor] | None:
    values = call.arguments.get("operands")
    if isinstance(values, tuple) and len(values) == 1 and isinstance(values[0], tuple | ListValue):
        values = values[0]
    items: Sequence[Value] = (
        values.items if isinstance(values, ListValue) else values if isinstance(values, tuple) else ()
    )
    tensors = [item for item in items if isinstance(item, Tensor)]
    return tensors if tensors and len(tensors) == len(items) else None


def _swap(letters: Sequence[str], dims: Sequence[Dim], others: dict[str, Dim], facts: Facts) -> tuple[int, int] | None:
    """The two places of an operand whose letters fit for every size only when they change places."""
    shared = [place for place, letter in enumerate(letters) if letter in others]
    wrong = [place for place in shared if facts.equal(dims[place], others[letters[place]]) is not Answer.YES]
    if len(wrong) != 2:
        return None
    first, second = wrong
    fits = (
        facts.equal(dims[first], others[letters[second]]) is Answer.YES
        and facts.equal(dims[second], others[letters[first]]) is Answer.YES
    )
    return (first, second) if fits else None
