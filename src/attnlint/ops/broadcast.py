"""Broadcasting: the one mechanism for every op that aligns shapes from the last axis.

Two sizes that meet on an axis must be equal, or one of them 1. With symbolic sizes:

- provably equal: that size; one provably 1: the other;
- provably different and neither can be 1: a complaint;
- neither is 1 (a generic symbol is not) and equality is open: it must have held, and is learned;
- one of them may be 1 and the other is not: the result is the other, and nothing is learned;
- both may be 1: the result is a symbol that stands for the pair, and nothing is learned.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from attnlint.algebra import Answer, Dim, Expression, Rest, Shape, Symbol
from attnlint.algebra.extrema import single_atom
from attnlint.algebra.opaque import Opaque
from attnlint.frozen import replace
from attnlint.ops.call import Call
from attnlint.ops.complaint import Clash, Complaint
from attnlint.values import Axis, Tensor

Operand = tuple[str, Tensor]
"""A tensor operand and the name of its parameter."""


def broadcast(call: Call, operands: Sequence[Operand], *, code: str = "ATN106") -> Shape:
    """The shape that all operands are broadcast to; complains when they do not fit."""
    return broadcast_shapes(call, [(name, tensor.shape) for name, tensor in operands], code=code)


def broadcast_shapes(call: Call, operands: Sequence[tuple[str, Shape]], *, code: str = "ATN106") -> Shape:
    """As :func:`broadcast`, for shapes."""
    name, shape = operands[0]
    for other_name, other in operands[1:]:
        shape = _broadcast_pair(call, (name, shape), (other_name, other), code)
        if len(other.dims) == len(shape.dims) and other.rank == shape.rank:
            name = other_name  # the one whose axes most of the result's are
    return shape


def before_matrices(clash: tuple[Clash, ...]) -> tuple[Clash, ...]:
    """Axes of the batch as axes of the operands."""
    return tuple(replace(side, axis=None if side.axis is None else side.axis - 2) for side in clash)


def broadcast_dim(
    call: Call, left: Dim, right: Dim, complaint: Callable[[], Complaint], clash: tuple[Clash, ...] = ()
) -> Dim:
    """The size of an axis on which two sizes meet."""
    if isinstance(left, int) and isinstance(right, int):
        if left == right or right == 1:
            return left
        if left == 1:
            return right
        raise complaint()
    facts = call.facts
    same = facts.equal(left, right)
    if same is Answer.YES:
        return facts.normal(left)
    left_one, right_one = facts.is_one(left), facts.is_one(right)
    if left_one is Answer.YES:
        return right
    if right_one is Answer.YES:
        return left
    if left_one is Answer.NO and right_one is Answer.NO:
        return call.demand_equal(left, right, complaint, clash)
    for whole, part in ((left, right), (right, left)):
        if _is_at_most(facts.normal(part), facts.normal(whole)):
            # Torch refuses `x + table[: len(x)]` wherever the table is too short, unless it has one row.
            return facts.normal(whole)
    call.may_broadcast.append((left, right, clash))
    if left_one is Answer.NO:
        return left
    if right_one is Answer.NO:
        return right
    return joined_size(left, right)


def _is_at_most(part: Dim, whole: Dim) -> bool:
    """Whether a size is the other one, cut to what there is: `min(n, 512)` and `n`."""
    atom = single_atom(part)
    return isinstance(atom, Opaque) and atom.operation == "min" and whole in atom.arguments


def joined_size(left: Dim, right: Dim) -> Expression:
    """The size of an axis where two sizes meet that may each be 1: the same symbol for the same two sizes."""
    key = ("broadcast", frozenset((left, right)))
    if len(_JOINED_KEYS) > _MOST_KEYS:
        _JOINED_KEYS.clear()
    name = f"{left}, {right}"
    return Expression.of(
        Symbol(
            f"broadcast({name})" if len(name) <= _LONGEST_NAME else "broadcast(...)",
            key=_JOINED_KEYS.setdefault(key, key),
            minimum=0,
        )
    )


_JOINED_KEYS: dict[Hashable, Hashable] = {}
"""The key of two sizes, one object for all: of sizes that were joined many times over, equal keys that are two objects
would be compared part by part, and the parts double with each time."""
_MOST_KEYS = 10_000
_LONGEST_NAME = 400


def _broadcast_pair(call: Call, left: tuple[str, Shape], right: tuple[str, Shape], code: str) -> Shape:
    (left_name, a), (right_name, b) = left, right
    if a is b or a == b:
        return a
    common = min(len(a.dims), len(b.dims))
    dims: list[Dim] = []
    for back in range(1, common + 1):
        clash = (Clash(left_name, -back, a.dims[-back]), Clash(right_name, -back, b.dims[-back]))
        dims.append(
            broadcast_dim(call, a.dims[-back], b.dims[-back], lambda: _mismatch(code, clash, a, b), clash)  # noqa: B023
        )
    dims.reverse()
    longer, other = (a, b) if len(a.dims) >= len(b.dims) else (b, a)
    extra = longer.dims[: len(longer.dims) - common]
    if other.rest is None:
        return Shape((*extra, *dims), longer.rest)
    if not extra and (longer.rest is None or longer.rest == other.rest):
        return Shape(tuple(dims), other.rest)
    # The shorter operand goes on in front, unknown: sizes of the longer one that are not 1 stand.
    front = [
        size if call.facts.is_one(size) is Answer.NO else joined_to_rest(size, other.rest, len(extra) - place)
        for place, size in enumerate(extra)
    ]
    keys = frozenset(((other.rest.key, len(extra)), (None if longer.rest is None else longer.rest.key, 0)))
    result = Shape((*front, *dims), Rest(("broadcast", keys), other.rest.name))
    call.facts.learn_least_rank(result, max(call.facts.least_rank(a), call.facts.least_rank(b)))
    return result


def joined_to_rest(size: Dim, rest: Rest, place: int) -> Expression:
    """The size of an axis where a size that may be 1 meets an axis of a shape that is not known."""
    return Expression.of(Symbol("n", key=("broadcast", size, rest.key, place), minimum=0))


def _mismatch(code: str, clash: tuple[Clash, ...], left: Shape, right: Shape) -> Complaint:
    a, b = clash
    return Complaint(
        code,
        f"sizes {a.dim} and {b.dim} at axis {a.axis} differ and neither is 1",
        arguments=(a.argument, b.argument),
        clash=clash,
        advice=_advice(left, right),
    )


def _advice(left: Shape, right: Shape) -> str:
    """Which new axis would make the shapes fit, when there is just one way."""
    for shape, longer, text in ((left, right, "first"), (right, left, "second")):
        if shape.rank is None or longer.rank is None or shape.rank >= longer.rank:
            continue
        places = [
            place
            for place in range(1, len(shape.dims) + 1)
            if _fits((*shape.dims[:place], 1, *shape.dims[place:]), longer.dims)
        ]
        if len(places) == 1:
            return f"`.unsqueeze({places[0] - len(shape.dims) - 1})` on the {text} would line the axes up"
    return "sizes are aligned from the last axis: add or move axes so that each pair is equal or has a 1"


def _fits(dims: Sequence[Dim], longer: Sequence[Dim]) -> bool:
    return all(a == b or a == 1 or b == 1 for a, b in zip(reversed(dims), reversed(longer), strict=False))


def expand_into(
    call: Call,
    name: str,
    shape: Shape,
    target: Shape,
    *,
    code: str = "ATN106",
    target_name: str = "input",
    what: Callable[[Dim, Dim, int], str] | None = None,
) -> None:
    """Demand that ``shape`` broadcasts to exactly ``target``: in-place results, ``expand_as``,
    values of an assignment.
    """
    facts = call.facts
    if target.rank is not None and len(shape.dims) > len(target.dims):
        raise Complaint(
            code,
            f"{name} has {'at least ' * (shape.rank is None)}{len(shape.dims)} dimensions, more than the"
            f" {len(target.dims)} of {target_name}",
            arguments=(name, target_name),
            clash=(Clash(name, None), Clash(target_name, None)),
            about_rank=True,
        )
    for back in range(1, min(len(shape.dims), len(target.dims)) + 1):
        size, wanted = shape.dims[-back], target.dims[-back]
        same = facts.equal(size, wanted)
        one = facts.is_one(size)
        if same is Answer.YES or one is Answer.YES:
            continue
        clash = (Clash(name, -back, size), Clash(target_name, -back, wanted))
        text = what(size, wanted, -back) if what else f"size {size} of {name} does not fit {wanted} at axis {-back}"

        def complain(clash: tuple[Clash, ...] = clash, text: str = text) -> Complaint:
            return Complaint(code, text, arguments=(name, target_name), clash=clash)

        if one is Answer.NO:
            call.demand_equal(size, wanted, complain, clash)
        elif same is Answer.NO and isinstance(size, int):
            raise complain()


def broadcast_axes(operands: Sequence[Tensor], count: int) -> tuple[Axis, ...] | None:
    """The histories of the last ``count`` axes of a broadcast result: of the operand whose size it is, the first one
    where several are.
    """
    full: list[Axis] = []
    for back in range(count, 0, -1):
        found, may_be_wider = None, False
        for operand in operands:
            if len(operand.shape.dims) < back:
                may_be_wider = may_be_wider or operand.shape.rest is not None
                continue
            dim = operand.shape.dims[-back]
            if isinstance(dim, int) and dim == 1:
                if operand.axes is not None and len(operand.axes) == len(operand.shape.dims):
                    found = found or operand.axes[-back]
            elif operand.axes is None or len(operand.axes) != len(operand.shape.dims):
                may_be_wider = True
            else:
                found, may_be_wider = operand.axes[-back], False
                break
        if found is None or may_be_wider:
            return None
        full.append(found)
    return tuple(full)
