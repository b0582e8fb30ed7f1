"""Operands whose axes stand in another order than was meant.

A demand that is open is assumed to hold. Where it would hold for all sizes if two axes of an operand changed places,
and as it stands it holds only where two unrelated sizes are equal, the author has mixed the two axes up: letters of an
einsum, an axis order, a transposition that was dropped. The rule of the op itself says whether an order fits.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from attnlint.algebra import Answer, Dim, Expression, Facts, Rest, Shape, Symbol, symbols_of
from attnlint.algebra.opaque import Opaque
from attnlint.interpreter.turning import is_multiplied_on_both_sides, is_turned_on_purpose, same_in_another_order
from attnlint.ops.call import Call
from attnlint.ops.complaint import BadArguments, CannotTell, Clash, Complaint
from attnlint.ops.registry import Op
from attnlint.values import ListValue, Tensor, Value

PRODUCTS = frozenset({"matmul", "bmm", "mm", "einsum"})

MOST_AXES = 4
"""Of operands with more axes only exchanges of two are tried."""


@dataclass(frozen=True, slots=True)
class Order:
    """An operand with its sizes in other places."""

    argument: str
    operand: Tensor


@dataclass(frozen=True, slots=True)
class Fit:
    """An order in which a call demands less that is open, and what the call gives then."""

    complaint: Complaint
    facts: Facts


JOINS = frozenset("cat concat concatenate".split())


def _is_sum(size: Dim) -> bool:
    return isinstance(size, Expression) and len(size.terms) > 1


def fitting_order(op: Op, call: Call, before: Facts, ambiguous: frozenset[int]) -> Fit | None:
    """Whether a call that was assumed to fit would fit for all sizes, did the axes of an operand change places.

    ``ambiguous``: numbers that say nothing when they are equal.
    """
    if same_in_another_order(call) or _is_trace(call):
        # `x + x.transpose(1, 2)`: that the two axes are of one size is what the author knows of `x`.
        return None
    for left, right, clash in itertools.chain(call.lucky, call.may_broadcast):
        if not are_unrelated(left, right) or is_known_to_be_square(op, call, left, right):
            continue
        if op.name.rpartition(".")[2] in JOINS and _is_sum(left) and _is_sum(right):
            continue  # blocks of one matrix: `[[K, P], [P.T, 0]]` of points and as many others
        for side in clash:
            if side.axis is None or side.dim is None:
                continue
            other = right if before.normal(side.dim) == left else left
            if isinstance(other, int) and other in ambiguous:
                continue
            for order in _orders(call, before, side, other):
                fit = _fit(op, call, before, order, (left, right), clash)
                if fit is not None:
                    return fit
    return None


def are_unrelated(left: Dim, right: Dim) -> bool:
    """Whether each side has a size of its own that the other knows nothing of."""
    first, second = symbols_of(left), symbols_of(right)
    if not all(map(is_from_outside, first | second)):
        return False
    if isinstance(left, int) or isinstance(right, int):
        # `x.view(batch, 6, -1)` of as many rows as `batch` says: a share that must come to a number is no coincidence.
        return bool(first or second) and not any(map(_is_share, (left, right)))
    return bool(first - second and second - first)


def _is_share(size: Dim) -> bool:
    """Whether a size is a quotient and nothing else: the number of patches of an image is a product of two."""
    if not isinstance(size, Expression) or len(size.terms) != 1:
        return False
    powers = next(iter(size.terms)).powers
    return len(powers) == 1 and all(
        isinstance(atom, Opaque) and atom.operation == "floordiv" and power == 1 for atom, power in powers.items()
    )


def is_known_to_be_square(op: Op, call: Call, left: Dim, right: Dim) -> bool:
    """Whether two sizes differ in nothing but two axes of one parameter, and the author may know that it is square.

    ``degree @ adjacency @ degree``, a quarter turn of an image: matrices are mostly square where they are multiplied,
    whether or not both axes have names. Not so what layers made of an image, added with its axes exchanged.
    """
    if op.name.rpartition(".")[2] in PRODUCTS and is_multiplied_on_both_sides(call):
        return True
    if not are_axes_of_one_parameter(left, right) or len(_equal_by_luck(call)) > 2:
        return False
    if op.name.rpartition(".")[2] in PRODUCTS or is_turned_on_purpose(call):
        return True
    return not any(map(is_made_by_a_layer, call.arguments.values()))


def _equal_by_luck(call: Call) -> frozenset[Dim]:
    """The sizes that a call takes to be equal, and that need not be: three of them are no square."""
    return frozenset(size for left, right, _ in call.lucky for size in (left, right))


def is_made_by_a_layer(value: Value, depth: int = 12) -> bool:
    """Whether a layer or learnt weights have had part in a tensor; a long history is taken for one."""
    if isinstance(value, tuple):
        return any(is_made_by_a_layer(item, depth) for item in value)
    if not isinstance(value, Tensor):
        return False
    maker = value.maker
    if value.is_parameter or maker is None:
        return value.is_parameter
    whole = maker if maker.whole is None else maker.whole
    return depth == 0 or whole.layer is not None or is_made_by_a_layer(whole.arguments, depth - 1)


def are_axes_of_one_parameter(left: Dim, right: Dim) -> bool:
    """Whether two sizes differ in nothing but two axes of one parameter."""
    first, second = symbols_of(left), symbols_of(right)
    owners = {_axis_of(symbol) for symbol in first ^ second}
    return bool(first - second and second - first) and len(owners) == 1 and None not in owners


def _axis_of(symbol: Symbol) -> object:
    """The parameter, or an attribute of one, that a size is an axis of."""
    key = symbol.key
    return key[1] if isinstance(key, tuple) and len(key) == 3 and key[0] == "axis" else None


def is_from_outside(symbol: Symbol) -> bool:
    """A size that comes in as a parameter, an attribute of one, or an axis of one.

    What was worked out on the way and is not known may be equal to anything.
    """
    key = symbol.key
    if isinstance(key, tuple) and len(key) == 3 and key[0] == "axis":
        key = key[1]
        return isinstance(key, tuple) and len(key) == 2 and key[0] == "shape" and _is_parameter(key[1])
    return isinstance(key, tuple) and len(key) == 2 and key[0] == "int" and _is_parameter(key[1])


def _is_parameter(key: object) -> bool:
    while isinstance(key, tuple) and len(key) > 1 and key[0] == "attribute":
        key = key[1]
    return isinstance(key, tuple) and bool(key) and key[0] == "parameter"


def _orders(call: Call, before: Facts, side: Clash, other: Dim) -> Iterator[Order]:
    """The operand of one side of the clash in the orders that put the wanted size in the place of the clash."""
    operand = call.operand(side.argument)
    if operand is None or side.axis is None:
        return
    if isinstance(other, int) and operand.maker is not None and operand.maker.operation.rpartition(".")[2] == "pad":
        # One frame and two of padding are three, as are the colours.
        return
    shape = before.resolve(operand.shape)
    if shape.rest is not None and side.axis >= 0:
        return
    dims = shape.dims
    if len(dims) < 2 or not -len(dims) <= side.axis < len(dims):
        return
    place = side.axis % len(dims)
    here = dims[place]
    wanted = [
        index
        for index, there in enumerate(dims)
        if index != place and there not in (here, 1) and before.equal(there, other) is Answer.YES
    ]
    for index in wanted:
        yield _in_order(side.argument, operand, shape, {place: dims[index], index: here})
    if not wanted and isinstance(here, Expression):
        # A part of an axis, `(h n)`, changes places with another axis.
        for index, there in enumerate(dims):
            for symbol in here.symbols() if index != place and there != 1 else ():
                part = Expression.of(symbol)
                meant = here.substitute({symbol: there})
                if part not in (there, here) and before.equal(meant, other) is Answer.YES:
                    yield _in_order(side.argument, operand, shape, {place: meant, index: part})
    if wanted and len(dims) <= MOST_AXES and shape.rest is None:
        for permutation in itertools.permutations(range(len(dims))):
            moved = sum(index != source for index, source in enumerate(permutation))
            if moved > 2 and permutation[place] in wanted:
                new = {index: dims[source] for index, source in enumerate(permutation)}
                yield _in_order(side.argument, operand, shape, new)


def _in_order(argument: str, operand: Tensor, shape: Shape, new: dict[int, Dim]) -> Order:
    dims = tuple(new.get(index, dim) for index, dim in enumerate(shape.dims))
    changed = replace(operand, shape=Shape(dims, shape.rest), strides=None, axes=None, elements=None, maker=None)
    return Order(argument, changed)


def _fit(
    op: Op, call: Call, before: Facts, order: Order, sizes: tuple[Dim, Dim], clash: tuple[Clash, ...]
) -> Fit | None:
    """What the op says of the operand in another order; ``None`` unless it demands less of the sizes then."""
    facts = before.fork()
    trial = Call(
        call.name,
        _with_operand(call, order),
        facts,
        call.overload,
        call.layer,
        call.inplace,
        exact_dtypes=call.exact_dtypes,
        because=call.because,
    )
    try:
        value = op.rule(trial)
    except (Complaint, CannotTell, BadArguments):
        return None
    if _open_demands(trial) >= _open_demands(call) or not isinstance(value, Tensor | tuple):
        return None
    left, right = sizes
    perhaps = "" if call.lucky else ", or one of them is 1"
    complaint = Complaint(
        "ATN201",
        f"runs only where {left} equals {right}{perhaps}; with the axes of one operand in another order it always fits",
        advice=f"the operation expects {order.operand.shape} there",
        arguments=(order.argument,),
        clash=clash,
        # Which of several orders was meant is not known.
        recovery=Tensor(Shape((), Rest(object())), value.dtype) if isinstance(value, Tensor) else None,
    )
    return Fit(complaint, facts)


def _open_demands(call: Call) -> int:
    return len(call.lucky) + len(call.may_broadcast)


def _with_operand(call: Call, order: Order) -> dict[str, Value]:
    name, _, index = order.argument.partition("[")
    found = dict(call.arguments)
    value = found[name]
    if isinstance(value, ListValue):
        value = tuple(value.items)
    if not index or not isinstance(value, tuple):
        found[name] = order.operand
    elif len(value) == 1 and isinstance(value[0], tuple):
        found[name] = (_replaced(value[0], index, order.operand),)
    else:
        found[name] = _replaced(value, index, order.operand)
    return found


def _replaced(values: tuple[Value, ...], index: str, operand: Tensor) -> tuple[Value, ...]:
    number = int(index.rstrip("]"))
    return (*values[:number], operand, *values[number + 1 :])


def _is_trace(call: Call) -> bool:
    """`ij,ji->`: square matrices."""
    equation = call.arguments.get("equation")
    operands = (
        [frozenset(part.strip()) for part in equation.partition("->")[0].split(",")]
        if isinstance(equation, str)
        else []
    )
    return len(operands) != len(set(operands))
